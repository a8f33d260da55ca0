import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';
import { type Citation, HIPAA } from '../hipaa.ts';
import { digest, keyString, type ResourceKey } from '../resource.ts';
import { canonical } from './canonical.ts';
import type { Finding } from './findings.ts';
import type { Intent, SlotValues } from './record.ts';

// Limits of the AWS Security Finding Format, in characters and pairs; from its reference in the Security Hub user guide.
const TITLE = 256;
const DESCRIPTION = 1024;
const RECOMMENDATION = 512;
const FIELD_KEY = 128;
const FIELD_VALUE = 2048;
const FIELDS = 50;
const REQUIREMENT = 64;
/** Slots shown on each side: with all other fields they stay below the fifty pairs a finding may have. */
const SLOTS = 18;

const TYPE = 'Software and Configuration Checks/Industry and Regulatory Standards/HIPAA Controls (USA)';

/** The same for the same control on the same resource, for ever: an import updates and never duplicates. */
export const findingId = (key: ResourceKey, control: AnyControl): string =>
  `suture/${key.account}/${key.region}/${control.id}/${digest(keyString(key), 32)}`;

/** Security Hub's default product of the account, where findings of one's own go. */
export const productArn = ({ partition, region, account }: ResourceKey): string =>
  `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;

/** What must be told again when it changes. Times and who asked are left out: a second look at the same is no news. */
export const fingerprint = ({ compliance, recordState, text, workflow, note, intent, control }: Finding): string =>
  digest(canonical([compliance, recordState, text, workflow === 'SUPPRESSED' && note, intent?.id, control.severity]));

/** A finding in the AWS Security Finding Format, within its limits. Slots are the only configuration it shows. */
export function toAsff(finding: Finding, types: readonly AnyTypeSpec[]): AwsSecurityFinding {
  const { key, control, compliance, recordState, text, intent, known, workflow } = finding;
  const spec = types.find(({ name }) => name === key.type);
  if (!spec) throw new Error(`${key.type} is not among the resource types: add it to lib/aws/types.ts.`);
  return {
    SchemaVersion: '2018-10-08',
    Id: finding.id,
    ProductArn: productArn(key),
    GeneratorId: `suture/${control.id}`,
    AwsAccountId: key.account,
    Region: key.region,
    CreatedAt: finding.createdAt,
    UpdatedAt: finding.updatedAt,
    FirstObservedAt: finding.createdAt,
    LastObservedAt: finding.updatedAt,
    Title: cut(control.title, TITLE),
    Description: cut(text, DESCRIPTION),
    FindingProviderFields: {
      Types: [TYPE],
      Severity: { Label: compliance === 'PASSED' ? 'INFORMATIONAL' : control.severity, Original: control.severity },
    },
    Compliance: { Status: compliance, RelatedRequirements: control.hipaa.map(requirement) },
    Resources: [{ Type: spec.asff, Id: spec.arn(key), Partition: key.partition as 'aws', Region: key.region }],
    RecordState: recordState,
    // An import sets the workflow only of a finding it creates; later it is BatchUpdateFindings' to change.
    ...(!known && workflow && { Workflow: { Status: workflow } }),
    Remediation: { Recommendation: { Text: cut(recommendation(finding), RECOMMENDATION) } },
    ProductFields: productFields(finding, intent),
  };
}

/** "HIPAA 164.312(e)(1) Transmission security"; the title goes where both do not fit. */
function requirement(citation: Citation): string {
  const whole = `HIPAA ${citation} ${HIPAA[citation]}`;
  return whole.length <= REQUIREMENT ? whole : `HIPAA ${citation}`;
}

/** The command that takes a fix back. */
export const revertCommand = (key: ResourceKey, control: AnyControl): string =>
  `npx suture revert ${control.id} ${key.id} --region ${key.region} --reason "..."`;

function recommendation({ key, control, intent, compliance }: Finding): string {
  if (intent) return `To take this fix back: ${revertCommand(key, control)}`;
  if (compliance === 'PASSED') return 'Nothing to do.';
  return control.limits ?? control.rationale;
}

function productFields({ key, control, cause }: Finding, intent: Intent | undefined): Record<string, string> {
  const { principal } = cause;
  const fields: [string, string | undefined][] = [
    ['suture/control', control.id],
    ['suture/cause/source', cause.source],
    ['suture/cause/event', cause.eventName],
    ['suture/cause/eventId', cause.eventId],
    ['suture/cause/time', cause.time],
    ['suture/cause/principal', principal?.issuerArn ?? principal?.arn ?? principal?.invokedBy],
    ['suture/cause/address', cause.sourceAddress],
  ];
  if (intent) {
    fields.push(['suture/intent', intent.id], ['suture/revert', revertCommand(key, control)]);
    fields.push(...slotFields('suture/before/', intent.before), ...slotFields('suture/after/', intent.after));
  }
  const given = fields.flatMap(([name, value]) =>
    value ? [[cut(name, FIELD_KEY), cut(value, FIELD_VALUE)] as const] : [],
  );
  return Object.fromEntries(given.slice(0, FIELDS));
}

function slotFields(prefix: string, slots: SlotValues): [string, string][] {
  const all = Object.entries(slots);
  const shown = all.slice(0, SLOTS).map(([slot, value]): [string, string] => [`${prefix}${slot}`, canonical(value)]);
  return all.length > SLOTS ? [...shown, [`${prefix}...`, `${all.length - SLOTS} more, all in the evidence`]] : shown;
}

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 3)}...`;
