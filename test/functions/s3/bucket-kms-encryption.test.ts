import { CreateKeyCommand, DisableKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  type Grant,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  type ServerSideEncryption,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-kms-encryption.ts';
import { bucket } from '../../../lib/aws/s3.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { encryptionOf, groupGrant, judge, OWNER, ownersGrant, publicRead, snapshotOf } from '../../support/fakes/s3.ts';

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ARN = `arn:aws:kms:us-east-1:123456789012:key/${ID}`;
const OTHER = ARN.replace('1234abcd', '5678ef01');

const rule = (SSEAlgorithm: ServerSideEncryption, KMSMasterKeyID?: string): ServerSideEncryptionRule => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm, ...(KMSMasterKeyID && { KMSMasterKeyID }) },
});
const encrypt = (aws: TestAws, ...[algorithm, key]: Parameters<typeof rule>) =>
  aws.s3.send(
    new PutBucketEncryptionCommand({
      Bucket: 'charts',
      ServerSideEncryptionConfiguration: { Rules: [rule(algorithm, key)] },
    }),
  );
const create = async ({ s3 }: TestAws) => {
  await s3.send(new CreateBucketCommand({ Bucket: 'charts' }));
  return 'charts';
};
const charts =
  (...config: Parameters<typeof rule>) =>
  async (aws: TestAws) => {
    const id = await create(aws);
    await encrypt(aws, ...config);
    return id;
  };
/** A bucket on SSE-S3, and what else `prepare` makes of it. */
const sseS3 = (prepare: (aws: TestAws) => Promise<unknown>) => async (aws: TestAws) => {
  const id = await charts('AES256')(aws);
  await prepare(aws);
  return id;
};
const withPolicy = (Principal: object) =>
  sseS3(({ s3 }) =>
    s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'charts',
        Policy: JSON.stringify({ Statement: [{ ...publicRead, Principal }] }),
      }),
    ),
  );
const withGrant = (grant: Grant) =>
  sseS3(({ s3 }) =>
    s3.send(
      new PutBucketAclCommand({
        Bucket: 'charts',
        AccessControlPolicy: { Owner: OWNER, Grants: [ownersGrant, grant] },
      }),
    ),
  );

/** KMS names its keys itself: the settings of a case follow the key that its `given` has made last. */
let made = ARN;
const theKeyMade = {
  get kmsKeyArn() {
    return made;
  },
};
const withKey = (prepare: (aws: TestAws, KeyId: string) => Promise<unknown>) => async (aws: TestAws) => {
  const { KeyMetadata } = await aws.kms.send(new CreateKeyCommand({}));
  made = KeyMetadata?.Arn ?? '';
  // moto takes an ARN in DescribeKey, and only the id in what changes a key.
  await prepare(aws, KeyMetadata?.KeyId ?? '');
  return charts('aws:kms', OTHER)(aws);
};

testControl(control, {
  type: bucket,
  budget: 7,
  snapshot: snapshotOf,
  cases: [
    { name: 'a KMS key', given: charts('aws:kms', ARN), is: 'COMPLIANT' },
    { name: 'the AWS managed key', given: charts('aws:kms'), is: 'COMPLIANT' },
    { name: 'dual-layer encryption', given: charts('aws:kms:dsse'), is: 'COMPLIANT' },
    { name: 'the key of the settings', given: charts('aws:kms', ARN), settings: { kmsKeyArn: ARN }, is: 'COMPLIANT' },
    { name: 'that key by its id', given: charts('aws:kms', ID), settings: { kmsKeyArn: ARN }, is: 'COMPLIANT' },
    {
      name: 'nothing configured, as in a bucket from before 2023',
      given: create,
      is: 'DRIFTED',
      reason: 'notKms',
      shows: async (aws, id) =>
        expect(await encryptionOf(aws, id)).toMatchObject({ ...rule('aws:kms'), BucketKeyEnabled: true }),
    },
    {
      name: 'SSE-S3',
      given: charts('AES256'),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'notKms',
      shows: async (aws, id) =>
        expect(await encryptionOf(aws, id)).toEqual({ ...rule('aws:kms'), BucketKeyEnabled: true }),
      neighbour: async ({ s3 }, id) => {
        await s3.send(
          new PutBucketWebsiteCommand({ Bucket: id, WebsiteConfiguration: { IndexDocument: { Suffix: 'i.html' } } }),
        );
      },
    },
    {
      name: 'SSE-S3, with log delivery by ACL',
      given: withGrant(groupGrant('LogDelivery', 'WRITE')),
      is: 'APPROVAL',
      reason: 'notKms',
    },
    {
      name: 'SSE-S3, with log delivery by policy',
      given: withPolicy({ Service: 'logging.s3.amazonaws.com' }),
      is: 'APPROVAL',
      reason: 'notKms',
    },
    {
      name: 'SSE-S3, read by another account',
      given: withPolicy({ AWS: 'arn:aws:iam::111122223333:root' }),
      is: 'APPROVAL',
      reason: 'notKms',
    },
    {
      name: 'SSE-S3, read by another account through the ACL',
      given: withGrant({ Grantee: { Type: 'CanonicalUser', ID: 'c0ffee' }, Permission: 'READ' }),
      is: 'APPROVAL',
      reason: 'notKms',
    },
    {
      name: 'SSE-S3, with a website',
      given: sseS3(({ s3 }) =>
        s3.send(
          new PutBucketWebsiteCommand({
            Bucket: 'charts',
            WebsiteConfiguration: { IndexDocument: { Suffix: 'i.html' } },
          }),
        ),
      ),
      is: 'APPROVAL',
      reason: 'notKms',
    },
    {
      name: 'another key than the settings name',
      given: withKey(async () => undefined),
      settings: theKeyMade,
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'otherKey',
      shows: async (aws, id) =>
        expect(await encryptionOf(aws, id)).toEqual({ ...rule('aws:kms', made), BucketKeyEnabled: true }),
    },
    {
      name: 'a key in the settings that is disabled',
      given: withKey(({ kms }, KeyId) => kms.send(new DisableKeyCommand({ KeyId }))),
      settings: theKeyMade,
      is: 'MANUAL',
      reason: 'keyUnusable',
    },
    {
      name: 'a key in the settings that is pending deletion',
      given: withKey(({ kms }, KeyId) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))),
      settings: theKeyMade,
      is: 'MANUAL',
      reason: 'keyUnusable',
    },
    {
      name: 'a key in the settings that does not exist',
      given: charts('aws:kms', OTHER),
      settings: { kmsKeyArn: ARN },
      is: 'MANUAL',
      reason: 'keyUnusable',
    },
    {
      name: 'a key in the settings that belongs to another account',
      given: charts('AES256'),
      settings: { kmsKeyArn: ARN.replace('123456789012', '111122223333') },
      is: 'MANUAL',
      reason: 'keyUnusable',
    },
  ],
});

