import type { Origin } from '../../control.ts';
import type { TypeName } from '../../resource.ts';
import type { Arn } from '../arn.ts';
import type { Fields } from '../fields.ts';

/** What an event names: an id of a type, or a name that one of the type's lookups turns into ids. */
export interface Named {
  readonly type: TypeName;
  /** The id, or the resource's whole ARN where the call may be given one: the caller of the locator reads it then. */
  readonly id: string;
  /** Where the resource lies, when the call says so and it need not be the event's region. */
  readonly region?: string;
  readonly lookup?: string;
}

/** A successful write as CloudTrail records it. Either object is empty where the event has none. */
export interface ApiCall {
  readonly name: string;
  readonly region: string;
  readonly parameters: Fields;
  readonly response: Fields;
}

/** What one service's events say about which resource they are about. Pure; a new service is one such value in one file. */
export interface Locator {
  /** CloudTrail's `eventSource`. */
  readonly source: `${string}.amazonaws.com`;
  /** The service's name in ARNs. */
  readonly namespace: string;
  readonly types: readonly TypeName[];
  /** What the call touched, as the call names it; nothing when it does not, or hides it. */
  call(call: ApiCall): readonly Named[];
  /** What an ARN of this service is; `undefined` for a type that nobody here judges. */
  arn(arn: Arn): Named | undefined;
  /** What AWS Config's `resourceId`, or a bare id in a finding, is; `undefined` when it cannot be an id of that type. */
  id(type: TypeName, id: string): Named | undefined;
  /** What the call really proves, where it proves less than its name says. */
  proves?(call: ApiCall, claimed: Origin): Origin;
}
