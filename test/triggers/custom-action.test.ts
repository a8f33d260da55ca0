import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (finding: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`securityhub/action-${file}.json`);
  change(event.detail.findings[0], event);
  return match(event, context);
}
const ids = (found: ReturnType<typeof match>) => brief(found).targets?.map(({ id }) => id) ?? found.outcome;

test('the cause is the button, when it was pressed, whatever the age of the finding', () => {
  const { Id } = sample('securityhub/action-S3-Bucket.json').detail.findings[0];
  expect(changed('S3-Bucket', () => {})).toMatchObject({
    cause: {
      source: 'custom-action',
      eventId: `${Id}@2026-03-04T09:15:07Z`,
      eventName: 'Look again',
      time: '2026-03-04T09:15:07Z',
      // Nothing that licenses a fix by itself: the gates are those of any other event.
      origin: 'looks',
    },
  });
});

test.each<[string, Change, string]>([
  ['PASSED', (f) => (f.Compliance.Status = 'PASSED'), 'matched'],
  ['WARNING', (f) => (f.Compliance.Status = 'WARNING'), 'matched'],
  ["no compliance, as GuardDuty's copies", (f) => delete f.Compliance, 'matched'],
  ['RESOLVED', (f) => (f.Workflow.Status = 'RESOLVED'), 'matched'],
  ['SUPPRESSED', (f) => (f.Workflow.Status = 'SUPPRESSED'), 'matched'],
  ['ARCHIVED', (f) => (f.RecordState = 'ARCHIVED'), 'matched'],
  ['our own', (f) => (f.GeneratorId = 'suture/s3-bucket-no-public-read'), 'matched'],
  ['another account', (f) => (f.AwsAccountId = '111122223333'), 'ignored'],
  ['another region', (f) => (f.Resources[0].Region = 'eu-west-1'), 'ignored'],
  [
    'another region, said by the finding alone',
    (f) => {
      delete f.Resources[0].Region;
      f.Region = 'eu-west-1';
    },
    'ignored',
  ],
  ['no id', (f) => delete f.Id, 'malformed'],
  ['no account', (f) => delete f.AwsAccountId, 'malformed'],
  ['no resources', (f) => (f.Resources = []), 'malformed'],
  [
    'an access key that is null',
    (f) => (f.Resources = [{ Type: 'AwsIamAccessKey', Id: 'AWS::IAM::AccessKey:null' }]),
    'matched',
  ],
  ['no findings', (_, e) => delete e.detail.findings, 'malformed'],
  ['a finding that is none', (_, e) => (e.detail.findings = ['x']), 'malformed'],
  ['no name for the action', (_, e) => delete e.detail.actionName, 'matched'],
  ['no time', (_, e) => delete e.time, 'malformed'],
  ['a forged source', (_, e) => (e.source = 'securityhub'), 'malformed'],
])('%s', (_, change, outcome) => {
  // The product's own fields name the bucket too.
  expect(changed('S3-Bucket', change).outcome).toBe(outcome);
});

test('an empty list says so', () => {
  expect(match(sample('securityhub/action-none.json'), context)).toEqual({
    outcome: 'ignored',
    reason: 'The custom action was sent without a finding.',
  });
});

describe('several findings', () => {
  test('each leads on, and what does not is passed over with its reason', () => {
    const found = changed('several', () => {});
    expect(ids(found)).toEqual(['lab-results-exchange', 'ehr-primary']);
    expect(found).toMatchObject({ passedOver: [expect.stringContaining('111122223333')] });
  });

  test('several resources of one, and the same one twice', () => {
    const found = changed('S3-Bucket', (f, e) => {
      delete f.ProductFields['Resources:0/Id'];
      f.Resources.push(
        { Type: 'AwsIamRole', Id: 'arn:aws:iam::123456789012:role/Somebody', Region: 'us-east-1' },
        { Type: 'AwsRdsDbInstance', Id: 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary', Region: 'us-east-1' },
      );
      e.detail.findings.push(f);
    });
    expect(ids(found)).toEqual(['lab-results-exchange', 'ehr-primary']);
    expect(found).toMatchObject({ passedOver: ['No control judges AwsIamRole.', 'No control judges AwsIamRole.'] });
  });

  test('nothing passed over is not told', () => {
    expect(changed('S3-Bucket', () => {})).not.toHaveProperty('passedOver');
  });

  test('when none leads on, the gravest is told', () => {
    const found = changed('several', (_, e) => {
      e.detail.findings = [e.detail.findings[2], {}];
    });
    expect(found.outcome).toBe('malformed');
  });
});