const usable = {
  KeyId: ID,
  Arn: ARN,
  KeyManager: 'CUSTOMER',
  KeyState: 'Enabled',
  KeySpec: 'SYMMETRIC_DEFAULT',
} as const;
const keys = { [ARN]: usable };
const settings = { kmsKeyArn: ARN };

describe("as AWS's rule s3-default-encryption-kms judges", () => {
  test.each<[string, ServerSideEncryptionRule | undefined, string]>([
    ['nothing', undefined, 'NON_COMPLIANT'],
    ['SSE-S3', rule('AES256'), 'NON_COMPLIANT'],
    ['an algorithm that is none', rule('aws:bogus' as never), 'NON_COMPLIANT'],
    ['a rule that only blocks SSE-C', { BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } }, 'NON_COMPLIANT'],
    ['KMS, managed by AWS', rule('aws:kms'), 'COMPLIANT'],
    ['KMS, managed by AWS, by its alias', rule('aws:kms', 'alias/aws/s3'), 'COMPLIANT'],
    ['KMS with a key', rule('aws:kms', ARN), 'COMPLIANT'],
    ['KMS with a key of another account', rule('aws:kms', ARN.replace('123456789012', '111122223333')), 'COMPLIANT'],
    ['KMS without Bucket Key', { ...rule('aws:kms'), BucketKeyEnabled: false }, 'COMPLIANT'],
    ['dual-layer', rule('aws:kms:dsse', ARN), 'COMPLIANT'],
  ])('%s', async (_name, encryption, status) => {
    const { verdict, sent } = await judge(control, { encryption });
    expect(verdict.status).toBe(status);
    if (status === 'COMPLIANT') expect(sent).toEqual(['s3:GetBucketEncryption']);
  });
});

