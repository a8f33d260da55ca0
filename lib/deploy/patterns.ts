import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';

/** EventBridge's limit on the JSON text of one pattern, in characters; it can be raised by a request to AWS. */
export const MOST_PATTERN_CHARACTERS = 2048;

/**
 * The successful CloudTrail calls that the controls name and those that delete their resources. A failed call changed
 * nothing; `errorCode` is then there and not empty (the empty text has been seen on success).
 */
export function callsPattern(controls: readonly AnyControl[], types: readonly AnyTypeSpec[]) {
  const calls = [
    ...controls.flatMap(({ triggers }) =>
      triggers.map(({ source, events }) => ({ source, events: Object.keys(events) })),
    ),
    ...types.map(({ deletedBy }) => deletedBy),
  ];
  const sources = unique(calls.map(({ source }) => source));
  return {
    // Nobody but AWS can put events with such a source on the bus.
    source: sources.map((source) => `aws.${source.slice(0, -'.amazonaws.com'.length)}`),
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: sources,
      eventName: unique(calls.flatMap(({ events }) => events)),
      errorCode: [{ exists: false }, ''],
    },
  };
}

/**
 * What AWS Config, Security Hub and GuardDuty say of a resource of these types, by type and not by rule name: names carry
 * suffixes and are free text. Not our own findings: each of our imports comes back as an event. Where a pattern with every
 * type would be too long, it has the services that they belong to: what comes with it and is judged by nobody leads nowhere.
 */
export function findingsPattern(types: readonly AnyTypeSpec[]) {
  const exact = branches(
    types.map(({ name }) => name),
    types.map(({ asff }) => asff),
    types,
  );
  if (JSON.stringify(exact).length <= MOST_PATTERN_CHARACTERS) return exact;
  const services = unique(types.map(({ name }) => name.slice(0, name.lastIndexOf(':') + 1)));
  return branches(
    services.map((prefix) => ({ prefix })),
    // Security Hub spells a service its own way: AwsEc2SecurityGroup, AwsRdsDbInstance, AwsApiGatewayV2Stage.
    unique(types.map(({ asff }) => /^Aws[A-Z][a-z0-9]*/.exec(asff)?.[0] ?? asff)).map((prefix) => ({ prefix })),
    types,
  );
}

type OneOf = readonly (string | { readonly prefix: string })[];

function branches(names: OneOf, asffNames: OneOf, types: readonly AnyTypeSpec[]) {
  const config = (detailType: string, detail: object) => ({
    source: ['aws.config'],
    'detail-type': [detailType],
    detail,
  });
  const hub = (detailType: string, findings: object) => ({
    source: ['aws.securityhub'],
    'detail-type': [detailType],
    detail: { findings },
  });
  const [cloudFormation, asff] = [sorted(names), sorted(asffNames)];
  const suspects = GUARDDUTY.filter(({ type }) => types.some(({ name }) => name === type));
  return {
    $or: [
      config('Config Rules Compliance Change', {
        resourceType: cloudFormation,
        newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
      }),
      ...ITEMS.map((item) => config('Config Configuration Item Change', { [item]: { resourceType: cloudFormation } })),
      hub('Security Hub Findings - Imported', {
        GeneratorId: [{ 'anything-but': { prefix: 'suture/' } }],
        RecordState: ['ACTIVE'],
        Compliance: { Status: ['FAILED'] },
        Workflow: { Status: ['NEW', 'NOTIFIED'] },
        Resources: { Type: asff },
      }),
      // A person chose it: whatever its state, and our own as well.
      hub('Security Hub Findings - Custom Action', { Resources: { Type: asff } }),
      // Both spellings of a type have been seen.
      hub('Findings Imported V2', { class_uid: [2003], resources: { type: [...asff, ...cloudFormation] } }),
      ...suspects.map(({ resource }) => ({
        source: ['aws.guardduty'],
        'detail-type': ['GuardDuty Finding'],
        detail: { resource },
      })),
    ],
  };
}

/** An item too big for an event has only the summary. */
const ITEMS = ['configurationItem', 'configurationItemSummary'];

/** What a GuardDuty finding names where it is about a resource of the type; `resourceType` alone would miss buckets. */
const GUARDDUTY = [
  { type: 'AWS::S3::Bucket', resource: { s3BucketDetails: { name: [{ exists: true }] } } },
  { type: 'AWS::RDS::DBInstance', resource: { rdsDbInstanceDetails: { dbInstanceIdentifier: [{ exists: true }] } } },
];

const unique = <T extends string>(texts: readonly T[]): T[] => [...new Set(texts)].sort();

const sorted = (choices: OneOf): OneOf => [...choices].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
