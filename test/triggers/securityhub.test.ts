import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (finding: any, event: any) => void;
function changed(file: string, change: Change) {
  const event = sample(`securityhub/${file}.json`);
  change(event.detail.findings[0], event);
  return match(event, context);
}
const named =
  (Id: string, rest: object = {}): Change =>
  (finding) => {
    finding.Resources = [{ ...finding.Resources[0], Id, ...rest }];
    delete finding.ProductFields['Resources:0/Id'];
  };
const target = (found: ReturnType<typeof match>) =>
  brief(found).targets?.map(({ id, region, lookup }) => [id, region, lookup]) ?? found.outcome;

test('the cause is the finding as of its last update', () => {
  const { Id } = sample('securityhub/S3-Bucket-FAILED.json').detail.findings[0];
  expect(changed('S3-Bucket-FAILED', () => {})).toMatchObject({
    cause: {
      source: 'securityhub',
      eventId: `${Id}@2026-03-04T09:15:02.118Z`,
      eventName: 'S3.8',
      time: '2026-03-04T09:15:02.118Z',
      origin: 'looks',
    },
  });
});

test.each<[string, Change, string]>([
  ['by the consolidated control', () => {}, 'S3.8'],
  [
    'by the older control id',
    (f) => {
      delete f.Compliance.SecurityControlId;
      f.ProductFields.ControlId = 'CT.S3.8';
    },
    'CT.S3.8',
  ],
  [
    'by the rule id of CIS 1.2',
    (f) => {
      delete f.Compliance.SecurityControlId;
      f.ProductFields.RuleId = '2.3';
    },
    '2.3',
  ],
  [
    'by the generator',
    (f) => {
      delete f.Compliance.SecurityControlId;
      f.GeneratorId = 'pci-dss/v/3.2.1/PCI.S3.2';
    },
    'pci-dss/v/3.2.1/PCI.S3.2',
  ],
])('named %s', (_, change, eventName) => {
  expect(changed('S3-Bucket-FAILED', change)).toMatchObject({ cause: { eventName } });
});

test.each<[string, Change, string]>([
  ['WARNING', (f) => (f.Compliance.Status = 'WARNING'), 'ignored'],
  ['NOT_AVAILABLE', (f) => (f.Compliance.Status = 'NOT_AVAILABLE'), 'ignored'],
  ["no compliance, as GuardDuty's copies", (f) => delete f.Compliance, 'ignored'],
  ['RESOLVED', (f) => (f.Workflow.Status = 'RESOLVED'), 'ignored'],
  [
    'SUPPRESSED, whatever the old field says',
    (f) => {
      f.Workflow.Status = 'SUPPRESSED';
      f.WorkflowState = 'NEW';
    },
    'ignored',
  ],
  ['only the old field', (f) => delete f.Workflow, 'matched'],
  [
    'only the old field, RESOLVED',
    (f) => {
      delete f.Workflow;
      f.WorkflowState = 'RESOLVED';
    },
    'ignored',
  ],
  [
    'neither',
    (f) => {
      delete f.Workflow;
      delete f.WorkflowState;
    },
    'ignored',
  ],
  ['no RecordState', (f) => delete f.RecordState, 'ignored'],
  ['another product', (f) => (f.ProductArn = 'arn:aws:securityhub:us-east-1::product/aws/config'), 'matched'],
  [
    'our mark in the product fields',
    (f) => (f.ProductFields['suture/control'] = 's3-bucket-no-public-read'),
    'ignored',
  ],
  ['our generator', (f) => (f.GeneratorId = 'suture/s3-bucket-no-public-read'), 'ignored'],
  ['no generator', (f) => delete f.GeneratorId, 'malformed'],
  ['no id', (f) => delete f.Id, 'malformed'],
  ['no account', (f) => delete f.AwsAccountId, 'malformed'],
  ['a masked account', (f) => (f.AwsAccountId = 'account-id'), 'malformed'],
  ['no resources', (f) => (f.Resources = []), 'malformed'],
  ["no update time: the envelope's", (f) => delete f.UpdatedAt, 'matched'],
  [
    'no time at all',
    (f, e) => {
      delete f.UpdatedAt;
      delete e.time;
    },
    'malformed',
  ],
  ['no findings', (_, e) => (e.detail = { actionName: 'x' }), 'malformed'],
  ['an empty list', (_, e) => (e.detail.findings = []), 'ignored'],
  ['a finding that is none', (_, e) => (e.detail.findings = ['x']), 'malformed'],
  ['a forged source', (_, e) => (e.source = 'securityhub'), 'malformed'],
  ["an insight's results", (_, e) => (e['detail-type'] = 'Security Hub Insight Results'), 'ignored'],
])('%s', (_, change, outcome) => {
  expect(changed('S3-Bucket-FAILED', change).outcome).toBe(outcome);
});

