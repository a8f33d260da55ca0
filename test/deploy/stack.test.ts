import type { Op } from '../../lib/aws/op.ts';
import { stack } from '../../lib/deploy/stack.ts';
import { DEFAULT_SETTINGS } from '../../lib/settings.ts';
import { actions, catalogue, everything, ofType, properties, statements } from './catalogue.ts';

const reporting = stack(catalogue, DEFAULT_SETTINGS);
const fixing = stack(catalogue, everything('auto'));
const families = catalogue.families.map(({ name }) => name);
const capital = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;
const familyRoles = families.map((name) => `${capital(name)}Role`);
const roles = [...familyRoles, 'AgendaRole'];

const iam = (ops: readonly Op[]): Set<string> => new Set(ops.flatMap((op) => op.iam));
const everyControl = catalogue.families.flatMap(({ controls }) => controls.map(({ control }) => control));

describe('what a role may do', () => {
  test('a deployment that only reports holds no operation of a fix', () => {
    const reads = iam(everyControl.flatMap((control) => control.reads));
    for (const role of roles) {
      expect(statements(reporting, role).map(({ Sid }) => Sid)).not.toContainEqual(expect.stringMatching(/^Remediate/));
      for (const action of iam(everyControl.flatMap((control) => control.writes.fix))) {
        if (!reads.has(action)) expect(actions(reporting, role)).not.toContain(action);
      }
    }
  });

  test.each(['approve', 'off'] as const)('mode %s brings no permission to write either', (mode) => {
    const ids = Object.values(stack(catalogue, everything(mode)).resources.Resources).flatMap(({ Properties }) =>
      JSON.stringify(Properties),
    );
    expect(ids.filter((text) => text.includes('Remediate'))).toEqual([]);
  });

  test('one control in auto mode brings the operations of its fix and of no other', () => {
    const id = 's3-bucket-kms-encryption';
    const one = stack(catalogue, { ...DEFAULT_SETTINGS, modes: { [id]: 'auto' } });
    const control = everyControl.find((each) => each.id === id)!;
    const remediate = statements(one, 'S3Role').filter(({ Sid }) => Sid.startsWith('Remediate'));
    expect(new Set(remediate.flatMap(({ Action }) => Action))).toEqual(iam(control.writes.fix));
    expect(statements(one, 'RdsRole').map(({ Sid }) => Sid)).not.toContain('Remediate');
  });

  test('no role holds what only a revert needs', () => {
    const allowed = iam(everyControl.flatMap((control) => [...control.reads, ...control.writes.fix]));
    const revertOnly = [...iam(everyControl.flatMap((control) => control.writes.revert))].filter(
      (action) => !allowed.has(action),
    );
    expect(revertOnly).toContain('rds:DeleteDBParameterGroup');
    for (const role of roles) for (const action of revertOnly) expect(actions(fixing, role)).not.toContain(action);
  });

  test('each operation is allowed on the resources it names, none on everything that could be narrower', () => {
    const [observe] = statements(reporting, 'S3Role').filter(({ Action }) => Action.includes('s3:GetBucketAcl'));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
    expect(observe?.Resource).toEqual({ 'Fn::Sub': 'arn:${AWS::Partition}:s3:::*' });
    for (const role of roles) {
      for (const { Action, Resource } of statements(fixing, role)) {
        if (Resource === '*') expect([Action].flat().join()).toMatch(/^(?:\w+:(?:List|Describe)\w+,?)+$/);
        expect([Action].flat()).not.toContainEqual(expect.stringMatching(/^\*$|:\*$/));
      }
    }
  });

  test('evidence can be added, and neither read, replaced nor deleted', () => {
    for (const role of familyRoles) {
      const objects = actions(fixing, role).filter((action) =>
        /^s3:.*(?:Object|Retention|LegalHold|Bypass)/.test(action),
      );
      // PutObjectRetention can lengthen a lock and never shorten one.
      expect(objects).toEqual(['s3:PutObject', 's3:PutObjectRetention']);
    }
    const { PolicyDocument } = properties(fixing, 'SutureEvidencePolicy');
    expect(PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:PutObject',
        Condition: { Null: { 's3:if-none-match': 'true' } },
      }),
    );
  });

  test('the agenda may read what is due and call the families, and nothing else of the account', () => {
    expect(new Set(actions(fixing, 'AgendaRole').map((action) => action.split(':')[0]))).toEqual(
      new Set(['dynamodb', 'lambda', 'kms', 'sqs', 'logs']),
    );
    const [called] = statements(fixing, 'AgendaRole').filter(({ Sid }) => Sid === 'Families');
    expect(called?.Action).toBe('lambda:InvokeFunction');
    expect(JSON.stringify(called?.Resource).match(/function:suture-[^"]*/g)).toEqual(
      families.map((name) => `function:suture-\${sls:stage}-${name}`),
    );
  });
});

