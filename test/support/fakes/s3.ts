import type { KeyMetadata } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketWebsiteCommand,
  GetPublicAccessBlockCommand,
  type Grant,
  type PublicAccessBlockConfiguration,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  type ServerSideEncryption,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import type { Op } from '../../../lib/aws/op.ts';
import type { AnyControl, Verdict } from '../../../lib/control.ts';
import type { ResourceKey } from '../../../lib/resource.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../lib/settings.ts';

/** One bucket's configuration, for tables of judgements that need no emulator; what is left out is not configured. */
export interface BucketConfig {
  readonly block?: PublicAccessBlockConfiguration;
  readonly grants?: readonly Grant[];
  readonly ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  readonly policy?: readonly object[];
  readonly isPublic?: boolean;
  readonly website?: boolean;
  readonly encryption?: ServerSideEncryptionRule;
  /** By what a caller may ask for: key ARN or alias ARN. */
  readonly keys?: Readonly<Record<string, KeyMetadata>>;
}

export const KEY: ResourceKey = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::S3::Bucket',
  id: 'charts',
};
/** moto's owner of every bucket. */
export const OWNER = { ID: '75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a' };
export const ownersGrant: Grant = { Grantee: { Type: 'CanonicalUser', ...OWNER }, Permission: 'FULL_CONTROL' };
export const groupGrant = (group: string, Permission: Grant['Permission']): Grant => ({
  Grantee: {
    Type: 'Group',
    URI: `http://acs.amazonaws.com/groups/${group === 'LogDelivery' ? 's3' : 'global'}/${group}`,
  },
  Permission,
});
export const publicRead = {
  Sid: 'PublicRead',
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::charts/*',
};

function answer(name: string, input: { KeyId?: string }, bucket: BucketConfig): unknown {
  switch (name) {
    case 's3:GetPublicAccessBlock':
      return bucket.block && { PublicAccessBlockConfiguration: bucket.block };
    case 's3:GetBucketAcl':
      return { Owner: OWNER, Grants: [ownersGrant, ...(bucket.grants ?? [])] };
    case 's3:GetBucketOwnershipControls':
      return bucket.ownership && { OwnershipControls: { Rules: [{ ObjectOwnership: bucket.ownership }] } };
    case 's3:GetBucketPolicy':
      return bucket.policy && { Policy: JSON.stringify({ Version: '2012-10-17', Statement: bucket.policy }) };
    case 's3:GetBucketPolicyStatus':
      return bucket.policy && { PolicyStatus: { IsPublic: bucket.isPublic } };
    case 's3:GetBucketWebsite':
      return bucket.website ? { IndexDocument: { Suffix: 'index.html' } } : undefined;
    case 's3:GetBucketEncryption':
      return bucket.encryption && { ServerSideEncryptionConfiguration: { Rules: [bucket.encryption] } };
    case 'kms:DescribeKey': {
      const KeyMetadata = bucket.keys?.[input.KeyId ?? ''];
      return KeyMetadata && { KeyMetadata };
    }
    default:
      throw new Error(`No answer to ${name}.`);
  }
}

/** What a control sees and says of such a bucket, and which calls it took. */
export async function judge(
  control: AnyControl,
  bucket: BucketConfig,
  settings: Partial<Settings> = {},
  key: ResourceKey = KEY,
): Promise<{ readonly verdict: Verdict; readonly state: unknown; readonly sent: readonly string[] }> {
  const all: Settings = { ...DEFAULT_SETTINGS, ...settings };
  const sent: string[] = [];
  const call = async (op: Op, input: { Bucket?: string; ExpectedBucketOwner?: string; KeyId?: string }) => {
    sent.push(op.name);
    // A read of a bucket that could be somebody else's proves nothing about ours.
    if (input.Bucket && (input.Bucket !== key.id || input.ExpectedBucketOwner !== key.account))
      throw new Error(`${op.name} does not name its bucket and owner.`);
    return answer(op.name, input, bucket);
  };
  const observe = control.observe as (...args: unknown[]) => Promise<unknown>;
  const state = await observe(key, call, all);
  const now = new Date('2026-01-02T03:04:05Z');
  return { verdict: control.evaluate(state, { settings: all, now, key }), state, sent };
}

/** For `catch`: a configuration that is not there is `undefined`; any other error is thrown on. */
function absent(error: unknown): undefined {
  const name = error instanceof Error ? error.name : '';
  if (/^(NoSuch\w+|\w+NotFoundError)$/.test(name) && name !== 'NoSuchBucket') return undefined;
  throw error;
}

interface Eyes {
  readonly s3: S3Client;
}

export const encryptionOf = async ({ s3 }: Eyes, Bucket: string): Promise<ServerSideEncryptionRule | undefined> =>
  (await s3.send(new GetBucketEncryptionCommand({ Bucket })).catch(absent))?.ServerSideEncryptionConfiguration
    ?.Rules?.[0];

export const blockOf = async ({ s3 }: Eyes, Bucket: string): Promise<PublicAccessBlockConfiguration | undefined> =>
  (await s3.send(new GetPublicAccessBlockCommand({ Bucket })).catch(absent))?.PublicAccessBlockConfiguration;

/** As `grantee permission`, sorted: the order of an ACL means nothing. */
export async function grantsOf({ s3 }: Eyes, Bucket: string): Promise<string[]> {
  const { Grants = [] } = await s3.send(new GetBucketAclCommand({ Bucket }));
  return Grants.map(
    ({ Grantee, Permission }) => `${Grantee?.URI?.split('/').at(-1) ?? Grantee?.ID} ${Permission}`,
  ).sort();
}

/** Everything of a bucket that any of its controls could touch, and what must stay as it is beside it. */
export async function snapshotOf(aws: Eyes, Bucket: string): Promise<unknown> {
  const { s3 } = aws;
  const ownership = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket })).catch(absent);
  return {
    block: (await blockOf(aws, Bucket)) ?? null,
    encryption: (await encryptionOf(aws, Bucket)) ?? null,
    grants: await grantsOf(aws, Bucket),
    policy: (await s3.send(new GetBucketPolicyCommand({ Bucket })).catch(absent))?.Policy ?? null,
    website: (await s3.send(new GetBucketWebsiteCommand({ Bucket })).catch(absent))?.IndexDocument ?? null,
    ownership: ownership?.OwnershipControls?.Rules ?? null,
  };
}

