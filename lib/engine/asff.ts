import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';
import { type Citation, HIPAA } from '../hipaa.ts';
import { digest, keyString, type ResourceKey } from '../resource.ts';
import { canonical } from './canonical.ts';
import type { Finding } from './findings.ts';
import type { Intent, SlotValues } from './record.ts';

// Limits of the AWS Security Finding Format, in characters, pairs and bytes: Security Hub API Reference, AwsSecurityFinding
// and BatchImportFindings.
const TITLE = 256;
const DESCRIPTION = 1024;
const RECOMMENDATION = 512;
const FIELD_KEY = 128;
const FIELD_VALUE = 2048;
const FIELDS = 50;
const REQUIREMENT = 64;
const REQUIREMENTS = 32;
const FINDING_BYTES = 240_000;
/** Slots shown on each side: with all other fields they stay below the fifty pairs a finding may have. */
const SLOTS = 18;
/** How much is shown of a slot where the whole finding would be too big. The reason is never cut for it. */
const SHORT_VALUE = 256;

const TYPE = 'Software and Configuration Checks/Industry and Regulatory Standards/HIPAA Controls (USA)';

/** The same for the same control on the same resource, for ever: an import updates and never duplicates. */
export const findingId = (key: ResourceKey, control: AnyControl): string =>
  `suture/${key.account}/${key.region}/${control.id}/${digest(keyString(key), 32)}`;

/** Security Hub's default product of the account, where findings of one's own go. */
export const productArn = ({ partition, region, account }: ResourceKey): string =>
  `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;

/**
 * What must be told again when it changes. Times and who asked are left out: a second look at the same is no news. No
 * workflow asked for is NEW, as what was told last is remembered.
 */
export const fingerprint = ({ compliance, recordState, text, workflow = 'NEW', note, intent, control }: Finding) =>
  digest(
    canonical([
      ...[compliance, recordState, text, workflow, workflow === 'SUPPRESSED' && note],
      ...[intent?.id, control.severity],
    ]),
  );

/**
 * A finding in the AWS Security Finding Format, within its limits. Slots are the only configuration it shows.
 * @throws when the resource is of none of these types
 */
export function toAsff(finding: Finding, types: readonly AnyTypeSpec[]): AwsSecurityFinding {
  const spec = types.find(({ name }) => name === finding.key.type);
  if (!spec) throw new Error(`${finding.key.type} is of no known type: define it in lib/aws and run npm run generate.`);
  const asff = inForm(finding, spec, FIELD_VALUE);
  return byteLength(asff) <= FINDING_BYTES ? asff : inForm(finding, spec, SHORT_VALUE);
}

/** Bytes of a finding as it is sent. */
export const byteLength = (asff: AwsSecurityFinding): number => Buffer.byteLength(JSON.stringify(asff));

/** Severity and types go into FindingProviderFields alone; Security Hub copies them to where people may change them. */
function inForm(finding: Finding, spec: AnyTypeSpec, slotCharacters: number): AwsSecurityFinding {
  const { key, control, compliance, recordState, text, known, workflow } = finding;
  return {
    SchemaVersion: '2018-10-08',
    Id: finding.id,
    ProductArn: productArn(key),
    ProductName: 'Suture',
    CompanyName: 'Suture',
    GeneratorId: `suture/${control.id}`,
    AwsAccountId: key.account,
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
    Compliance: { Status: compliance, RelatedRequirements: control.hipaa.map(requirement).slice(0, REQUIREMENTS) },
    Resources: [{ Type: spec.asff, Id: spec.arn(key), Partition: key.partition as 'aws', Region: key.region }],
    RecordState: recordState,
    // An import sets the workflow only of a finding it creates; later it is BatchUpdateFindings' to change.
    ...(!known && workflow && { Workflow: { Status: workflow } }),
    Remediation: { Recommendation: { Text: recommendation(finding) } },
    ProductFields: productFields(finding, slotCharacters),
  };
}

/** "HIPAA 164.312(e)(1) Transmission security"; the title goes where both do not fit. */
function requirement(citation: Citation): string {
  const whole = `HIPAA ${citation} ${HIPAA[citation]}`;
  return whole.length <= REQUIREMENT ? whole : `HIPAA ${citation}`;
}

/** The command that takes a fix back, as typed into a shell. */
export const revertCommand = ({ id: intent, control, key: { id, region } }: Intent): string =>
  `npx suture revert ${control} ${inShell(id)} --region ${region} --intent ${intent} --reason "..."`;

const inShell = (word: string): string => (/^[\w.:/@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function recommendation({ control, intent, compliance }: Finding): string {
  if (intent) {
    const text = `To take this fix back: ${revertCommand(intent)}`;
    // A command must not be cut: half of one may do something else.
    if (text.length <= RECOMMENDATION) return text;
    return `To take this fix back: npx suture revert ${control.id}, then the resource's id or ARN in quotes.`;
  }
  if (compliance === 'PASSED') return 'Nothing to do.';
  return `What the control asks for, changes and leaves alone: npx suture explain ${control.id}`;
}

function productFields({ control, cause, intent }: Finding, slotCharacters: number): Record<string, string> {
  const { principal } = cause;
  const fields: [string, string | undefined][] = [
    ['suture/control', control.id],
    ['suture/cause/source', cause.source],
    ['suture/cause/event', cause.eventName],
    ['suture/cause/eventId', cause.eventId],
    ['suture/cause/time', cause.time],
    ['suture/cause/principal', principal?.issuerArn ?? principal?.arn ?? principal?.invokedBy],
    ['suture/cause/session', principal?.issuerArn && principal.arn],
    ['suture/cause/address', cause.sourceAddress],
    ['suture/cause/userAgent', cause.userAgent],
  ];
  if (intent) {
    fields.push(['suture/intent', intent.id], ['suture/revert', whole(revertCommand(intent))]);
    fields.push(...slotFields('suture/before/', intent.before, slotCharacters));
    fields.push(...slotFields('suture/after/', intent.after, slotCharacters));
  }
  const given = fields.flatMap(([name, value]) => (value ? [[fieldKey(name), cut(value, FIELD_VALUE)] as const] : []));
  return Object.fromEntries(given.slice(0, FIELDS));
}

const whole = (command: string): string | undefined => (command.length <= FIELD_VALUE ? command : undefined);

function slotFields(prefix: string, slots: SlotValues, characters: number): [string, string][] {
  const all = Object.entries(slots);
  const shown = all
    .slice(0, SLOTS)
    .map(([slot, value]): [string, string] => [`${prefix}${slot}`, cut(canonical(value), characters)]);
  return all.length > SLOTS ? [...shown, [`${prefix}...`, `${all.length - SLOTS} more, all in the evidence`]] : shown;
}

/** Two long names that begin alike must not become one. */
const fieldKey = (name: string): string =>
  name.length <= FIELD_KEY ? name : `${cut(name, FIELD_KEY - 17)} ${digest(name, 16)}`;

/** At most `length` characters, the last three of them dots where something is missing; never half of a character. */
export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
