import type { Cause } from '../cause.ts';
import type { TypeName } from '../resource.ts';
import { type Arn, contradiction } from './arn.ts';
import { type Envelope, isAccount } from './envelope.ts';
import { type Fields, fields, isoTime, text } from './fields.ts';
import { namedByArn, namedById } from './locate/index.ts';
import type { Named } from './locate/locator.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { gravest, ignored, isRefusal, malformed, type Refusal, unresolved } from './outcome.ts';
import { controlsOf, keyOf, merged } from './route.ts';

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

  const found = finding.Resources.map((_, index) => targetOf(finding, index, envelope, context));
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

function targetOf(finding: Fields, index: number, envelope: Envelope, context: MatchContext): Target | Refusal {
  const resource = fields((finding.Resources as readonly unknown[])[index]);
  const asff = text(resource.Type);
  const trueArn = text(fields(finding.ProductFields)[`Resources:${index}/Id`]);
  // A finding on the account may be about one resource, whose ARN then stands only in the product's own fields.
  const candidates = asff === 'AwsAccount' ? [trueArn, text(resource.Id)] : [text(resource.Id), trueArn];
  const found = candidates.flatMap((one) => (one ? (named(one, asff, context) ?? []) : []))[0];
  if (!found) {
    const ours = context.types.find((type) => type.asff === asff && controlsOf(type.name, context).length > 0);
    return ours
      ? unresolved(`The finding names a ${ours.name} by what is neither its ARN nor its id (Resources[${index}].Id).`)
      : ignored(`No control judges ${asff ?? 'a resource without Type'}.`);
  }
  const controls = controlsOf(found.named.type, context);
  if (controls.length === 0) return ignored(`No control judges ${found.named.type}.`);
  const against = found.arn && contradiction(found.arn, envelope);
  if (against) return malformed(`The finding is about account ${envelope.account} and names a resource of ${against}.`);
  const region = found.arn?.region || text(resource.Region) || envelope.region;
  if (region !== envelope.region)
    return ignored(`${found.named.type} ${found.named.id} lies in ${region}, and only the function there acts on it.`);
  const { lookup } = found.named;
  return { key: keyOf(found.named, envelope), controls, ...(lookup && { lookup }) };
}

const TYPED_ID = /^(AWS::[A-Za-z0-9]*::[A-Za-z0-9]+):(.+)$/;

/** Reads one of the ways in which findings name a resource: an ARN, `AWS::KMS::Key:<id>`, or the bare id. */
function named(
  text: string,
  asff: string | undefined,
  { types }: MatchContext,
): { named: Named; arn?: Arn } | undefined {
  const byArn = namedByArn(text);
  if (byArn) return byArn;
  const [, typed, typedId] = TYPED_ID.exec(text) ?? [];
  const type = typed ?? types.find((spec) => spec.asff === asff)?.name;
  const byId = type && namedById(type as TypeName, typedId ?? text);
  return byId ? { named: byId } : undefined;
}
