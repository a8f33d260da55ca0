import type { Match } from '../../lib/triggers/index.ts';
import { match } from '../../lib/triggers/index.ts';
import { brief, sample } from './samples.ts';
import { context, databaseType } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (detail: any, event: any) => void;

/** The sample's match after a change to it. */
function changed(file: string, change: Change, within = context): Match {
  const event = sample(`cloudtrail/${file}.json`);
  change(event.detail, event);
  return match(event, within);
}
const ids = (found: Match) => (found.outcome === 'matched' ? found.targets.map(({ key }) => key.id) : found);
const cause = (found: Match) => (found.outcome === 'matched' ? found.cause : found);

describe('account and region', () => {
  test.each<[string, Change, Match['outcome']]>([
    ['no recipientAccountId, as in most events before 2022', (d) => delete d.recipientAccountId, 'matched'],
    ['no awsRegion', (d) => delete d.awsRegion, 'matched'],
    ['awsRegion "global"', (d) => (d.awsRegion = 'global'), 'matched'],
    ['another region', (d) => (d.awsRegion = 'eu-west-1'), 'malformed'],
    ['another account', (d) => (d.recipientAccountId = '111122223333'), 'malformed'],
    ['an account that lost its quotes', (d) => (d.recipientAccountId = 123456789012), 'malformed'],
    ['a caller from another account', (d) => (d.userIdentity.accountId = '111122223333'), 'matched'],
    ['recipientAccountId null', (d) => (d.recipientAccountId = null), 'matched'],
    ['no source', (_, e) => delete e.source, 'malformed'],
    ['no detail-type', (_, e) => delete e['detail-type'], 'malformed'],
    ['no account', (_, e) => delete e.account, 'malformed'],
    ['no region', (_, e) => delete e.region, 'malformed'],
    ['an account of thirteen digits', (_, e) => (e.account = '1234567890123'), 'malformed'],
    ['a region with a number too many', (d, e) => (d.awsRegion = e.region = 'us-east-12'), 'matched'],
    ['an availability zone', (d, e) => (d.awsRegion = e.region = 'us-east-1a'), 'malformed'],
    ['a region after a blank', (d, e) => (d.awsRegion = e.region = ' us-east-1'), 'malformed'],
    ['a masked account', (_, e) => (e.account = 'account-id'), 'malformed'],
    ['a masked region', (_, e) => (e.region = 'region'), 'malformed'],
    ['no detail', (_, e) => (e.detail = null), 'malformed'],
    ['a source that anybody may write', (_, e) => (e.source = 'hospital.tests'), 'malformed'],
    ['a source that only begins like AWS', (_, e) => (e.source = 'awsome.s3'), 'malformed'],
    ['a partner of AWS', (_, e) => (e.source = 'aws.partner/example.com/s3'), 'malformed'],
    ['API calls come from every service', (_, e) => (e.source = 'aws.securityhub'), 'matched'],
    ['an unknown kind', (_, e) => (e['detail-type'] = 'constructor'), 'ignored'],
    ['a service event', (_, e) => (e['detail-type'] = 'AWS Service Event via CloudTrail'), 'ignored'],
  ])('%s', (_, change, outcome) => {
    expect(changed('PutBucketPolicy', change).outcome).toBe(outcome);
  });

  test.each([
    ['DeleteBucketEncryption-us-gov-west-1', 'aws-us-gov'],
    ['DeleteBucketEncryption-cn-north-1', 'aws-cn'],
    ['DeleteBucketEncryption', 'aws'],
  ])('%s lies in the partition %s', (file, partition) => {
    const found = changed(file, () => {});
    expect(found.outcome === 'matched' && found.targets.map(({ key }) => key.partition)).toEqual([partition]);
  });
});