describe('no event is lost unseen', () => {
  const queue = { 'Fn::GetAtt': ['SutureDeadLetters', 'Arn'] };

  test('every rule retries and then leaves the event in the dead-letter queue', () => {
    const rules = ofType(fixing, 'AWS::Events::Rule');
    const own = families.flatMap((name) => [`${capital(name)}CallsRule`, `${capital(name)}FindingsRule`]);
    expect(rules.map(([id]) => id).sort()).toEqual(['AgendaTickRule', ...own].sort());
    for (const [id, { Targets }] of rules) {
      expect(Targets).toHaveLength(1);
      expect(Targets[0].DeadLetterConfig).toEqual({ Arn: queue });
      if (id !== 'AgendaTickRule') {
        expect(Targets[0].RetryPolicy).toEqual({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 });
      }
    }
  });

  test('every function runs an event again when it fails, and then leaves it there too, as its role allows', () => {
    for (const [, config] of ofType(fixing, 'AWS::Lambda::EventInvokeConfig')) {
      expect(config.DestinationConfig).toEqual({ OnFailure: { Destination: queue } });
    }
    expect(properties(fixing, 'S3InvokeConfig').MaximumRetryAttempts).toBe(2);
    for (const role of roles) expect(actions(fixing, role)).toContain('sqs:SendMessage');
  });

  test('EventBridge may write to the encrypted queue: queue and key both say so', () => {
    const byEvents = expect.objectContaining({ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } });
    expect(properties(fixing, 'SutureDeadLettersPolicy').PolicyDocument.Statement).toContainEqual(byEvents);
    expect(properties(fixing, 'SutureKey').KeyPolicy.Statement).toContainEqual(byEvents);
  });
});

describe('what is kept', () => {
  const key = { 'Fn::GetAtt': ['SutureKey', 'Arn'] };

  test('is encrypted with the key of the deployment, which is rotated', () => {
    expect(properties(fixing, 'SutureKey').EnableKeyRotation).toBe(true);
    expect(properties(fixing, 'SutureDeadLetters').KmsMasterKeyId).toEqual(key);
    expect(properties(fixing, 'SutureLedger').SSESpecification).toEqual({
      SSEEnabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: key,
    });
    expect(
      properties(fixing, 'SutureEvidence').BucketEncryption.ServerSideEncryptionConfiguration[0]
        .ServerSideEncryptionByDefault,
    ).toEqual({ SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    const groups = ofType(fixing, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(families.length + 1);
    for (const [, group] of groups) expect(group.KmsKeyId).toEqual(key);
  });

  test('survives the stack', () => {
    for (const id of ['SutureKey', 'SutureLedger', 'SutureEvidence']) {
      const { DeletionPolicy, UpdateReplacePolicy } = fixing.resources.Resources[id]!;
      expect({ id, DeletionPolicy, UpdateReplacePolicy }).toEqual({
        id,
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
    }
    expect(properties(fixing, 'SutureLedger')).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  test('is locked as the settings say', () => {
    const strict = stack(catalogue, { modes: {}, evidence: { retentionDays: 2557, lockMode: 'COMPLIANCE' } });
    expect(properties(strict, 'SutureEvidence')).toMatchObject({
      ObjectLockEnabled: true,
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
      },
    });
  });

  test.each(['SutureEvidencePolicy', 'SutureDeadLettersPolicy'])('%s refuses whoever comes without TLS', (id) => {
    expect(properties(fixing, id).PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});

test('a family whose controls are all off is not deployed, and the agenda does not call it', () => {
  const rdsOff = Object.fromEntries(
    everyControl.filter(({ id }) => id.startsWith('rds-')).map(({ id }) => [id, 'off' as const]),
  );
  const { functions, resources } = stack(catalogue, { ...DEFAULT_SETTINGS, modes: rdsOff });
  const others = families.filter((name) => name !== 'rds');
  expect(Object.keys(functions)).toEqual([...others, 'agenda']);
  expect(functions.agenda?.environment).toMatchObject({ SUTURE_FAMILIES: others.join(',') });
  expect(JSON.stringify(resources)).not.toContain('-rds');
});

test('a function knows the exact roles that are ours', () => {
  for (const [name, lambda] of Object.entries(fixing.functions)) {
    const { SUTURE_FAMILIES, SUTURE_ROLE_PREFIX } = lambda.environment as Record<string, unknown>;
    expect(SUTURE_FAMILIES).toBe(families.join(','));
    const { RoleName } = properties(fixing, `${capital(name)}Role`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's
    const roleArn = `${'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/'}${RoleName}`;
    expect({ 'Fn::Sub': roleArn }).toEqual({
      'Fn::Sub': `${(SUTURE_ROLE_PREFIX as { 'Fn::Sub': string })['Fn::Sub']}${name}`,
    });
  }
});

test('what no finding may tell raises an alarm, which the encrypted topic may deliver', () => {
  const alarms = ofType(fixing, 'AWS::CloudWatch::Alarm');
  expect(alarms.map(([, { MetricName }]) => MetricName).sort()).toEqual([
    'AccessDenied',
    'ApproximateNumberOfMessagesVisible',
    'FindingsRefused',
    'FixFailed',
    'Held',
    'Invocations',
    'VerificationFailed',
  ]);
  for (const [, { AlarmActions }] of alarms) expect(AlarmActions).toEqual([{ Ref: 'SutureAlarms' }]);
  const { Namespace, Dimensions } = properties(fixing, 'SutureHeldAlarm');
  for (const { environment } of Object.values(fixing.functions)) {
    expect(environment).toMatchObject({
      POWERTOOLS_METRICS_NAMESPACE: Namespace,
      POWERTOOLS_SERVICE_NAME: Dimensions[0].Value,
    });
  }
  expect(properties(fixing, 'SutureAlarms').KmsMasterKeyId).toEqual({ 'Fn::GetAtt': ['SutureKey', 'Arn'] });
  expect(properties(fixing, 'SutureKey').KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
  );
});
