import type { Origin } from './control.ts';

/** What woke us, and who caused it as far as the event tells. It goes to decide, finding and evidence, never to a control. */
export interface Cause {
  readonly source: 'cloudtrail' | 'config' | 'securityhub' | 'guardduty' | 'custom-action' | 'agenda' | 'operator';
  /** Identity of the event for a reader: CloudTrail eventID, Config rule ARN or resource id with time, finding id with time; '' where there is none. */
  readonly eventId: string;
  /** CloudTrail event name, Config rule name, a recorded item's type and status, the control or type of a finding, or the custom action's name. */
  readonly eventName: string;
  /** When it happened, ISO 8601; the event's own time, not its delivery. */
  readonly time: string;
  readonly origin: Origin | 'deletes';
  readonly principal?: Principal;
  /** Caller's address or the AWS service that called; as CloudTrail gives it. */
  readonly sourceAddress?: string;
  readonly userAgent?: string;
}

/** Who did it: CloudTrail's userIdentity, reduced to what names a person or role. */
export interface Principal {
  /** CloudTrail `userIdentity.type`: Root, IAMUser, AssumedRole, AWSService ... */
  readonly type: string;
  readonly arn?: string;
  readonly accountId?: string;
  /** The role behind a session: `sessionContext.sessionIssuer.arn`. The session's own name is the caller's choice. */
  readonly issuerArn?: string;
  /** The AWS service acting for somebody, e.g. `cloudformation.amazonaws.com`. */
  readonly invokedBy?: string;
}
