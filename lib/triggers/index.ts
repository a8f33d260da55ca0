import { matchCloudTrail } from './cloudtrail.ts';
import { matchConfig } from './config.ts';
import { matchConfigItem } from './config-item.ts';
import { matchCustomAction } from './custom-action.ts';
import { type Envelope, openEnvelope } from './envelope.ts';
import { matchGuardDuty } from './guardduty.ts';
import type { Match, MatchContext } from './match.ts';
import { ignored, isRefusal, malformed } from './outcome.ts';
import { matchSecurityHub } from './securityhub.ts';
import { matchSecurityHubV2 } from './securityhub-v2.ts';
import { matchServiceEvent } from './service-event.ts';
import { matchSignIn } from './signin.ts';

export type { Match, MatchContext, Target } from './match.ts';

interface Route {
  /**
   * The envelope's `source`. Whoever may put events may write any detail-type, but no source that begins with `aws.`;
   * software partners of AWS have `aws.partner/`, and write what they like too.
   */
  readonly from: RegExp;
  readonly match: (envelope: Envelope, context: MatchContext) => Match;
}

/** One line per kind of event. By detail-type first: `aws.config`, `aws.guardduty` and `aws.securityhub` send API calls too. */
const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['AWS API Call via CloudTrail', { from: /^aws\.(?!partner\/)/, match: matchCloudTrail }],
  ['AWS Service Event via CloudTrail', { from: /^aws\.(?!partner\/)/, match: matchServiceEvent }],
  ['AWS Console Sign In via CloudTrail', { from: /^aws\.signin$/, match: matchSignIn }],
  ['Config Rules Compliance Change', { from: /^aws\.config$/, match: matchConfig }],
  ['Config Configuration Item Change', { from: /^aws\.config$/, match: matchConfigItem }],
  ['GuardDuty Finding', { from: /^aws\.guardduty$/, match: matchGuardDuty }],
  ['Security Hub Findings - Imported', { from: /^aws\.securityhub$/, match: matchSecurityHub }],
  ['Security Hub Findings - Custom Action', { from: /^aws\.securityhub$/, match: matchCustomAction }],
  ['Findings Imported V2', { from: /^aws\.securityhub$/, match: matchSecurityHubV2 }],
]);

/**
 * Where one EventBridge event leads: pure, no AWS call, and it throws for nothing that an event may hold.
 *
 * Account and region are the envelope's; a detail that names others is malformed, and nothing is touched. Only one kind
 * of target lies elsewhere: a bucket created from here in another region, since no event of that call comes there.
 * A finding about a resource in another region is ignored, because it comes there as well. Where a person chose several
 * findings, what is not of here is passed over with its reason.
 */
export function match(event: unknown, context: MatchContext): Match {
  const envelope = openEnvelope(event);
  if (isRefusal(envelope)) return envelope;
  const route = ROUTES.get(envelope.detailType);
  if (!route) return ignored(`Events of the kind "${envelope.detailType}" are not handled.`);
  if (!route.from.test(envelope.source))
    return malformed(
      `AWS does not send "${envelope.detailType}" from ${envelope.source}: anybody may have put it on the bus.`,
    );
  return route.match(envelope, context);
}