/** The bucket of every case. */
export const Bucket = 'charts';
export type Step = (aws: Eyes) => Promise<void>;
/** Makes the bucket, and of it what the steps say. */
export const charts =
  (...steps: Step[]) =>
  async (aws: Eyes) => {
    await aws.s3.send(new CreateBucketCommand({ Bucket }));
    for (const step of steps) await step(aws);
    return Bucket;
  };
export const grants =
  (...more: Grant[]): Step =>
  async ({ s3 }) => {
    const AccessControlPolicy = { Owner: OWNER, Grants: [ownersGrant, ...more] };
    await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy }));
  };
export const policy =
  (...Statement: object[]): Step =>
  async ({ s3 }) => {
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
  };
export const block =
  (...on: (keyof PublicAccessBlockConfiguration)[]): Step =>
  async ({ s3 }) => {
    const PublicAccessBlockConfiguration = Object.fromEntries(on.map((flag) => [flag, true]));
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  };
export const enforced: Step = async ({ s3 }) => {
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
};
export const website: Step = async ({ s3 }) => {
  const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } };
  await s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
};
export const encryption =
  (SSEAlgorithm: ServerSideEncryption, KMSMasterKeyID?: string): Step =>
  async ({ s3 }) => {
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm, ...(KMSMasterKeyID && { KMSMasterKeyID }) };
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
  };