describe('what counts as done', () => {
  test.each<[string, Change, Match['outcome']]>([
    ['an empty errorCode is success', (d) => (d.errorCode = ''), 'matched'],
    ['a null errorCode is success', (d) => (d.errorCode = null), 'matched'],
    ['any other errorCode is failure', (d) => (d.errorCode = 'Client.UnauthorizedOperation'), 'ignored'],
    ['a dry run did nothing', (d) => (d.errorCode = 'Client.DryRunOperation'), 'ignored'],
    ['a hidden errorCode is failure', (d) => (d.errorCode = '****'), 'ignored'],
    ['readOnly true', (d) => (d.readOnly = true), 'ignored'],
    ['readOnly "true"', (d) => (d.readOnly = 'true'), 'ignored'],
    ['readOnly "false"', (d) => (d.readOnly = 'false'), 'matched'],
    ['no readOnly', (d) => delete d.readOnly, 'matched'],
    ['no eventName', (d) => delete d.eventName, 'malformed'],
    ['no eventSource', (d) => (d.eventSource = '...'), 'malformed'],
    ['the same name at another service', (d) => (d.eventSource = 's3-outposts.amazonaws.com'), 'ignored'],
    ['a name that every object has', (d) => (d.eventName = 'toString'), 'ignored'],
  ])('%s', (_, change, outcome) => {
    expect(changed('PutBucketPolicy', change).outcome).toBe(outcome);
  });
});

describe('the bucket', () => {
  const arn = 'arn:aws:s3:::lab-results-exchange';
  test.each<[string, Change, unknown]>([
    [
      'a list of one, as before 2020',
      (d) => (d.requestParameters.bucketName = ['lab-results-exchange']),
      ['lab-results-exchange'],
    ],
    ['absent', (d) => delete d.requestParameters.bucketName, ['lab-results-exchange']],
    ['empty', (d) => (d.requestParameters.bucketName = ''), ['lab-results-exchange']],
    ['hidden', (d) => (d.requestParameters.bucketName = 'HIDDEN_DUE_TO_SECURITY_REASONS'), ['lab-results-exchange']],
    ['stars', (d) => (d.requestParameters.bucketName = '****'), ['lab-results-exchange']],
    ['parameters null', (d) => (d.requestParameters = null), ['lab-results-exchange']],
    ['parameters {}', (d) => (d.requestParameters = {}), ['lab-results-exchange']],
    ['parameters "null"', (d) => (d.requestParameters = 'null'), ['lab-results-exchange']],
    ['an ARN in the place of a name', (d) => (d.requestParameters.bucketName = arn), ['lab-results-exchange']],
    ['a legacy name', (d) => (d.requestParameters.bucketName = 'Old_Bucket.2009'), ['Old_Bucket.2009']],
  ])('%s', (_, change, expected) => {
    expect(ids(changed('PutBucketPolicy', change))).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['no resources', undefined],
    ['resources null', null],
    ['only an object', [{ type: 'AWS::S3::Object', ARN: `${arn}/scan.dcm` }]],
    ['two buckets: a guess', [{ ARN: arn }, { ARN: 'arn:aws:s3:::another' }]],
    ['an ARN without service', [{ ARN: 'arn:aws:::lab-results-exchange' }]],
    ['an access point', [{ ARN: 'arn:aws:s3:us-east-1:123456789012:accesspoint/lab' }]],
  ])('without parameters and with %s it is unresolved', (_, resources) => {
    expect(
      changed('PutBucketPolicy', (d) => {
        d.requestParameters = null;
        d.resources = resources;
      }).outcome,
    ).toBe('unresolved');
  });

  test('of another partition is malformed', () => {
    expect(
      changed(
        'PutBucketPolicy-parameters-omitted',
        (d) => (d.resources = [{ ARN: 'arn:aws-cn:s3:::lab-results-exchange' }]),
      ).outcome,
    ).toBe('malformed');
  });

  test('of another account is left to that account, also when only resources names it', () => {
    for (const file of ['PutBucketPolicy', 'PutBucketPolicy-parameters-omitted'])
      expect(changed(file, (d) => (d.resources[0].accountId = '111122223333')).outcome).toBe('ignored');
  });
});

