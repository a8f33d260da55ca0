import { isDeepStrictEqual } from 'node:util';
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  modifySecurityGroupRules,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from '../aws/ec2.ts';
import type { Call } from '../control.ts';

import { cidrOf, permissionOf, type Rule, requestOf, slotOf } from './rule.ts';
import type { PresentRule } from './security-group.ts';

/** One slot for each rule: `ingress/tcp:22:0.0.0.0/0`. */
export type RuleSlots = Readonly<Record<string, Rule | null>>;

export const getRules = (rules: readonly PresentRule[]): RuleSlots =>
  Object.fromEntries(rules.map(({ rule }) => [slotOf(rule), rule]));

/** What has to be made and what taken away for the slots to hold; nothing for what is already so. */
export function difference(rules: readonly PresentRule[], slots: Partial<RuleSlots>) {
  const present = new Map(rules.map((each) => [slotOf(each.rule), each]));
  const given = Object.entries(slots);
  return {
    add: given.flatMap(([slot, rule]) => (rule && !present.has(slot) ? [rule] : [])),
    remove: given.flatMap(([slot, rule]) => (rule === null ? (present.get(slot) ?? []) : [])),
  };
}

/**
 * One call for each rule: EC2 makes all rules of a call or none, so with several in it "duplicate" would not mean that
 * all are there.
 */
const authorizing = (GroupId: string, rule: Rule) => ({
  input: {
    GroupId,
    IpPermissions: [permissionOf(rule)],
    ...(rule.tags && {
      TagSpecifications: [
        {
          ResourceType: 'security-group-rule' as const,
          Tags: Object.entries(rule.tags).map(([Key, Value]) => ({ Key, Value })),
        },
      ],
    }),
  },
  accept: ['InvalidPermission.Duplicate'],
});
/** Which of the two EC2 answers depends on how the rule was named. */
const GONE = ['InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound'];
const revoking = (GroupId: string, { id }: PresentRule) => ({
  input: { GroupId, SecurityGroupRuleIds: [id] },
  accept: GONE,
});

export const authorize = (
  group: string,
  rule: Rule,
): Call<typeof authorizeSecurityGroupIngress | typeof authorizeSecurityGroupEgress> =>
  rule.direction === 'ingress'
    ? { op: authorizeSecurityGroupIngress, ...authorizing(group, rule) }
    : { op: authorizeSecurityGroupEgress, ...authorizing(group, rule) };

export const revoke = (
  group: string,
  present: PresentRule,
): Call<typeof revokeSecurityGroupIngress | typeof revokeSecurityGroupEgress> =>
  present.rule.direction === 'ingress'
    ? { op: revokeSecurityGroupIngress, ...revoking(group, present) }
    : { op: revokeSecurityGroupEgress, ...revoking(group, present) };

type IngressWrite =
  | typeof authorizeSecurityGroupIngress
  | typeof modifySecurityGroupRules
  | typeof revokeSecurityGroupIngress;

/**
 * The calls that bring rules for incoming traffic to these values. New rules first, so that nothing that is to go on is
 * interrupted; then a rule whose ports only shrink or grow is changed in place, which keeps its id and tags; last, what
 * is left over goes.
 */
export function setIngress(
  { id: group, rules }: { readonly id: string; readonly rules: readonly PresentRule[] },
  slots: Partial<RuleSlots>,
): Call<IngressWrite>[] {
  const { add, remove } = difference(rules, slots);
  const left = [...add].sort(byPorts);
  const changed: { readonly from: PresentRule; readonly to: Rule }[] = [];
  const over: PresentRule[] = [];
  for (const from of [...remove].sort((a, b) => -byPorts(a.rule, b.rule))) {
    const at = left.findLastIndex((to) => canBecome(from.rule, to));
    if (at < 0) over.push(from);
    else changed.push({ from, to: left.splice(at, 1)[0]! });
  }
  return [
    ...left.map((rule): Call<IngressWrite> => ({ op: authorizeSecurityGroupIngress, ...authorizing(group, rule) })),
    ...changed.map(
      ({ from, to }): Call<IngressWrite> => ({
        op: modifySecurityGroupRules,
        input: {
          GroupId: group,
          SecurityGroupRules: [{ SecurityGroupRuleId: from.id, SecurityGroupRule: requestOf(to) }],
        },
        // A duplicate is no such case here: the wide rule would stay.
        accept: GONE,
      }),
    ),
    ...over.map((present): Call<IngressWrite> => ({ op: revokeSecurityGroupIngress, ...revoking(group, present) })),
  ];
}

const byPorts = (a: Rule, b: Rule): number =>
  a.protocol.localeCompare(b.protocol) || a.from - b.from || a.to - b.to || slotOf(a).localeCompare(slotOf(b));

const contains = (wide: Rule, narrow: Rule): boolean =>
  wide.protocol === '-1' ||
  (wide.protocol === narrow.protocol &&
    (wide.from === -1 || wide.from <= narrow.from) &&
    (wide.to === -1 || narrow.to <= wide.to));

/** Whether one rule is the other with its ports narrowed or widened; tags cannot be changed in the same call. */
const canBecome = (from: Rule, to: Rule): boolean =>
  cidrOf(from) !== undefined &&
  cidrOf(from) === cidrOf(to) &&
  from.description === to.description &&
  isDeepStrictEqual(from.tags ?? {}, to.tags ?? {}) &&
  (contains(from, to) || contains(to, from));
