import type { GetBucketAclOutput, Grant, Permission } from '@aws-sdk/client-s3';
import { type BucketRef, putBucketAcl } from '../aws/s3.ts';
import type { Call } from '../control.ts';

/**
 * The predefined groups that a bucket ACL may name. The ends of their URIs are the same in every partition.
 * Source: S3 User Guide, "Access control list (ACL) overview", "Amazon S3 predefined groups".
 */
export const groupOf = ({ Grantee }: Grant): string | undefined =>
  /\/groups\/(?:global|s3)\/(\w+)$/.exec(Grantee?.URI ?? '')?.[1];

/** Everybody, and everybody who has any AWS account: both are the public. */
const PUBLIC_GROUPS = ['AllUsers', 'AuthenticatedUsers'] as const;
export type PublicGroup = (typeof PUBLIC_GROUPS)[number];

/** One grant to the public. `true`: it is in the ACL; `null` or absent: it is not. */
export type GrantSlot = `acl/grant:${PublicGroup}:${Permission}`;
export type GrantSlots = { readonly [S in GrantSlot]?: true | null };

export type Acl = Pick<GetBucketAclOutput, 'Owner' | 'Grants'>;

/** The slot of a grant to the public; none for any other grant. */
export function grantSlot(grant: Grant): GrantSlot | undefined {
  const group = PUBLIC_GROUPS.find((name) => name === groupOf(grant));
  return group && grant.Permission && `acl/grant:${group}:${grant.Permission}`;
}

export const getGrants = ({ Grants = [] }: Acl): GrantSlots =>
  Object.fromEntries(Grants.flatMap((grant) => (grantSlot(grant) ? [[grantSlot(grant), true]] : [])));

/**
 * The call that takes these public grants out of the ACL, or puts them into it. S3 takes an ACL as a whole, so owner and
 * every other grant are sent as they were read, in their order.
 */
export function setGrants(bucket: BucketRef, acl: Acl, slots: GrantSlots): readonly Call<typeof putBucketAcl>[] {
  const now = getGrants(acl);
  const changed = (Object.keys(slots) as GrantSlot[]).filter((slot) => (slots[slot] ?? null) !== (now[slot] ?? null));
  if (changed.length === 0) return [];
  const kept = (acl.Grants ?? []).filter((grant) => {
    const slot = grantSlot(grant);
    return slot === undefined || !changed.includes(slot);
  });
  const added = changed.filter((slot) => slots[slot]).map(asGrant);
  const AccessControlPolicy = { Owner: acl.Owner, Grants: [...kept, ...added] };
  return [{ op: putBucketAcl, input: { ...bucket, AccessControlPolicy } }];
}

function asGrant(slot: GrantSlot): Grant {
  const [, group, permission] = slot.split(':');
  return {
    Grantee: { Type: 'Group', URI: `http://acs.amazonaws.com/groups/global/${group}` },
    Permission: permission as Permission,
  };
}
