import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (finding: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`securityhub/v2-${file}.json`);
  change(event.detail.findings[0], event);
  return match(event, context);
}
const ids = (found: ReturnType<typeof match>) => brief(found).targets?.map(({ id }) => id) ?? found.outcome;
const timed =
  (times: object): Change =>
  (f) => {
    f.finding_info = { uid: f.finding_info.uid, ...times };
  };
const timeOf = (found: ReturnType<typeof match>) => found.outcome === 'matched' && found.cause.time;

test('the cause is the finding as of its last update, by its control', () => {
  const { uid } = sample('securityhub/v2-S3-Bucket-FAILED.json').detail.findings[0].finding_info;
  expect(changed('S3-Bucket-FAILED', () => {})).toMatchObject({
    cause: {
      source: 'securityhub',
      eventId: `${uid}@2026-03-04T09:15:02.118Z`,
      eventName: 'S3.8',
      time: '2026-03-04T09:15:02.118Z',
      origin: 'looks',
    },
  });
  expect(changed('S3-Bucket-FAILED', (f) => delete f.compliance.control)).toMatchObject({
    cause: { eventName: 'S3 general purpose buckets should block public access' },
  });
});

test.each<[string, object, string]>([
  ['the time in words first', { modified_time_dt: '2026-03-05T00:00:00Z', modified_time: 1 }, '2026-03-05T00:00:00Z'],
  ['else in milliseconds', { modified_time: 1772615702118 }, '2026-03-04T09:15:02.118Z'],
  ['else of its making', { created_time_dt: '2026-03-03T00:00:00Z' }, '2026-03-03T00:00:00Z'],
  ['else of its making, in milliseconds', { created_time: 1772615702118 }, '2026-03-04T09:15:02.118Z'],
  ['no time a calendar has', { modified_time: 1e300 }, '2026-03-04T09:15:07Z'],
  ['a time before all times', { modified_time: -1 }, '2026-03-04T09:15:07Z'],
  ['a time in text', { modified_time: '1772615702118' }, '2026-03-04T09:15:07Z'],
])('%s', (_, times, expected) => {
  expect(timeOf(changed('S3-Bucket-FAILED', timed(times)))).toBe(expected);
});

test.each<[string, Change, string]>([
  ['a vulnerability', (f) => (f.class_uid = 2002), 'ignored'],
  ['a detection', (f) => (f.class_uid = 2004), 'ignored'],
  ['no class', (f) => delete f.class_uid, 'malformed'],
  ['a class as a text', (f) => (f.class_uid = '2003'), 'malformed'],
  ['no uid', (f) => delete f.finding_info.uid, 'malformed'],
  ['no account', (f) => delete f.cloud.account, 'malformed'],
  ['a masked account', (f) => (f.cloud.account.uid = 'account-id'), 'malformed'],
  ['another account', (f) => (f.cloud.account.uid = '111122223333'), 'ignored'],
  ['another region', (f) => (f.cloud.region = 'eu-west-1'), 'ignored'],
  ["no region: the envelope's", (f) => delete f.cloud.region, 'matched'],
  ['our own', (f) => (f.finding_info.uid = 'suture/123456789012/us-east-1/s3-bucket-kms-encryption/0'), 'ignored'],
  ['closed', (f) => (f.activity_id = 3), 'ignored'],
  ['updated', (f) => (f.activity_id = 2), 'matched'],
  ['in progress', (f) => (f.status_id = 2), 'matched'],
  ['suppressed', (f) => (f.status_id = 3), 'ignored'],
  ['resolved', (f) => (f.status_id = 4), 'ignored'],
  ['unknown', (f) => (f.status_id = 0), 'ignored'],
  ['new in words alone', (f) => delete f.status_id, 'matched'],
  [
    'in progress in words alone',
    (f) => {
      delete f.status_id;
      f.status = 'IN_PROGRESS';
    },
    'matched',
  ],
  [
    'suppressed in words alone',
    (f) => {
      delete f.status_id;
      f.status = 'Suppressed';
    },
    'ignored',
  ],
  [
    'no status',
    (f) => {
      delete f.status_id;
      delete f.status;
    },
    'ignored',
  ],
  ['a warning', (f) => (f.compliance.status_id = 2), 'ignored'],
  ['passed', (f) => (f.compliance.status_id = 1), 'ignored'],
  [
    'failed in words alone',
    (f) => {
      delete f.compliance.status_id;
      f.compliance.status = 'FAILED';
    },
    'matched',
  ],
  ['no compliance', (f) => delete f.compliance, 'ignored'],
  ['no resources', (f) => (f.resources = []), 'malformed'],
  [
    'what no control judges',
    (f) => (f.resources = [{ type: 'AwsEcrRepository', uid: 'arn:aws:ecr:us-east-1:123456789012:repository/x' }]),
    'ignored',
  ],
  [
    'a resource of another account',
    (f) => (f.resources[0].uid = 'arn:aws:rds:us-east-1:111122223333:db:x'),
    'malformed',
  ],
  ['a resource in another region', (f) => (f.resources[0].region = 'eu-west-1'), 'ignored'],
  ['a bucket without a name', (f) => delete f.resources[0].uid, 'unresolved'],
  ['a bucket by its bare name', (f) => (f.resources[0].uid = 'lab-results-exchange'), 'matched'],
  ['no findings', (_, e) => (e.detail = { x: 1 }), 'malformed'],
  ['an empty list', (_, e) => (e.detail.findings = []), 'ignored'],
  [
    'the old format under the new name',
    (_, e) => (e.detail = sample('securityhub/S3-Bucket-FAILED.json').detail),
    'malformed',
  ],
  ['a forged source', (_, e) => (e.source = 'securityhub'), 'malformed'],
])('%s', (_, change, outcome) => {
  expect(changed('S3-Bucket-FAILED', change).outcome).toBe(outcome);
});

test('several findings, several resources: each that leads on', () => {
  const found = changed('S3-Bucket-FAILED', (f, e) => {
    const other = sample('securityhub/v2-RDS-DBInstance-FAILED.json').detail.findings[0];
    f.resources.unshift({ type: 'AwsIamRole', uid: 'arn:aws:iam::123456789012:role/Somebody' });
    e.detail.findings.push(other, { ...other, status_id: 4 });
  });
  expect(ids(found)).toEqual(['lab-results-exchange', 'ehr-primary']);
});
