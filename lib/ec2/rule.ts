import type { IpPermission, SecurityGroupRule, SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';

/** Where traffic of a rule comes from or goes to: exactly one of them. */
export type Peer =
  | { readonly cidrIpv4: string }
  | { readonly cidrIpv6: string }
  | { readonly prefixList: string }
  /** `owner`: the account of a group elsewhere, over a peering connection. */
  | { readonly group: string; readonly owner?: string };

/**
 * One rule of a security group, as it can be made again: a slot's value. Its id is AWS's own and is not in it.
 * `from` and `to`: ports, or for ICMP type and code; -1 for all of them. `tags` without AWS's own (`aws:`), which nobody can set.
 */
export type Rule = {
  readonly direction: 'ingress' | 'egress';
  /** `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or -1 for all. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly peer: Peer;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
};

const NAMES: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6', all: '-1' };

/** @throws when EC2 describes a rule by something that is not known here: it could not be judged, nor put back */
export function ruleOf(described: SecurityGroupRule, account: string): Rule {
  const { SecurityGroupRuleId, IsEgress, IpProtocol = '', FromPort = -1, ToPort = -1, Description } = described;
  const protocol = IpProtocol.toLowerCase();
  if (!protocol || IsEgress === undefined)
    throw new Error(`EC2 describes rule ${SecurityGroupRuleId} without its protocol or its direction.`);
  const tags = (described.Tags ?? []).flatMap(({ Key = '', Value = '' }) =>
    Key.startsWith('aws:') ? [] : [[Key, Value] as const],
  );
  return {
    direction: IsEgress ? 'egress' : 'ingress',
    protocol: NAMES[protocol] ?? protocol,
    from: FromPort,
    to: ToPort,
    peer: peerOf(described, account),
    ...(Description && { description: Description }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
  };
}

function peerOf(rule: SecurityGroupRule, account: string): Peer {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo: { GroupId, UserId } = {} } = rule;
  if (CidrIpv4) return { cidrIpv4: CidrIpv4 };
  if (CidrIpv6) return { cidrIpv6: CidrIpv6 };
  if (PrefixListId) return { prefixList: PrefixListId };
  if (GroupId) return { group: GroupId, ...(UserId && UserId !== account && { owner: UserId }) };
  throw new Error(`EC2 describes rule ${rule.SecurityGroupRuleId} without a source or destination known to Suture.`);
}

/** The address range of a rule, if it has one. */
export const cidrOf = ({ peer }: Rule): string | undefined =>
  'cidrIpv4' in peer ? peer.cidrIpv4 : 'cidrIpv6' in peer ? peer.cidrIpv6 : undefined;

/** Everybody: any address with a prefix of length 0. EC2 stores `208.236.235.254/0` as `0.0.0.0/0`; the prefix is what counts. */
export const isWorld = (rule: Rule): boolean => /\/0+$/.test(cidrOf(rule) ?? '');

/** Protocol and ports as a person writes them: `tcp:22`, `tcp:20-25`, `icmp:8/-1`, `all`. */
export function trafficOf({ protocol, from, to }: Rule): string {
  if (protocol === '-1') return 'all';
  if (protocol.startsWith('icmp')) return from === -1 ? protocol : `${protocol}:${from}/${to}`;
  if (from === -1) return protocol;
  return from === to ? `${protocol}:${from}` : `${protocol}:${from}-${to}`;
}

const peerText = ({ peer }: Rule): string => {
  if ('cidrIpv4' in peer) return peer.cidrIpv4;
  if ('cidrIpv6' in peer) return peer.cidrIpv6;
  if ('prefixList' in peer) return peer.prefixList;
  return peer.owner ? `${peer.owner}/${peer.group}` : peer.group;
};

/** The rule's slot: EC2 knows no two rules of a group that are the same in all of this. */
export const slotOf = (rule: Rule): string => `${rule.direction}/${trafficOf(rule)}:${peerText(rule)}`;

const ports = ({ protocol, from, to }: Rule) => (protocol === '-1' ? {} : { FromPort: from, ToPort: to });

/** The rule as Authorize calls take it, without its tags. */
export function permissionOf(rule: Rule): IpPermission {
  const { peer, description } = rule;
  const Description = description && { Description: description };
  const base = { IpProtocol: rule.protocol, ...ports(rule) };
  if ('cidrIpv4' in peer) return { ...base, IpRanges: [{ CidrIp: peer.cidrIpv4, ...Description }] };
  if ('cidrIpv6' in peer) return { ...base, Ipv6Ranges: [{ CidrIpv6: peer.cidrIpv6, ...Description }] };
  if ('prefixList' in peer) return { ...base, PrefixListIds: [{ PrefixListId: peer.prefixList, ...Description }] };
  const pair = { GroupId: peer.group, ...(peer.owner && { UserId: peer.owner }), ...Description };
  return { ...base, UserIdGroupPairs: [pair] };
}

/** The rule as `ModifySecurityGroupRules` takes it: the whole rule, with its source and its description, not only what differs. */
export function requestOf(rule: Rule): SecurityGroupRuleRequest {
  const { peer, description } = rule;
  return {
    IpProtocol: rule.protocol,
    FromPort: rule.from,
    ToPort: rule.to,
    ...('cidrIpv4' in peer && { CidrIpv4: peer.cidrIpv4 }),
    ...('cidrIpv6' in peer && { CidrIpv6: peer.cidrIpv6 }),
    ...('prefixList' in peer && { PrefixListId: peer.prefixList }),
    ...('group' in peer && { ReferencedGroupId: peer.group }),
    ...(description && { Description: description }),
  };
}
