import { describeSecurityGroupRules, describeSecurityGroups } from '../aws/ec2.ts';
import { pages } from '../aws/op.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { type Rule, ruleOf } from './rule.ts';

/** A rule that is there, with the id AWS gave it. */
export interface PresentRule {
  readonly id: string;
  readonly rule: Rule;
}
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpc: string;
  readonly rules: readonly PresentRule[];
}

export const GROUP_READS = [describeSecurityGroups, describeSecurityGroupRules] as const;
export type CallGroup = Caller<(typeof GROUP_READS)[number]>;

/** A security group with all its rules. The first read is there for what the second is silent about: whether the group exists. */
export async function readGroup({ id, account }: ResourceKey, call: CallGroup): Promise<SecurityGroup> {
  const [{ SecurityGroups: [group] = [] }, rules] = await Promise.all([
    call(describeSecurityGroups, { GroupIds: [id] }),
    readRules(id, account, call),
  ]);
  if (!group) throw new Error(`EC2 answers nothing about security group ${id}, and not that it does not exist.`);
  return { id, name: group.GroupName ?? '', vpc: group.VpcId ?? '', rules };
}

async function readRules(id: string, account: string, call: CallGroup): Promise<PresentRule[]> {
  const Filters = [{ Name: 'group-id', Values: [id] }];
  const page = (NextToken: string | undefined) => call(describeSecurityGroupRules, { Filters, NextToken });
  const found: PresentRule[] = [];
  for await (const { SecurityGroupRules = [] } of pages(page, ({ NextToken }) => NextToken)) {
    for (const described of SecurityGroupRules) {
      const { SecurityGroupRuleId } = described;
      if (!SecurityGroupRuleId) throw new Error(`EC2 describes a rule of security group ${id} without its id.`);
      found.push({ id: SecurityGroupRuleId, rule: ruleOf(described, account) });
    }
  }
  return found;
}