describe('whose bucket it is', () => {
  const own = { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::lab-results-exchange', accountId: '123456789012' };
  const others = { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::their-logs', accountId: '111122223333' };
  test.each<[string, readonly object[], Match['outcome']]>([
    ["ours beside another account's", [others, own], 'matched'],
    [
      'theirs beside one of ours',
      [
        { ...own, ARN: others.ARN },
        { ...others, ARN: own.ARN },
      ],
      'ignored',
    ],
    ['theirs, named by nothing else', [{ type: own.type, accountId: others.accountId }], 'ignored'],
    [
      'several without ARNs: nobody says',
      [{ type: own.type, accountId: others.accountId }, { type: own.type }],
      'matched',
    ],
    ['another type in another account', [{ type: 'AWS::KMS::Key', accountId: others.accountId }], 'matched'],
  ])('%s', (_, resources, outcome) => {
    expect(changed('PutBucketPolicy', (d) => (d.resources = resources)).outcome).toBe(outcome);
  });
});

describe('a new bucket', () => {
  const created = (file: string, change: Change) => {
    const found = changed(file, change);
    return found.outcome === 'matched' ? [found.targets[0]?.key.region, found.cause.origin] : found.outcome;
  };
  const constraint =
    (value: unknown): Change =>
    (d) =>
      (d.requestParameters.CreateBucketConfiguration = { LocationConstraint: value });

  test.each<[string, Change, unknown]>([
    ['EU is eu-west-1', constraint('EU'), ['eu-west-1', 'creates']],
    ['elsewhere', constraint('ap-south-1'), ['ap-south-1', 'creates']],
    [
      "without a constraint in the event's region",
      (d) => delete d.requestParameters.CreateBucketConfiguration,
      ['us-east-1', 'changes'],
    ],
    ['an empty constraint', constraint(''), ['us-east-1', 'changes']],
    ['a constraint that is no region', constraint('Frankfurt'), 'malformed'],
    ['a constraint in another partition', constraint('cn-north-1'), 'malformed'],
  ])('%s', (_, change, expected) => {
    expect(created('CreateBucket-us-east-1', change)).toEqual(expected);
  });

  test('in us-east-1 success does not prove it new, elsewhere it does', () => {
    expect(created('CreateBucket-us-east-1', () => {})).toEqual(['us-east-1', 'changes']);
    expect(created('CreateBucket', () => {})).toEqual(['eu-central-1', 'creates']);
  });
});

describe('the database', () => {
  const own = 'arn:aws:rds:us-east-1:123456789012:db:EHR-Primary';
  test.each<[string, Change, unknown]>([
    ['capitals', (d) => (d.requestParameters.dBInstanceIdentifier = 'EHR-Primary'), ['ehr-primary']],
    ['its own ARN', (d) => (d.requestParameters.dBInstanceIdentifier = own), ['ehr-primary']],
    ['only in the answer', (d) => (d.requestParameters = null), ['ehr-primary']],
    ['renamed to nothing', (d) => (d.requestParameters.newDBInstanceIdentifier = ''), ['ehr-primary']],
    ['renamed to itself', (d) => (d.requestParameters.newDBInstanceIdentifier = 'EHR-primary'), ['ehr-primary']],
    ['a name like a resource id', (d) => (d.requestParameters.dBInstanceIdentifier = 'db-12345'), ['db-12345']],
  ])('%s', (_, change, expected) => {
    expect(ids(changed('ModifyDBInstance', change))).toEqual(expected);
  });

  test.each<[string, string, Match['outcome']]>([
    ['another account', 'arn:aws:rds:us-east-1:111122223333:db:ehr-primary', 'malformed'],
    ['another region', 'arn:aws:rds:us-west-2:123456789012:db:ehr-primary', 'malformed'],
    ['another partition', 'arn:aws-us-gov:rds:us-east-1:123456789012:db:ehr-primary', 'malformed'],
    ['a cluster', 'arn:aws:rds:us-east-1:123456789012:cluster:ehr', 'unresolved'],
    ['a parameter group', 'arn:aws:rds:us-east-1:123456789012:pg:ehr', 'unresolved'],
    [
      'an ARN within an ARN',
      'arn:aws:rds:us-east-1:123456789012:db:arn:aws:rds:us-east-1:123456789012:db:x',
      'unresolved',
    ],
    ['half an ARN', 'arn:aws:rds', 'unresolved'],
  ])('an ARN of %s', (_, arn, outcome) => {
    expect(changed('ModifyDBInstance', (d) => (d.requestParameters.dBInstanceIdentifier = arn)).outcome).toBe(outcome);
  });

  test('neither in the call nor in the answer is unresolved', () => {
    expect(
      changed('ModifyDBInstance', (d) => {
        d.requestParameters = {};
        d.responseElements = null;
      }).outcome,
    ).toBe('unresolved');
  });

  test.each<[string, Change, unknown]>([
    ['ModifyDBParameterGroup', (d) => (d.requestParameters = null), ['ehr-legacy-clients']],
    ['RestoreDBInstanceToPointInTime', (d) => (d.requestParameters = null), ['ehr-drill']],
    ['RebootDBInstance', (d) => (d.requestParameters = null), ['ehr-primary']],
  ])('%s is read from the answer when its parameters are left out', (file, change, expected) => {
    expect(ids(changed(file, change))).toEqual(expected);
  });

  test('only making an instance in a cluster is weakened by the cluster', () => {
    expect(cause(changed('ModifyDBInstance', (d) => (d.requestParameters.dBClusterIdentifier = 'ehr')))).toMatchObject({
      origin: 'changes',
    });
  });

  test('a control of another type that listens to the same call is not led to the instance', () => {
    const [database] = context.controls.slice(5);
    const cluster = { id: 'rds-cluster-control', resources: ['AWS::RDS::DBCluster'], triggers: database?.triggers };
    const within = { ...context, controls: [...context.controls, cluster] as typeof context.controls };
    const found = changed('ModifyDBInstance', () => {}, within);
    expect(found.outcome === 'matched' && found.targets.map(({ controls }) => controls)).toEqual([
      ['rds-postgres-tls-required'],
    ]);
  });

  test('a point-in-time restore without its target is not the source', () => {
    expect(
      changed('RestoreDBInstanceToPointInTime', (d) => {
        delete d.requestParameters.targetDBInstanceIdentifier;
        d.responseElements = null;
      }).outcome,
    ).toBe('unresolved');
  });

  test('a parameter group is looked up, also when it is named by its ARN', () => {
    const found = changed(
      'ModifyDBParameterGroup',
      (d) => (d.requestParameters.dBParameterGroupName = 'arn:aws:rds:us-east-1:123456789012:pg:EHR-legacy-clients'),
    );
    expect(found.outcome === 'matched' && found.targets[0]).toMatchObject({
      lookup: 'parameter-group',
      key: { id: 'ehr-legacy-clients' },
    });
  });

  test('a member of an Aurora cluster is not made from nothing', () => {
    expect(cause(changed('CreateDBInstance', (d) => (d.requestParameters.dBClusterIdentifier = 'ehr')))).toMatchObject({
      origin: 'restores',
    });
    expect(cause(changed('CreateDBInstance', () => {}))).toMatchObject({ origin: 'creates' });
  });
});

describe('who did it', () => {
  test('a session is named by its role, and by nothing it may choose', () => {
    expect(cause(changed('PutBucketPolicy', () => {}))).toEqual({
      source: 'cloudtrail',
      eventId: sample('cloudtrail/PutBucketPolicy.json').detail.eventID,
      eventName: 'PutBucketPolicy',
      time: '2026-03-04T09:12:31Z',
      origin: 'changes',
      principal: {
        type: 'AssumedRole',
        arn: 'arn:aws:sts::123456789012:assumed-role/HospitalPlatformEngineer/m.okafor',
        accountId: '123456789012',
        issuerArn: 'arn:aws:iam::123456789012:role/HospitalPlatformEngineer',
      },
      sourceAddress: '198.51.100.24',
      userAgent: expect.stringContaining('aws-cli'),
    });
  });

  test.each<[string, unknown, unknown]>([
    [
      'root',
      { type: 'Root', arn: 'arn:aws:iam::123456789012:root', accountId: '123456789012' },
      { type: 'Root', arn: 'arn:aws:iam::123456789012:root', accountId: '123456789012' },
    ],
    [
      'a service',
      { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
    ],
    [
      'another account',
      { type: 'AWSAccount', principalId: 'AIDAEXAMPLE', accountId: '111122223333' },
      { type: 'AWSAccount', accountId: '111122223333' },
    ],
    ['no type', { arn: '****', accountId: '123456789012' }, { type: 'Unknown', accountId: '123456789012' }],
    ['an empty issuer', { type: 'IAMUser', sessionContext: { sessionIssuer: {} } }, { type: 'IAMUser' }],
    ['nobody', undefined, undefined],
    ['a word', 'null', undefined],
  ])('%s', (_, identity, principal) => {
    const found = cause(changed('PutBucketPolicy', (d) => (d.userIdentity = identity)));
    expect(found).toHaveProperty('eventName');
    expect((found as { principal?: unknown }).principal).toEqual(principal);
  });

  test('nothing of what was sent or answered is in the result', () => {
    const words = JSON.stringify(changed('CreateDBInstance', () => {}));
    for (const word of ['hospital_admin', 'HIDDEN', 'sg-', 'kms']) expect(words).not.toContain(word);
  });

  const ours = 'PutBucketPublicAccessBlock-own-role';
  test.each<[string, Change, Match['outcome']]>([
    ['our own role', () => {}, 'ignored'],
    ['a role whose name begins like ours', (d) => (d.userIdentity.sessionContext.sessionIssuer.arn += '-2'), 'matched'],
    [
      'a role of our name in another account',
      (d) => (d.userIdentity.sessionContext.sessionIssuer.arn = 'arn:aws:iam::111122223333:role/suture-s3'),
      'matched',
    ],
    [
      'only a session of our name',
      (d) => {
        d.userIdentity.arn = 'arn:aws:sts::123456789012:assumed-role/Other/suture-s3';
        d.userIdentity.sessionContext.sessionIssuer = {
          arn: 'arn:aws:iam::123456789012:role/Other',
          userName: 'suture-s3',
        };
      },
      'matched',
    ],
    ['no issuer', (d) => delete d.userIdentity.sessionContext, 'matched'],
  ])('%s', (_, change, outcome) => {
    expect(changed(ours, change).outcome).toBe(outcome);
  });
});

describe('when it happened', () => {
  test.each<[string, Change, unknown]>([
    ['its own time, not its delivery', (_, e) => (e.time = '2026-03-05T00:00:00Z'), '2026-03-04T09:12:31Z'],
    ['the delivery when its own is hidden', (d) => (d.eventTime = '...'), '2026-03-04T09:12:31Z'],
    [
      'the delivery when its own has no zone',
      (d, e) => {
        d.eventTime = 'Mar 4, 2026 9:12:31 AM';
        e.time = '2026-03-04T09:13:00Z';
      },
      '2026-03-04T09:13:00Z',
    ],
  ])('%s', (_, change, time) => {
    expect(cause(changed('PutBucketPolicy', change))).toMatchObject({ time });
  });

  test('never is malformed', () => {
    expect(
      changed('PutBucketPolicy', (d, e) => {
        delete d.eventTime;
        e.time = '2026-13-45T99:99:99Z';
      }).outcome,
    ).toBe('malformed');
  });
});

describe('controls that differ over one event', () => {
  const two = (a: string, b: string) => ({
    ...context,
    controls: [a, b].map((origin, n) => ({
      ...context.controls[5],
      id: `c${n}`,
      resources: ['AWS::RDS::DBInstance'],
      triggers: [{ source: 'rds.amazonaws.com', events: { RebootDBInstance: origin } }],
    })) as unknown as typeof context.controls,
  });
  test.each([
    ['creates', 'opens', 'opens'],
    ['opens', 'changes', 'changes'],
    ['changes', 'restores', 'restores'],
    ['restores', 'looks', 'looks'],
    ['creates', 'creates', 'creates'],
  ])('%s and %s is %s: the claim that licenses least', (a, b, origin) => {
    for (const within of [two(a, b), two(b, a)])
      expect(cause(changed('RebootDBInstance', () => {}, within))).toMatchObject({ origin });
  });

  test('a call that deletes one type and concerns another is no deletion of the other', () => {
    const deletes = {
      ...databaseType,
      name: 'AWS::EC2::FlowLog' as const,
      asff: 'AwsEc2FlowLog',
      deletedBy: { source: 'rds.amazonaws.com' as const, events: ['RebootDBInstance'] },
    };
    const within = { ...context, types: [deletes, ...context.types] };
    expect(brief(changed('RebootDBInstance', () => {}, within))).toMatchObject({ outcome: 'matched', origin: 'looks' });
  });

  test('a deletion nobody would judge is ignored', () => {
    expect(changed('DeleteDBInstance', () => {}, { ...context, controls: context.controls.slice(0, 5) }).outcome).toBe(
      'ignored',
    );
  });
});
