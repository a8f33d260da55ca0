import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (detail: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`config/${file}.json`);
  change(event.detail, event);
  return match(event, context);
}
const rename =
  (id: string): Change =>
  (detail) => {
    detail.resourceId = id;
    detail.newEvaluationResult.evaluationResultIdentifier.evaluationResultQualifier.resourceId = id;
  };

test('the cause is the rule, at the time of its result, and nobody', () => {
  expect(changed('S3-Bucket-NON_COMPLIANT', () => {})).toMatchObject({
    cause: {
      source: 'config',
      eventId: expect.stringMatching(
        /^arn:aws:config:us-east-1:123456789012:config-rule\/\S+@2026-03-04T09:14:31\.882Z$/,
      ),
      eventName: 's3-bucket-public-read-prohibited-conformance-pack-k7q2m9xta',
      time: '2026-03-04T09:14:31.882Z',
      origin: 'looks',
    },
  });
  expect(changed('S3-Bucket-NON_COMPLIANT', () => {})).not.toHaveProperty('cause.principal');
});

test('whatever the rule is called, it leads to every control of the type', () => {
  const found = changed('S3-Bucket-NON_COMPLIANT', (d) => (d.configRuleName = 'AWSControlTower_AWS-GR_S3_VERSIONING'));
  expect(found.outcome === 'matched' && found.targets[0]?.controls).toHaveLength(5);
});

test.each<[string, Change, string]>([
  ['COMPLIANT', (d) => (d.newEvaluationResult.complianceType = 'COMPLIANT'), 'ignored'],
  ['NOT_APPLICABLE', (d) => (d.newEvaluationResult.complianceType = 'NOT_APPLICABLE'), 'ignored'],
  ['INSUFFICIENT_DATA', (d) => (d.newEvaluationResult.complianceType = 'INSUFFICIENT_DATA'), 'ignored'],
  ['no result', (d) => delete d.newEvaluationResult, 'malformed'],
  ['an old result says nothing', (d) => delete d.oldEvaluationResult, 'matched'],
  [
    'an evaluation without a mode, as before 2022',
    (d) => {
      delete d.newEvaluationResult.evaluationResultIdentifier.evaluationResultQualifier.evaluationMode;
    },
    'matched',
  ],
  ['an annotation', (d) => (d.newEvaluationResult.annotation = '\nnot what it should be'), 'matched'],
  ['another account', (d) => (d.awsAccountId = '111122223333'), 'malformed'],
  ['another region', (d) => (d.awsRegion = 'eu-west-1'), 'malformed'],
  [
    'no account and no region',
    (d) => {
      delete d.awsAccountId;
      delete d.awsRegion;
    },
    'matched',
  ],
  ['two types', (d) => (d.resourceType = 'AWS::RDS::DBInstance'), 'malformed'],
  ['two resources', (d) => (d.resourceId = 'another-bucket'), 'malformed'],
  ['no type', (d) => delete d.resourceType, 'malformed'],
  ['no id', (d) => delete d.resourceId, 'unresolved'],
  ['what is no id', rename('arn:aws:s3:::lab-results-exchange/scan'), 'unresolved'],
  ['an API call of AWS Config itself', (_, e) => (e['detail-type'] = 'AWS API Call via CloudTrail'), 'malformed'],
  ['a forged source', (_, e) => (e.source = 'aws.configservice'), 'malformed'],
])('%s', (_, change, outcome) => {
  expect(changed('S3-Bucket-NON_COMPLIANT', change).outcome).toBe(outcome);
});

const RESOURCE_ID = 'db-J6QZ2K4W7T3XMVN5RHLPEYBDCA';
test.each<[string, unknown]>([
  [RESOURCE_ID, [[RESOURCE_ID, 'resource-id']]],
  // A custom rule may name it by its identifier.
  ['db-prod', [['db-prod', undefined]]],
  ['db-2026', [['db-2026', undefined]]],
  [`my${RESOURCE_ID}`, [[`my${RESOURCE_ID.toLowerCase()}`, undefined]]],
  [`${RESOURCE_ID}-old`, [[`${RESOURCE_ID.toLowerCase()}-old`, undefined]]],
  ['2026-ehr', undefined],
  ['ehr/primary', undefined],
  ['rds:ehr-2026-03-04', undefined],
  [`arn:aws:rds:us-east-1:123456789012:snapshot:${RESOURCE_ID}`, undefined],
])('a database called %s', (id, expected) => {
  const found = brief(changed('RDS-DBInstance-NON_COMPLIANT', rename(id)));
  expect(found.targets?.map(({ id, lookup }) => [id, lookup])).toEqual(expected);
});
