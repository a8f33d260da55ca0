import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KNOWN_TYPES } from '../../lib/triggers/guardduty-types.ts';
import { match } from '../../lib/triggers/index.ts';
import { brief, readJson, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (detail: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`guardduty/${file}.json`);
  change(event.detail, event);
  return match(event, context);
}
const BUCKET = 'S3-Bucket-anonymous-access';
const ids = (found: ReturnType<typeof match>) => brief(found).targets?.map(({ id }) => id) ?? found.outcome;

test('the cause is the finding as of its last update, by its type', () => {
  const { id } = sample(`guardduty/${BUCKET}.json`).detail;
  expect(changed(BUCKET, () => {})).toMatchObject({
    cause: {
      source: 'guardduty',
      eventId: `${id}@2026-03-04T09:10:44.713Z`,
      eventName: 'Policy:S3/BucketAnonymousAccessGranted',
      time: '2026-03-04T09:10:44.713Z',
      origin: 'looks',
    },
  });
});

test.each<[string, Change, string, RegExp?]>([
  ['seen again', (d) => (d.service.count = 12), 'matched'],
  ['archived, as a text', (d) => (d.service.archived = 'true'), 'ignored', /archived/],
  ['not archived, as a text', (d) => (d.service.archived = 'false'), 'matched'],
  ['a sample', (d) => (d.service.additionalInfo = { sample: true }), 'ignored', /sample/],
  ['a sample, as a text', (d) => (d.service.additionalInfo = { sample: 'true' }), 'ignored', /sample/],
  ['a sample, within JSON', (d) => (d.service.additionalInfo = { value: '{"sample": true}' }), 'ignored', /sample/],
  ['no sample, within JSON', (d) => (d.service.additionalInfo = { value: '{"sample":false}' }), 'matched'],
  [
    'additional info that is not JSON',
    (d) => (d.service.additionalInfo = { value: '{"samp' }),
    'malformed',
    /not JSON/,
  ],
  ['additional info that is null', (d) => (d.service.additionalInfo = null), 'matched'],
  ['an empty text for it', (d) => (d.service.additionalInfo = { value: '' }), 'matched'],
  ['an object that JavaScript cannot make a text', (d) => (d.service.archived = { toString: 1 }), 'matched'],
  ['an unknown type', (d) => (d.type = 'Policy:S3/BucketGivenAway'), 'ignored', /no finding type/],
  ['a type that is retired', (d) => (d.type = 'Exfiltration:S3/ObjectRead.Unusual'), 'ignored', /no finding type/],
  ['a type by the name of a method', (d) => (d.type = 'constructor'), 'ignored', /no finding type/],
  ['an attack sequence by its type alone', (d) => (d.type = 'AttackSequence:S3/CompromisedData'), 'ignored', /attack/],
  ['an attack sequence by its resource', (d) => (d.resource.resourceType = 'AttackSequence'), 'ignored', /attack/],
  ["a member's", (d) => (d.accountId = '111122223333'), 'ignored', /111122223333/],
  ['another region', (d) => (d.region = 'eu-west-1'), 'malformed', /another/],
  ['no account', (d) => delete d.accountId, 'malformed'],
  ['a masked account', (d) => (d.accountId = '12345678'), 'malformed'],
  ['no region', (d) => delete d.region, 'malformed'],
  ['no id', (d) => delete d.id, 'malformed'],
  ['no type', (d) => delete d.type, 'malformed'],
  ['no service', (d) => delete d.service, 'malformed'],
  ['another schema', (d) => (d.schemaVersion = '3.0'), 'malformed', /schemaVersion/],
  ['a number for it', (d) => (d.schemaVersion = 2), 'malformed', /schemaVersion/],
  ['no schema, as publishers trim it', (d) => delete d.schemaVersion, 'matched'],
  ['no action, as malware has it', (d) => (d.service.action = {}), 'matched'],
  ["no update time: the envelope's", (d) => delete d.updatedAt, 'matched'],
  [
    'no time at all',
    (d, e) => {
      delete d.updatedAt;
      delete e.time;
    },
    'malformed',
  ],
  ['a forged source', (_, e) => (e.source = 'guardduty'), 'malformed'],
  ['an API call of GuardDuty itself', (_, e) => (e['detail-type'] = 'AWS API Call via CloudTrail'), 'malformed'],
  ['a scan of an object', (_, e) => (e['detail-type'] = 'GuardDuty Malware Protection Object Scan Result'), 'ignored'],
])('%s', (_, change, outcome, reason = /./) => {
  const found = changed(BUCKET, change);
  expect(found.outcome).toBe(outcome);
  if (found.outcome !== 'matched') expect(found.reason).toMatch(reason);
});