describe('a key named in the settings is required', () => {
  test.each<[string, ServerSideEncryptionRule]>([
    ['by ARN', rule('aws:kms', ARN)],
    ['by id', rule('aws:kms', ID)],
    ['dual-layer', rule('aws:kms:dsse', ARN)],
  ])('%s: one read', async (_name, encryption) => {
    const { verdict, sent } = await judge(control, { encryption, keys }, settings);
    expect(verdict.status).toBe('COMPLIANT');
    expect(sent).toEqual(['s3:GetBucketEncryption']);
  });

  test.each(['alias/charts', 'arn:aws:kms:us-east-1:123456789012:alias/charts'])('%s leads to it', async (alias) => {
    const behind = { ...keys, 'arn:aws:kms:us-east-1:123456789012:alias/charts': usable };
    expect((await judge(control, { encryption: rule('aws:kms', alias), keys: behind }, settings)).verdict.status).toBe(
      'COMPLIANT',
    );
  });

  test.each<[string, ServerSideEncryptionRule, string]>([
    ['no KMS', rule('AES256'), 'notKms'],
    ['the AWS managed key', rule('aws:kms'), 'otherKey'],
    ['another key', rule('aws:kms', OTHER), 'otherKey'],
    ['an alias that leads elsewhere', rule('aws:kms', 'alias/other'), 'otherKey'],
    ['an alias that leads nowhere', rule('aws:kms', 'alias/nowhere'), 'otherKey'],
    ['an alias of another account', rule('aws:kms', 'arn:aws:kms:us-east-1:111122223333:alias/charts'), 'otherKey'],
    ['the same id in another account', rule('aws:kms', ARN.replace('123456789012', '111122223333')), 'otherKey'],
    [
      'a multi-Region key of that id in another Region',
      rule('aws:kms', ARN.replace('us-east-1', 'eu-west-1')),
      'otherKey',
    ],
  ])('%s is drift, and the key is written', async (_name, encryption, reason) => {
    const all = {
      ...keys,
      'arn:aws:kms:us-east-1:123456789012:alias/other': { ...usable, Arn: OTHER },
      'arn:aws:kms:us-east-1:111122223333:alias/charts': usable,
    };
    const { verdict } = await judge(control, { encryption, keys: all }, settings);
    expect(verdict).toMatchObject({
      status: 'NON_COMPLIANT',
      reason,
      desired: { encryption: { ...rule('aws:kms', ARN), BucketKeyEnabled: true } },
      blastRadius: [],
    });
  });

  test.each<[string, object, string]>([
    ['disabled', { ...usable, KeyState: 'Disabled' }, 'is in the state Disabled'],
    ['pending deletion', { ...usable, KeyState: 'PendingDeletion' }, 'is in the state PendingDeletion'],
    ['asymmetric', { ...usable, KeySpec: 'RSA_4096' }, 'is no symmetric encryption key (RSA_4096)'],
  ])('never written while %s', async (_name, metadata, why) => {
    const { verdict } = await judge(
      control,
      { encryption: rule('AES256'), keys: { [ARN]: metadata as typeof usable } },
      settings,
    );
    expect(verdict).toMatchObject({ reason: 'keyUnusable', desired: 'manual', data: { wanted: ARN, why } });
  });

  test('KMS is not asked about a key that is out of place', async () => {
    const kmsKeyArn = ARN.replace('us-east-1', 'eu-west-1');
    const { verdict, sent } = await judge(control, { encryption: rule('AES256'), keys }, { kmsKeyArn });
    expect(verdict).toMatchObject({ reason: 'keyUnusable', desired: 'manual' });
    expect(sent).not.toContain('kms:DescribeKey');
  });

  test('in another partition it is the same', async () => {
    const key = {
      partition: 'aws-us-gov',
      account: '123456789012',
      region: 'us-gov-west-1',
      type: 'AWS::S3::Bucket',
      id: 'charts',
    } as const;
    const kmsKeyArn = `arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/${ID}`;
    const { verdict } = await judge(control, { encryption: rule('aws:kms', ID) }, { kmsKeyArn }, key);
    expect(verdict.status).toBe('COMPLIANT');
  });
});

describe('what is sent', () => {
  const sent = async (encryption: ServerSideEncryptionRule | undefined, next: ServerSideEncryptionRule | null) =>
    control.set((await judge(control, { encryption })).state as never, { encryption: next }).map(({ op }) => op.name);
  const normal = (...config: Parameters<typeof rule>) => ({ ...rule(...config), BucketKeyEnabled: false });

  test('a rule', async () => expect(await sent(rule('aws:kms'), normal('AES256'))).toEqual(['s3:PutBucketEncryption']));
  test('a deletion, where there was none', async () =>
    expect(await sent(rule('aws:kms'), null)).toEqual(['s3:DeleteBucketEncryption']));
  test('nothing, where it is already so', async () => {
    expect(await sent(rule('aws:kms'), normal('aws:kms'))).toEqual([]);
    expect(await sent(undefined, null)).toEqual([]);
  });
});

describe('what is written', () => {
  test('keeps what else the rule holds', async () => {
    const BlockedEncryptionTypes = { EncryptionType: ['SSE-C' as const] };
    const { verdict } = await judge(control, { encryption: { ...rule('AES256'), BlockedEncryptionTypes } });
    expect(verdict).toMatchObject({
      desired: { encryption: { ...rule('aws:kms'), BucketKeyEnabled: true, BlockedEncryptionTypes } },
    });
  });

  test('dual-layer encryption stays dual-layer, without a Bucket Key, which it cannot have', async () => {
    const { verdict } = await judge(control, { encryption: rule('aws:kms:dsse', OTHER), keys }, settings);
    expect(verdict).toMatchObject({
      desired: { encryption: { ...rule('aws:kms:dsse', ARN), BucketKeyEnabled: false } },
    });
  });
});

test('everybody who would be cut off is named', async () => {
  const { verdict } = await judge(control, {
    encryption: rule('AES256'),
    grants: [groupGrant('LogDelivery', 'WRITE')],
    policy: [{ ...publicRead, Sid: 'Partner', Principal: { AWS: '111122223333' } }],
    website: true,
  });
  expect(verdict).toMatchObject({
    blastRadius: [
      'AWS account 111122223333 (policy, Partner)',
      'S3 server access logs delivered to it (ACL)',
      'visitors of its website',
    ],
  });
});

test('a policy that cannot be read is not taken for one that names nobody', async () => {
  await expect(judge(control, { encryption: rule('AES256'), policy: ['nonsense' as never] })).rejects.toThrow(
    /Statement 1/,
  );
});
