import type { Permission } from '@aws-sdk/client-s3';
import {
  type BucketRef,
  bucketRef,
  deletePublicAccessBlock,
  getBucketAcl,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketPolicyStatus,
  getBucketWebsite,
  getPublicAccessBlock,
  putBucketAcl,
  putPublicAccessBlock,
} from '../aws/s3.ts';
import type { Call, Caller, Verdict } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { type Acl, type GrantSlot, type GrantSlots, getGrants, setGrants } from './acl.ts';
import { dependents } from './dependents.ts';
import { parsePolicy, type Statement } from './policy.ts';
import { isOpen, openStatements, publicSides, type Side } from './public.ts';
import { type Block, type BlockSlots, type BlockWrite, getBlock, setBlock, turnOn } from './public-access-block.ts';

export const PUBLIC_READS = [
  getPublicAccessBlock,
  getBucketAcl,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketPolicyStatus,
  getBucketWebsite,
];
export type PublicWrite = BlockWrite | typeof putBucketAcl;
export const PUBLIC_WRITES = { fix: [putPublicAccessBlock, putBucketAcl], revert: [deletePublicAccessBlock] };

export type PublicSlots = Readonly<Record<string, true | null | undefined>> & BlockSlots & GrantSlots;

/** How a bucket could be open to the public. A way that its public access block has closed is not looked at. */
export interface PublicState {
  readonly bucket: BucketRef;
  readonly block: Block;
  /** Absent where `IgnorePublicAcls` is on: S3 pays no heed to public grants then. */
  readonly acl?: Acl & {
    /** Object ownership `BucketOwnerEnforced`: S3 pays no heed to the ACL and takes no new one. */
    readonly disabled: boolean;
  };
  /** Absent where `RestrictPublicBuckets` is on: S3 pays no heed to what is public in a policy then. */
  readonly policy?: { readonly statements: readonly Statement[]; readonly isPublic: boolean | undefined };
  readonly website: boolean;
}

export async function observePublicAccess(
  key: ResourceKey,
  call: Caller<(typeof PUBLIC_READS)[number]>,
): Promise<PublicState> {
  const bucket = bucketRef(key);
  const block = (await call(getPublicAccessBlock, bucket))?.PublicAccessBlockConfiguration;
  const aclCounts = block?.IgnorePublicAcls !== true;
  const policyCounts = block?.RestrictPublicBuckets !== true;
  // Side by side: while the bucket is open, a round trip costs more than a call that turns out to be needless.
  const [acl, ownership, policy, status, website] = await Promise.all([
    aclCounts ? call(getBucketAcl, bucket) : undefined,
    aclCounts ? call(getBucketOwnershipControls, bucket) : undefined,
    policyCounts ? call(getBucketPolicy, bucket) : undefined,
    policyCounts ? call(getBucketPolicyStatus, bucket) : undefined,
    policyCounts || aclCounts ? call(getBucketWebsite, bucket) : undefined,
  ]);
  const disabled = ownership?.OwnershipControls?.Rules?.[0]?.ObjectOwnership === 'BucketOwnerEnforced';
  return {
    bucket,
    block,
    website: website !== undefined,
    ...(acl && { acl: { Owner: acl.Owner, Grants: acl.Grants, disabled } }),
    ...(policyCounts && {
      policy: {
        statements: parsePolicy(policy?.Policy, bucket.Bucket),
        isPublic: status?.PolicyStatus?.IsPublic,
      },
    }),
  };
}

/** What a grant to the public on the bucket gives away. `FULL_CONTROL` is all of it. */
const GIVES: Readonly<Record<Side, readonly Permission[]>> = {
  read: ['READ', 'READ_ACP', 'FULL_CONTROL'],
  write: ['WRITE', 'WRITE_ACP', 'FULL_CONTROL'],
};

/** What both controls leave alone. */
export const PUBLIC_LIMITS = [
  "The policy is not edited: the bucket's public access block makes S3 disregard what is public in it, and refuse the next such policy.",
  'That also turns away other accounts that a public policy names, until the public statement is gone.',
  'A static website and a CloudFront distribution that reads anonymously are closed like any other public bucket, and named in the finding: whoever opens a bucket could add a website to it. Put CloudFront with origin access control in front, which is not public and stays as it is, or keep the control in report mode.',
  'Public grants that S3 ignores (IgnorePublicAcls, BucketOwnerEnforced) are no drift, as for AWS.',
  'A block on the whole account is not read: where only that one closes a bucket, AWS calls it compliant and this control closes it once more.',
  'Grants on single objects and access points are not looked at.',
].join(' ');

