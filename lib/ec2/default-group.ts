import type { Filter, NetworkInterface } from '@aws-sdk/client-ec2';
import { describeNetworkInterfaces } from '../aws/ec2.ts';
import { pages } from '../aws/op.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { GROUP_READS, readGroup, type SecurityGroup } from './security-group.ts';

/** EC2 gives this name to the group it makes with each VPC, and lets no other group have it. */
const DEFAULT = 'default';

export const DEFAULT_READS = [...GROUP_READS, describeNetworkInterfaces] as const;

/** So many users are named; a plan that named thousands would not fit the ledger, nor a person's screen. */
const NAMED = 20;

export interface DefaultGroup extends SecurityGroup {
  readonly isDefault: boolean;
  /** The network interfaces in the group, in words; those of a closed group are of no interest. */
  readonly users: readonly string[];
}

/** A VPC's default security group with all its rules and, while it has any, with who uses it. Of other groups only the name is kept. */
export async function readDefaultGroup(
  key: ResourceKey,
  call: Caller<(typeof DEFAULT_READS)[number]>,
): Promise<DefaultGroup> {
  const group = await readGroup(key, call);
  if (group.name !== DEFAULT) return { ...group, rules: [], isDefault: false, users: [] };
  const users = group.rules.length > 0 ? await usersOf(key.id, call) : [];
  return { ...group, isDefault: true, users };
}

async function usersOf(group: string, call: Caller<typeof describeNetworkInterfaces>): Promise<string[]> {
  const Filters: Filter[] = [{ Name: 'group-id', Values: [group] }];
  const page = (NextToken: string | undefined) => call(describeNetworkInterfaces, { Filters, NextToken });
  const users: string[] = [];
  for await (const { NetworkInterfaces = [] } of pages(page, ({ NextToken }) => NextToken))
    users.push(...NetworkInterfaces.map(nameOf));
  const more = users.length - NAMED;
  return more > 0 ? [...users.slice(0, NAMED), `${more} more network interfaces`] : users;
}

const nameOf = ({ NetworkInterfaceId, Attachment, Description }: NetworkInterface): string => {
  const by = Attachment?.InstanceId ?? Description;
  return by ? `${NetworkInterfaceId} (${by})` : `${NetworkInterfaceId}`;
};
