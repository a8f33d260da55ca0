import { authorizeSecurityGroupIngress, modifySecurityGroupRules, revokeSecurityGroupIngress } from '../aws/ec2.ts';
import type { Verdict } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { getRules, type RuleSlots, setIngress } from './lens.ts';
import { openedPorts, without } from './ports.ts';
import { cidrOf, isWorld, type Rule, slotOf, trafficOf } from './rule.ts';
import { type CallGroup, GROUP_READS, type PresentRule, readGroup } from './security-group.ts';

/** A group's rules for what the world may send, and how many rules for incoming traffic it has in all. */
export interface OpenRules {
  readonly id: string;
  readonly rules: readonly PresentRule[];
  readonly ingress: Readonly<Record<Family, number>>;
}
type Family = 'IPv4' | 'IPv6';

/** Inbound rules of one group that EC2 allows by default, for each address family: Amazon VPC User Guide, "Amazon VPC quotas". */
export const RULES_QUOTA = 60;

export const OPEN_READS = GROUP_READS;
export const OPEN_WRITES = {
  fix: [authorizeSecurityGroupIngress, modifySecurityGroupRules, revokeSecurityGroupIngress],
  revert: [],
} as const;

export const OPEN_REASONS = {
  open: 'Security group {{group}} lets the whole internet reach {{what}}: {{rules}}.',
  everything:
    'Security group {{group}} lets the whole internet reach {{what}}, and everything else, over every protocol: {{rules}}.',
};

/** Tracked connections: Amazon EC2 User Guide, "Amazon EC2 security group connection tracking". */
export const OPEN_LIMITS =
  "The world is an IPv4 or IPv6 range with a prefix of length 0, as in AWS's rule: two halves of it, a prefix list and a group from elsewhere are left alone. Only TCP counts. A group is judged whether or not anything uses it. A connection that is open when its rule goes lives on if EC2 tracks it, until it ends or idles out: tracked is what not all the world may answer to, and what passes a NAT gateway, a Network Load Balancer, a transit gateway or the like; only a network ACL cuts that. Tags that AWS sets itself (aws:...) do not come back with a rule.";

export async function observeOpenRules(key: ResourceKey, call: CallGroup): Promise<OpenRules> {
  const { id, rules } = await readGroup(key, call);
  const ingress = rules.filter(({ rule }) => rule.direction === 'ingress');
  const count = (family: Family) => ingress.filter(({ rule }) => familiesOf(rule).includes(family)).length;
  return {
    id,
    rules: ingress.filter(({ rule }) => isWorld(rule)),
    ingress: { IPv4: count('IPv4'), IPv6: count('IPv6') },
  };
}

/** A rule that names a group or a prefix list may count for both. */
const familiesOf = ({ peer }: Rule): readonly Family[] =>
  'cidrIpv4' in peer ? ['IPv4'] : 'cidrIpv6' in peer ? ['IPv6'] : ['IPv4', 'IPv6'];

export const getOpenRules = ({ rules }: OpenRules): RuleSlots => getRules(rules);
export const setOpenRules = (state: OpenRules, slots: Partial<RuleSlots>) => setIngress(state, slots);

/** @param ports TCP port -> what listens there, in words */
export function judgeOpenPorts(
  { id, rules, ingress }: OpenRules,
  ports: Readonly<Record<number, string>>,
): Verdict<keyof typeof OPEN_REASONS, RuleSlots> {
  const blocked = Object.keys(ports).map(Number);
  const wide = rules.filter(({ rule }) => openedPorts(rule, blocked).length > 0);
  if (wide.length === 0) return { status: 'COMPLIANT' };

  const present = getRules(rules);
  const narrow = wide.flatMap(({ rule }) => without(rule, blocked)).filter((rule) => !(slotOf(rule) in present));
  const opened = new Set(wide.flatMap(({ rule }) => openedPorts(rule, blocked)));
  const everything = wide.filter(({ rule }) => rule.protocol === '-1');
  const blastRadius = [
    ...everything.map(
      ({ id: ruleId, rule }) =>
        `whatever comes from ${cidrOf(rule)} by rule ${ruleId} over a protocol other than TCP, UDP and ICMP`,
    ),
    ...pastQuota(ingress, wide, narrow),
  ];
  return {
    status: 'NON_COMPLIANT',
    reason: everything.length > 0 ? 'everything' : 'open',
    data: {
      group: id,
      what: blocked.flatMap((port) => (opened.has(port) ? `${ports[port]} (TCP ${port})` : [])).join(', '),
      rules: wide.map(({ id: ruleId, rule }) => `${ruleId} (${trafficOf(rule)} from ${cidrOf(rule)})`).join(', '),
    },
    desired: {
      ...Object.fromEntries(wide.map(({ rule }) => [slotOf(rule), null])),
      ...Object.fromEntries(narrow.map((rule) => [slotOf(rule), rule])),
    },
    ...(blastRadius.length > 0 && { blastRadius }),
  };
}

/** EC2 would refuse the new rules, unless the quota was raised: whoever approves has to know. */
function pastQuota(now: OpenRules['ingress'], wide: readonly PresentRule[], narrow: readonly Rule[]): string[] {
  const slots = [...new Map(narrow.map((rule) => [slotOf(rule), rule])).values()];
  return (['IPv4', 'IPv6'] as const).flatMap((family) => {
    const of = (rules: readonly Rule[]) => rules.filter((rule) => familiesOf(rule).includes(family)).length;
    const added = of(slots);
    const then = now[family] - of(wide.map(({ rule }) => rule)) + added;
    return added > 0 && then > RULES_QUOTA
      ? [
          `the group itself, which would have ${then} inbound ${family} rules where EC2 allows ${RULES_QUOTA} by default`,
        ]
      : [];
  });
}