describe('the resource', () => {
  test('each bucket of a list, the same one once', () => {
    const found = changed('S3-Bucket-four', (d) => d.resource.s3BucketDetails.push(d.resource.s3BucketDetails[0]));
    expect(ids(found)).toEqual(['lab-results-exchange', 'radiology-scratch', 'patient-portal-uploads', 'va-imaging']);
  });

  test.each<[string, Change, unknown]>([
    ['by its ARN alone', (d) => delete d.resource.s3BucketDetails[0].name, ['lab-results-exchange']],
    ['by its name alone', (d) => delete d.resource.s3BucketDetails[0].arn, ['lab-results-exchange']],
    ['two names for one', (d) => (d.resource.s3BucketDetails[0].name = 'another'), 'malformed'],
    [
      'of another partition',
      (d) => (d.resource.s3BucketDetails[0].arn = 'arn:aws-cn:s3:::lab-results-exchange'),
      'malformed',
    ],
    [
      'by an ARN of something else',
      (d) => (d.resource.s3BucketDetails[0] = { arn: 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary' }),
      'unresolved',
    ],
    ['by no name', (d) => (d.resource.s3BucketDetails[0] = {}), 'unresolved'],
    ['none in the list', (d) => (d.resource.s3BucketDetails = []), 'ignored'],
    ['no list', (d) => delete d.resource.s3BucketDetails, 'ignored'],
    ['a list that is null', (d) => (d.resource.s3BucketDetails = null), 'ignored'],
    [
      'a name of sample findings',
      (d) => (d.resource.s3BucketDetails[0] = { name: 'GeneratedFindingS3Bucket' }),
      'ignored',
    ],
    ['one that is none of ours', (d) => (d.resource.resourceType = 'EKSCluster'), 'ignored'],
  ])('%s', (_, change, expected) => {
    expect(ids(changed(BUCKET, change))).toEqual(expected);
  });

  test('what cannot be read among several is passed over, with its reason', () => {
    const found = changed('S3-Bucket-four', (d) => (d.resource.s3BucketDetails[1] = {}));
    expect(ids(found)).toEqual(['lab-results-exchange', 'patient-portal-uploads', 'va-imaging']);
    expect(found).toMatchObject({ passedOver: [expect.stringContaining('neither its ARN nor its id')] });
    expect(changed('S3-Bucket-four', () => {})).not.toHaveProperty('passedOver');
  });

  test.each<[string, Change, unknown]>([
    ['by its identifier', () => {}, ['ehr-primary']],
    ['no details', (d) => delete d.resource.rdsDbInstanceDetails, 'ignored'],
    [
      'in another account',
      (d) => (d.resource.rdsDbInstanceDetails.dbInstanceArn = 'arn:aws:rds:us-east-1:111122223333:db:ehr-primary'),
      'malformed',
    ],
    [
      'in another region',
      (d) => (d.resource.rdsDbInstanceDetails.dbInstanceArn = 'arn:aws:rds:eu-west-1:123456789012:db:ehr-primary'),
      'malformed',
    ],
    [
      'a name of sample findings',
      (d) => (d.resource.rdsDbInstanceDetails = { dbInstanceIdentifier: 'GeneratedFindingDBInstanceId' }),
      'ignored',
    ],
    ['a Limitless database', (d) => (d.resource.resourceType = 'RDSLimitlessDB'), 'ignored'],
  ])('a database %s', (_, change, expected) => {
    expect(ids(changed('RDS-DBInstance-brute-force', change))).toEqual(expected);
  });

  test.each([
    ['RDSLimitlessDB', 'No control judges what GuardDuty calls RDSLimitlessDB.'],
    ['Instance', 'No control judges what GuardDuty calls Instance.'],
    ['S3Bucket', 'Discovery:S3/TorIPCaller names no bucket and no database.'],
  ])('nothing of ours under %s, and why', (resourceType, reason) => {
    const found = changed(BUCKET, (d) =>
      Object.assign(d, { type: 'Discovery:S3/TorIPCaller', resource: { resourceType } }),
    );
    expect(found).toEqual({ outcome: 'ignored', reason });
  });

  test('of a type without controls is ignored', () => {
    const event = sample('guardduty/RDS-DBInstance-brute-force.json');
    expect(match(event, { ...context, controls: context.controls.slice(0, 5) }).outcome).toBe('ignored');
  });
});

const DATA = resolve('..', 'shared', 'data', 'guardduty-types.json');
if (existsSync(DATA))
  test("the known types are AWS's own of S3 and RDS, without custom ones, sequences and backups", () => {
    const { types } = readJson(DATA) as { types: { type: string; resourceType: string }[] };
    const ours = types.filter(({ resourceType }) => /^(?:S3Bucket|S3Object|RDSDBInstance)\b/.test(resourceType));
    expect([...KNOWN_TYPES].sort()).toEqual(ours.map(({ type }) => type).sort());
  });
else
  test(`AWS's list of types is not here (${DATA} does not exist), so ours was not compared with it`, () => {
    expect(KNOWN_TYPES.size).toBeGreaterThan(0);
  });
