import { matchCloudTrail } from './cloudtrail.ts';
import { matchConfig } from './config.ts';
import { type Envelope, openEnvelope } from './envelope.ts';
import type { Match, MatchContext } from './match.ts';
import { ignored, isRefusal, malformed } from './outcome.ts';
import { matchSecurityHub } from './securityhub.ts';

export type { Match, MatchContext, Target } from './match.ts';

interface Route {
  /**
   * The envelope's `source`. Whoever may put events may write any detail-type, but no source that begins with `aws.`;
   * software partners of AWS have `aws.partner/`, and write what they like too.
   */
  readonly from: RegExp;
  readonly match: (envelope: Envelope, context: MatchContext) => Match;
}

/** One line per kind of event. By detail-type first: `aws.config` and `aws.securityhub` send API calls too. */
const ROUTES: ReadonlyMap<string, Route> = new Map([
  ['AWS API Call via CloudTrail', { from: /^aws\.(?!partner\/)/, match: matchCloudTrail }],
  ['Config Rules Compliance Change', { from: /^aws\.config$/, match: matchConfig }],
  ['Security Hub Findings - Imported', { from: /^aws\.securityhub$/, match: matchSecurityHub }],
]);

/**
 * Where one EventBridge event leads: pure, no AWS call, and it throws for nothing that an event may hold.
 *
 * Account and region are the envelope's; a detail that names others is malformed, and nothing is touched. Only one kind
 * of target lies elsewhere: a bucket created from here in another region, since no event of that call comes there.
 * A finding about a resource in another region is ignored, because it comes there as well.
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
