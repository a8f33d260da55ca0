import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (item: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`config/item-${file}.json`);
  change(event.detail.configurationItem ?? event.detail.configurationItemSummary, event);
  return match(event, context);
}

test('the cause is what was recorded, when it was, and nobody', () => {
  const found = changed('S3-Bucket', () => {});
  expect(found).toMatchObject({
    cause: {
      source: 'config',
      eventId: 'lab-results-exchange@2026-03-04T09:14:58.406Z',
      eventName: 'AWS::S3::Bucket OK',
      time: '2026-03-04T09:14:58.406Z',
      origin: 'looks',
    },
  });
  expect(found).not.toHaveProperty('cause.principal');
});

test.each<[string, Change, string]>([
  ['ResourceDiscovered', (i) => (i.configurationItemStatus = 'ResourceDiscovered'), 'looks'],
  ['ResourceDeleted', (i) => (i.configurationItemStatus = 'ResourceDeleted'), 'deletes'],
  ['ResourceDeletedNotRecorded', (i) => (i.configurationItemStatus = 'ResourceDeletedNotRecorded'), 'deletes'],
  // The change may be of one of its properties: only the status says that it is gone.
  ['a diff that says DELETE', (_, e) => (e.detail.configurationItemDiff.changeType = 'DELETE'), 'looks'],
])('%s', (_, change, origin) => {
  expect(changed('S3-Bucket', change)).toMatchObject({ cause: { origin } });
});

describe.each(['S3-Bucket', 'S3-Bucket-oversized'])('%s', (file) => {
  test.each<[string, Change, string]>([
    ['as it is', () => {}, 'matched'],
    ['not recorded', (i) => (i.configurationItemStatus = 'ResourceNotRecorded'), 'ignored'],
    ['a status nobody knows', (i) => (i.configurationItemStatus = 'constructor'), 'malformed'],
    ['no status', (i) => delete i.configurationItemStatus, 'malformed'],
    ['another account', (i) => (i.awsAccountId = '111122223333'), 'malformed'],
    ['another region', (i) => (i.awsRegion = 'eu-west-1'), 'malformed'],
    [
      'no account, no region and no ARN, as exporters trim it',
      (i) => {
        delete i.awsAccountId;
        delete i.awsRegion;
        delete i.ARN;
      },
      'matched',
    ],
    ['no type', (i) => delete i.resourceType, 'malformed'],
    ['a type nobody judges', (i) => (i.resourceType = 'AWS::SQS::Queue'), 'ignored'],
    ['the ARN alone', (i) => delete i.resourceId, 'matched'],
    ['ARN and id of two', (i) => (i.resourceId = 'another-bucket'), 'malformed'],
    ['an ARN of another type', (i) => (i.ARN = 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary'), 'malformed'],
    [
      'an ARN of another type alone',
      (i) => {
        i.ARN = 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary';
        delete i.resourceId;
      },
      'malformed',
    ],
    ['an ARN of another partition', (i) => (i.ARN = 'arn:aws-cn:s3:::lab-results-exchange'), 'malformed'],
    [
      'what is no id',
      (i) => {
        i.ARN = null;
        i.resourceId = 'lab/results';
      },
      'unresolved',
    ],
    ["no capture time: the envelope's", (i) => delete i.configurationItemCaptureTime, 'matched'],
    [
      'no time at all',
      (i, e) => {
        delete i.configurationItemCaptureTime;
        delete e.time;
      },
      'malformed',
    ],
    [
      'no item',
      (_, e) => {
        e.detail = { messageType: 'ConfigurationItemChangeNotification' };
      },
      'malformed',
    ],
    ['a forged source', (_, e) => (e.source = 'config'), 'malformed'],
  ])('%s', (_, change, outcome) => {
    expect(changed(file, change).outcome).toBe(outcome);
  });
});

test.each<[string, Change, unknown]>([
  ['by its ARN, without asking', () => {}, [['ehr-primary', undefined]]],
  ['by its resource id', (i) => delete i.ARN, [['db-J6QZ2K4W7T3XMVN5RHLPEYBDCA', 'resource-id']]],
  ['of another account', (i) => (i.ARN = 'arn:aws:rds:us-east-1:111122223333:db:ehr-primary'), 'malformed'],
  ['of another region', (i) => (i.ARN = 'arn:aws:rds:eu-west-1:123456789012:db:ehr-primary'), 'malformed'],
  [
    'gone, by its resource id',
    (i) => {
      delete i.ARN;
      i.configurationItemStatus = 'ResourceDeleted';
    },
    'unresolved',
  ],
])('a database %s', (_, change, expected) => {
  const found = changed('RDS-DBInstance', change);
  expect(brief(found).targets?.map(({ id, lookup }) => [id, lookup]) ?? found.outcome).toEqual(expected);
});
