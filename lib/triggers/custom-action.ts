import type { Envelope } from './envelope.ts';
import { type Fields, fields, list, text } from './fields.ts';
import { targetOf } from './finding-resource.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { gravest, ignored, isRefusal, malformed, type Refusal } from './outcome.ts';
import { merged } from './route.ts';
import { resourceOf } from './securityhub.ts';

/**
 * "Security Hub Findings - Custom Action": a person chose findings and pressed a button. Every resource of theirs is looked
 * at, whatever a finding's state, product or compliance, Suture's own findings too: this is no answer to an import. What may
 * then be written is decided as for any other event.
 */
export function matchCustomAction(envelope: Envelope, context: MatchContext): Match {
  const { findings, actionName } = envelope.detail;
  if (!Array.isArray(findings)) return malformed('detail.findings is not a list.');
  if (findings.length === 0) return ignored('The custom action was sent without a finding.');
  // When the button was pressed; the findings may be old.
  const { time } = envelope;
  if (!time) return malformed('The envelope\'s "time" is no time in ISO 8601.');

  const found = findings.map(fields).flatMap((finding) => targetsOf(finding, envelope, context));
  const targets = found.filter((one) => !isRefusal(one)) as readonly Target[];
  const refusals = found.filter(isRefusal);
  if (targets.length === 0) return gravest(refusals)!;
  const ids = findings.flatMap((finding) => text(fields(finding).Id) ?? []);
  return {
    outcome: 'matched',
    cause: {
      source: 'custom-action',
      eventId: `${ids[0] ?? ''}@${time}`,
      eventName: text(actionName) ?? 'custom action',
      time,
      origin: 'looks',
    },
    targets: merged(targets),
    ...(refusals.length > 0 && { passedOver: refusals.map(({ reason }) => reason) }),
  };
}

function targetsOf(finding: Fields, envelope: Envelope, context: MatchContext): readonly (Target | Refusal)[] {
  const account = text(finding.AwsAccountId);
  if (!text(finding.Id) || !account) return [malformed('The finding has no Id or no AwsAccountId.')];
  // Unlike an imported finding, it comes nowhere else.
  if (account !== envelope.account)
    return [ignored(`A finding is about account ${account}, and Suture acts only in its own: choose it there.`)];
  const resources = list(finding.Resources);
  if (resources.length === 0) return [malformed('The finding names no Resources.')];
  return resources.map((_, index) => {
    const resource = resourceOf(finding, index);
    return targetOf({ ...resource, region: resource.region ?? text(finding.Region) }, envelope, context);
  });
}
