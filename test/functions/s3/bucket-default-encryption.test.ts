import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  type ServerSideEncryption,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-default-encryption.ts';
import { bucket } from '../../../lib/aws/s3.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { encryptionOf, judge, publicRead, snapshotOf } from '../../support/fakes/s3.ts';

const ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const rule = (SSEAlgorithm: ServerSideEncryption): ServerSideEncryptionRule => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm },
});
const create = async ({ s3 }: TestAws) => {
  await s3.send(new CreateBucketCommand({ Bucket: 'charts' }));
  return 'charts';
};
const charts = (algorithm: ServerSideEncryption) => async (aws: TestAws) => {
  const Bucket = await create(aws);
  const ServerSideEncryptionConfiguration = { Rules: [rule(algorithm)] };
  await aws.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  return Bucket;
};

testControl(control, {
  type: bucket,
  budget: 7,
  snapshot: snapshotOf,
  cases: [
    { name: 'SSE-S3', given: charts('AES256'), is: 'COMPLIANT' },
    {
      name: 'SSE-S3, where the settings name a key',
      given: charts('AES256'),
      settings: { kmsKeyArn: ARN },
      is: 'COMPLIANT',
    },
    { name: 'KMS', given: charts('aws:kms'), is: 'COMPLIANT' },
    { name: 'dual-layer', given: charts('aws:kms:dsse'), is: 'COMPLIANT' },
    {
      name: 'nothing configured, as in a bucket from before 2023',
      given: create,
      is: 'DRIFTED',
      reason: 'none',
      shows: async (aws, id) =>
        expect(await encryptionOf(aws, id)).toEqual({ ...rule('aws:kms'), BucketKeyEnabled: true }),
      neighbour: async ({ s3 }, id) => {
        await s3.send(
          new PutBucketWebsiteCommand({ Bucket: id, WebsiteConfiguration: { IndexDocument: { Suffix: 'i.html' } } }),
        );
      },
    },
    {
      name: 'nothing configured, and logs are delivered to it',
      given: async (aws) => {
        const Bucket = await create(aws);
        const Statement = [
          { ...publicRead, Action: 's3:PutObject', Principal: { Service: 'delivery.logs.amazonaws.com' } },
        ];
        await aws.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Statement }) }));
        return Bucket;
      },
      is: 'APPROVAL',
      reason: 'none',
    },
    {
      name: 'nothing configured, and the key of the settings does not exist',
      given: create,
      settings: { kmsKeyArn: ARN },
      is: 'MANUAL',
      reason: 'keyUnusable',
    },
  ],
});

describe("as AWS's rule s3-bucket-server-side-encryption-enabled judges", () => {
  test.each<[string, ServerSideEncryptionRule | undefined, string]>([
    ['nothing', undefined, 'NON_COMPLIANT'],
    ['a rule that only blocks SSE-C', { BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] } }, 'NON_COMPLIANT'],
    ['an algorithm that is none', rule('aws:bogus' as never), 'NON_COMPLIANT'],
    ['SSE-S3', rule('AES256'), 'COMPLIANT'],
    ['KMS', rule('aws:kms'), 'COMPLIANT'],
    ['dual-layer', rule('aws:kms:dsse'), 'COMPLIANT'],
  ])('%s', async (_name, encryption, status) => {
    const { verdict, sent } = await judge(control, { encryption });
    expect(verdict.status).toBe(status);
    if (status === 'COMPLIANT') expect(sent).toEqual(['s3:GetBucketEncryption']);
  });

  test('what it writes is what s3-bucket-kms-encryption would', async () => {
    const keys = { [ARN]: { KeyId: 'k', Arn: ARN, KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' } as const };
    const { verdict } = await judge(control, { keys }, { kmsKeyArn: ARN });
    expect(verdict).toMatchObject({
      desired: { encryption: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: ARN } } },
      blastRadius: [],
    });
  });
});