export const publicReasons = (side: Side) =>
  ({
    acl: `The ACL of bucket {{bucket}} lets the public ${side}: {{grants}}.{{cutOff}}`,
    policy: `The policy of bucket {{bucket}} lets the public ${side}: {{statements}}.{{cutOff}}`,
    both: `The ACL of bucket {{bucket}} lets the public ${side}: {{grants}}. Its policy does so too: {{statements}}.{{cutOff}}`,
  }) as const;

export function evaluatePublicAccess(
  side: Side,
  { bucket: { Bucket: bucket }, block, acl, policy, website }: PublicState,
  { account }: ResourceKey,
): Verdict<'acl' | 'policy' | 'both', PublicSlots> {
  const grants = acl && !acl.disabled ? (Object.keys(getGrants(acl)) as GrantSlot[]) : [];
  const open = grants.filter((slot) => GIVES[side].some((permission) => slot.endsWith(`:${permission}`)));
  const byPolicy = policy !== undefined && publicSides(policy.statements, policy.isPublic).has(side);
  if (open.length === 0 && !byPolicy) return { status: 'COMPLIANT' };

  // While BlockPublicAcls is on S3 refuses every ACL that keeps a public grant, so that all of them leave at once.
  const leaving = open.length > 0 && block?.BlockPublicAcls ? grants : open;
  const cutOff = byPolicy ? dependents({ statements: restricted(policy.statements), acl: {}, website }, account) : [];
  if (!byPolicy && website) cutOff.push('visitors of its website');
  return {
    status: 'NON_COMPLIANT',
    reason: open.length === 0 ? 'policy' : byPolicy ? 'both' : 'acl',
    data: {
      bucket,
      grants: open.map((slot) => slot.replace('acl/grant:', '').replace(':', ' has ')).join(', '),
      statements: (policy && openStatements(policy.statements, side).join(', ')) || 'S3 says so',
      cutOff: cutOff.length > 0 ? ` Closing it may cut off: ${cutOff.join('; ')}.` : '',
    },
    desired: {
      ...Object.fromEntries(leaving.map((slot) => [slot, null])),
      ...(byPolicy && turnOn(['BlockPublicPolicy', 'RestrictPublicBuckets'])),
    },
  };
}

/**
 * Whom S3 turns away besides the public while RestrictPublicBuckets is on and the policy is public: everybody of other
 * accounts whom it names, but no AWS service.
 */
const restricted = (statements: readonly Statement[]): Statement[] =>
  statements
    .filter((statement) => !isOpen(statement))
    .map((statement) => ({ ...statement, principals: statement.principals.filter(({ kind }) => kind !== 'Service') }));

export const getPublicAccess = ({ block, acl }: PublicState): PublicSlots => ({
  ...getBlock(block),
  ...(acl && getGrants(acl)),
});

/**
 * The calls that bring these slots to these values. The block goes first: it is what closes a policy.
 * @throws when S3 would not take public grants back: sending the call would only stop a revert half-way
 */
export function setPublicAccess(
  { bucket, block, acl }: PublicState,
  slots: Partial<PublicSlots>,
): readonly Call<PublicWrite>[] {
  const entries = Object.entries(slots);
  const grants: GrantSlots = Object.fromEntries(entries.filter(([slot]) => slot.startsWith('acl/')));
  const rest: Partial<BlockSlots> = Object.fromEntries(entries.filter(([slot]) => !slot.startsWith('acl/')));
  const next = { ...getBlock(block), ...rest };
  const inTheWay = acl?.disabled
    ? 'its object ownership is now BucketOwnerEnforced, which disables ACLs'
    : next['publicAccessBlock/IgnorePublicAcls'] || next['publicAccessBlock/BlockPublicAcls']
      ? 'its public access block now refuses or ignores them; take that back first'
      : undefined;
  if (inTheWay && Object.values(grants).includes(true))
    throw new Error(`Public grants cannot be put back into the ACL of bucket ${bucket.Bucket}: ${inTheWay}.`);
  return [...setBlock(bucket, block, rest), ...(acl && !acl.disabled ? setGrants(bucket, acl, grants) : [])];
}
