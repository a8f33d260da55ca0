import type { Cause } from '../cause.ts';
import { type Envelope, isAccount } from './envelope.ts';
import { type Fields, fields, isoTime, list, text } from './fields.ts';
import { type FindingResource, targetOf } from './finding-resource.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { gravest, ignored, isRefusal, malformed } from './outcome.ts';
import { merged } from './route.ts';

/**
 * "Security Hub Findings - Imported": sent for every new finding and every update of one, ours too. It leads to every
 * control of the resource's type. AWS sends one finding per event; should several come, the first that leads anywhere
 * is the cause.
 */
export function matchSecurityHub(envelope: Envelope, context: MatchContext): Match {
  const { findings } = envelope.detail;
  if (!Array.isArray(findings)) return malformed('detail.findings is not a list.');
  const matches = findings.map((finding) => matchFinding(fields(finding), envelope, context));
  const matched = matches.filter((match) => match.outcome === 'matched');
  const [first] = matched;
  if (first) return { ...first, targets: merged(matched.flatMap(({ targets }) => targets)) };
  return gravest(matches.filter(isRefusal)) ?? ignored('The event holds no finding.');
}

function matchFinding(finding: Fields, envelope: Envelope, context: MatchContext): Match {
  const required = ['Id', 'ProductArn', 'GeneratorId', 'AwsAccountId'];
  const missing = required.find((name) => text(finding[name]) === undefined);
  if (missing) return malformed(`The finding has no ${missing}.`);
  if (isOurs(finding)) return ignored("Suture's own finding.");

  const account = text(finding.AwsAccountId)!;
  if (!isAccount(account)) return malformed("The finding's AwsAccountId is not a number of twelve digits.");
  // An administrator account receives its members' findings, an aggregation region those of the regions linked to it.
  if (account !== envelope.account)
    return ignored(`The finding is about account ${account}: it comes to that account's own Suture as well.`);
  const region = text(finding.Region) ?? envelope.region;
  if (region !== envelope.region) return ignored(`The finding is about ${region}: it comes there as well.`);

  const idle = notOpen(finding);
  if (idle) return ignored(idle);
  const time = isoTime(finding.UpdatedAt) ?? envelope.time;
  if (!time) return malformed('Neither UpdatedAt nor the envelope\'s "time" is a time in ISO 8601.');
  if (!Array.isArray(finding.Resources) || finding.Resources.length === 0)
    return malformed('The finding names no Resources.');

  const found = finding.Resources.map((_, index) => targetOf(resourceOf(finding, index), envelope, context));
  const targets = found.filter((one) => !isRefusal(one)) as readonly Target[];
  if (targets.length === 0) return gravest(found.filter(isRefusal))!;
  const cause: Cause = {
    source: 'securityhub',
    eventId: `${text(finding.Id)}@${time}`,
    eventName: controlNamed(finding),
    time,
    origin: 'looks',
  };
  return { outcome: 'matched', cause, targets: merged(targets) };
}

/** Either mark suffices: to miss one of ours is a loop, to leave out a forged one leaves the other sources. */
const isOurs = (finding: Fields): boolean =>
  text(finding.GeneratorId)!.startsWith('suture/') ||
  text(fields(finding.ProductFields)['suture/control']) !== undefined;

/** Why a finding asks for nothing; `undefined` when it is an open failure. Findings of before 2020 have only WorkflowState. */
function notOpen(finding: Fields): string | undefined {
  const record = text(finding.RecordState);
  if (record !== 'ACTIVE') return `The finding's RecordState is ${record ?? 'missing'}, not ACTIVE.`;
  const compliance = text(fields(finding.Compliance).Status);
  if (compliance !== 'FAILED') return `The finding's Compliance.Status is ${compliance ?? 'missing'}, not FAILED.`;
  const workflow = text(fields(finding.Workflow).Status) ?? text(finding.WorkflowState);
  if (workflow !== 'NEW' && workflow !== 'NOTIFIED')
    return `The finding's Workflow.Status is ${workflow ?? 'missing'}.`;
  return undefined;
}

/** The control by its consolidated name, else by whichever older field names it. */
function controlNamed(finding: Fields): string {
  const product = fields(finding.ProductFields);
  return (
    text(fields(finding.Compliance).SecurityControlId) ??
    text(product.ControlId) ??
    text(product.RuleId) ??
    text(finding.GeneratorId)!
  );
}

/** A finding on the account may be about one resource, whose ARN then stands only in the product's own fields. */
export function resourceOf(finding: Fields, index: number): FindingResource {
  const resource = fields(list(finding.Resources)[index]);
  const type = text(resource.Type);
  const trueArn = text(fields(finding.ProductFields)[`Resources:${index}/Id`]);
  return {
    type,
    names: type === 'AwsAccount' ? [trueArn, text(resource.Id)] : [text(resource.Id), trueArn],
    region: text(resource.Region),
    place: `Resources[${index}].Id`,
  };
}
