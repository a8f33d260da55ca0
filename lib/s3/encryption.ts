import { isDeepStrictEqual } from 'node:util';
import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import { describeKey } from '../aws/kms.ts';
import {
  type BucketRef,
  bucketRef,
  deleteBucketEncryption,
  getBucketAcl,
  getBucketEncryption,
  getBucketPolicy,
  getBucketWebsite,
  putBucketEncryption,
} from '../aws/s3.ts';
import type { Call, Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { dependents, type Uses } from './dependents.ts';
import { asKmsArn, isAlias, isInPlace, unusable } from './kms-key.ts';
import { parsePolicy } from './policy.ts';

export const ENCRYPTION_READS = [getBucketEncryption, getBucketPolicy, getBucketAcl, getBucketWebsite, describeKey];
export type EncryptionWrite = typeof putBucketEncryption | typeof deleteBucketEncryption;

/** S3 keeps one rule per bucket, so the rule is one slot. `null`: nothing is configured, as before 2023. */
export interface EncryptionSlots extends Readonly<Record<string, unknown>> {
  readonly encryption: ServerSideEncryptionRule | null;
}

export interface EncryptionState {
  readonly bucket: BucketRef;
  readonly rule: ServerSideEncryptionRule | null;
  /** What a change has to reckon with; read only where the rule alone does not settle the matter. */
  readonly change?: {
    readonly uses: Uses;
    /** The key of the settings. */
    readonly wanted: KeyMetadata | undefined;
    /** The ARN of the key behind the alias that the bucket names. */
    readonly behindAlias: string | undefined;
  };
}

/**
 * Reads a bucket's encryption, and, unless `isEnough` says that this settles it, who else uses the bucket and what KMS
 * knows of the keys.
 */
export async function observeEncryption(
  key: ResourceKey,
  call: Caller<(typeof ENCRYPTION_READS)[number]>,
  kmsKeyArn: string | undefined,
  isEnough: (rule: ServerSideEncryptionRule | null) => boolean,
): Promise<EncryptionState> {
  const bucket = bucketRef(key);
  const answer = await call(getBucketEncryption, bucket);
  const rule = normal(answer?.ServerSideEncryptionConfiguration?.Rules?.[0]);
  if (isEnough(rule)) return { bucket, rule };

  const describe = async (arn: string | undefined): Promise<KeyMetadata | undefined> =>
    arn && isInPlace(arn, key) ? (await call(describeKey, { KeyId: arn }))?.KeyMetadata : undefined;
  const current = kmsKeyArn && keyOf(rule) && asKmsArn(keyOf(rule) ?? '', key);
  const [policy, acl, website, wanted, aliased] = await Promise.all([
    call(getBucketPolicy, bucket),
    call(getBucketAcl, bucket),
    call(getBucketWebsite, bucket),
    describe(kmsKeyArn),
    current && isAlias(current) ? describe(current) : undefined,
  ]);
  const uses = {
    statements: parsePolicy(policy?.Policy, bucket.Bucket),
    acl: { Owner: acl.Owner, Grants: acl.Grants },
    website: website !== undefined,
  };
  return { bucket, rule, change: { uses, wanted, behindAlias: aliased?.Arn } };
}

/** One form for what S3 answers, so that a rule read back equals the one written. */
function normal(rule: ServerSideEncryptionRule | undefined): ServerSideEncryptionRule | null {
  if (!rule) return null;
  return { ...rule, BucketKeyEnabled: rule.BucketKeyEnabled === true };
}

export const algorithmOf = (rule: ServerSideEncryptionRule | null): string | undefined =>
  rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
export const keyOf = (rule: ServerSideEncryptionRule | null): string | undefined =>
  rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;

/** AWS Config's `s3-default-encryption-kms` accepts both. */
export const isKms = (rule: ServerSideEncryptionRule | null): boolean =>
  ['aws:kms', 'aws:kms:dsse'].includes(algorithmOf(rule) ?? '');

/** Whether the bucket's rule names this key, in whichever of the four ways; an alias is another matter. */
export const namesKey = (rule: ServerSideEncryptionRule | null, arn: string, key: ResourceKey): boolean =>
  asKmsArn(keyOf(rule) ?? '', key) === arn;

/** Whether the bucket encrypts with this key, also when it names it by an alias. */
export const usesKey = ({ rule, change }: EncryptionState, arn: string, key: ResourceKey): boolean =>
  namesKey(rule, arn, key) || change?.behindAlias === arn;

/** How a change to KMS would go: the new value, and who is cut off by it; or why it cannot be. */
export function toKms(
  { bucket, rule, change }: EncryptionState,
  kmsKeyArn: string | undefined,
  key: ResourceKey,
): { readonly why: string } | { readonly desired: EncryptionSlots; readonly blastRadius: string[] } {
  if (!change) throw new Error(`Bucket ${bucket.Bucket} was read as if its encryption were in order.`);
  const why = kmsKeyArn && unusable(kmsKeyArn, change.wanted, key);
  if (why) return { why };
  const double = algorithmOf(rule) === 'aws:kms:dsse';
  const encryption: ServerSideEncryptionRule = {
    ...rule,
    ApplyServerSideEncryptionByDefault: {
      SSEAlgorithm: double ? 'aws:kms:dsse' : 'aws:kms',
      // Without a key's name S3 takes the AWS managed key aws/s3.
      ...(kmsKeyArn && { KMSMasterKeyID: kmsKeyArn }),
    },
    // One request to KMS for many objects instead of one each; S3 does not have it for dual-layer encryption.
    BucketKeyEnabled: !double,
  };
  return { desired: { encryption }, blastRadius: dependents(change.uses, key.account) };
}

export function setEncryption(
  { bucket, rule }: EncryptionState,
  { encryption }: Partial<EncryptionSlots>,
): readonly Call<EncryptionWrite>[] {
  if (encryption === undefined || isDeepStrictEqual(encryption, rule)) return [];
  if (encryption === null) return [{ op: deleteBucketEncryption, input: bucket }];
  const ServerSideEncryptionConfiguration = { Rules: [encryption] };
  return [{ op: putBucketEncryption, input: { ...bucket, ServerSideEncryptionConfiguration } }];
}