describe('the resource', () => {
  test.each<[string, Change, unknown]>([
    ['an ARN', named('arn:aws:s3:::lab-results-exchange'), [['lab-results-exchange', 'us-east-1', undefined]]],
    ['its name', named('lab-results-exchange'), [['lab-results-exchange', 'us-east-1', undefined]]],
    [
      'type and name',
      named('AWS::S3::Bucket:lab-results-exchange', { Type: 'Other' }),
      [['lab-results-exchange', 'us-east-1', undefined]],
    ],
    ['an ARN without service', named('arn:aws:::lab-results-exchange'), 'unresolved'],
    ['an ARN with a colon too many', named('arn:aws::s3:::lab-results-exchange'), 'unresolved'],
    ['an object', named('arn:aws:s3:::lab-results-exchange/scan.dcm', { Type: 'AwsS3Object' }), 'ignored'],
    ['a hash of another product', named('10fd87ba58132673', { Type: 'Other' }), 'ignored'],
    [
      'no id',
      (f) => {
        named('')(f, undefined);
        delete f.Resources[0].Id;
      },
      'unresolved',
    ],
    ['another partition', named('arn:aws-cn:s3:::lab-results-exchange'), 'malformed'],
    [
      'a resource in another region than the finding',
      named('arn:aws:s3:::lab-results-exchange', { Region: 'eu-west-1' }),
      'ignored',
    ],
    [
      "no region at all: the envelope's",
      (f) => {
        delete f.Region;
        delete f.Resources[0].Region;
      },
      [['lab-results-exchange', 'us-east-1', undefined]],
    ],
  ])('%s', (_, change, expected) => {
    expect(target(changed('S3-Bucket-FAILED', change))).toEqual(expected);
  });

  test.each<[string, string, unknown]>([
    ['by name', 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary', [['ehr-primary', 'us-east-1', undefined]]],
    [
      'by resource id',
      'arn:aws:rds:us-east-1:123456789012:dbinstance:db-J6QZ2K4W7T3XMVN5RHLPEYBDCA',
      [['db-J6QZ2K4W7T3XMVN5RHLPEYBDCA', 'us-east-1', 'resource-id']],
    ],
    [
      'by resource id where the name stands',
      'arn:aws:rds:us-east-1:123456789012:db:db-J6QZ2K4W7T3XMVN5RHLPEYBDCA',
      [['db-J6QZ2K4W7T3XMVN5RHLPEYBDCA', 'us-east-1', 'resource-id']],
    ],
    ['in another region', 'arn:aws:rds:us-west-2:123456789012:db:ehr-primary', 'ignored'],
    ['in another account', 'arn:aws:rds:us-east-1:111122223333:db:ehr-primary', 'malformed'],
    [
      'an automated snapshot, with a colon in its name',
      'arn:aws:rds:us-east-1:123456789012:snapshot:rds:ehr-2026-03-04',
      'unresolved',
    ],
  ])('a database %s', (_, arn, expected) => {
    expect(target(changed('RDS-DBInstance-FAILED', named(arn)))).toEqual(expected);
  });

  test('on the account, with the true ARN in the product fields', () => {
    expect(
      target(
        changed('Account-FAILED', (f) => (f.ProductFields['Resources:0/Id'] = 'arn:aws:s3:::lab-results-exchange')),
      ),
    ).toEqual([['lab-results-exchange', 'us-east-1', undefined]]);
    expect(
      target(changed('Account-FAILED', (f) => (f.ProductFields['Resources:0/Id'] = 'arn:aws:iam::123456789012:root'))),
    ).toBe('ignored');
  });

  test('the true ARN before the id on an account, the id before it elsewhere', () => {
    const both = (file: string) =>
      changed(file, (f) => {
        f.Resources[0].Id = 'arn:aws:s3:::in-id';
        f.ProductFields['Resources:0/Id'] = 'arn:aws:s3:::in-product-fields';
      });
    expect(target(both('Account-FAILED'))).toEqual([['in-product-fields', 'us-east-1', undefined]]);
    expect(target(both('S3-Bucket-FAILED'))).toEqual([['in-id', 'us-east-1', undefined]]);
  });

  test('of a type without controls is ignored, whether its id can be read or not', () => {
    const { Resources } = sample('securityhub/RDS-DBInstance-FAILED.json').detail.findings[0];
    expect(
      target(
        changed(
          'S3-Bucket-FAILED',
          named('arn:aws:rds:us-east-1:123456789012:cluster:ehr', { Type: 'AwsRdsDbCluster' }),
        ),
      ),
    ).toBe('ignored');
    const event = sample('securityhub/RDS-DBInstance-FAILED.json');
    event.detail.findings[0].Resources = [{ ...Resources[0], Id: 'rds:no-id' }];
    delete event.detail.findings[0].ProductFields['Resources:0/Id'];
    expect(match(event, context).outcome).toBe('unresolved');
    expect(match(event, { ...context, controls: context.controls.slice(0, 5) }).outcome).toBe('ignored');
  });

  test('of a finding about another region is left to that region, whatever the resource says', () => {
    expect(target(changed('S3-Bucket-FAILED', (f) => (f.Region = 'eu-west-1')))).toBe('ignored');
  });

  test('among several, each of a type that is judged; the same one once', () => {
    const found = changed('S3-Bucket-FAILED', (f) => {
      const arn = f.Resources[0];
      f.Resources = [
        { Type: 'AwsIamAccessKey', Id: 'AWS::IAM::AccessKey:null', Region: 'us-east-1' },
        arn,
        { ...arn },
        { Type: 'AwsIamRole', Id: 'arn:aws:iam::123456789012:role/Somebody', Region: 'us-east-1' },
        { Type: 'AwsRdsDbInstance', Id: 'arn:aws:rds:us-east-1:123456789012:db:ehr-primary', Region: 'us-east-1' },
        { Type: 'AwsRdsDbInstance', Id: 'arn:aws:rds:us-east-1:111122223333:db:not-ours', Region: 'us-east-1' },
      ];
      delete f.ProductFields['Resources:0/Id'];
    });
    expect(target(found)).toEqual([
      ['lab-results-exchange', 'us-east-1', undefined],
      ['ehr-primary', 'us-east-1', undefined],
    ]);
  });
});

describe('several findings in one event', () => {
  const pair = (change: Change) => {
    const event = sample('securityhub/S3-Bucket-FAILED.json');
    const second = sample('securityhub/RDS-DBInstance-FAILED.json').detail.findings[0];
    event.detail.findings.push(second);
    change(event.detail.findings[0], event);
    return match(event, context);
  };

  test('all lead on, and the first that does is the cause', () => {
    expect(target(pair(() => {}))).toHaveLength(2);
    expect(pair((first) => (first.Compliance.Status = 'PASSED'))).toMatchObject({
      outcome: 'matched',
      cause: { eventName: 'RDS.38' },
    });
  });

  test('each is judged by itself: the state of one and the status of another do not add up', () => {
    const found = pair((first, event) => {
      first.Compliance.Status = 'PASSED';
      event.detail.findings[1].RecordState = 'ARCHIVED';
    });
    expect(found.outcome).toBe('ignored');
  });

  test('when none does, the gravest is told', () => {
    const found = pair((first, event) => {
      first.Compliance.Status = 'PASSED';
      delete event.detail.findings[1].Id;
    });
    expect(found.outcome).toBe('malformed');
  });
});
