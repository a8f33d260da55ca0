import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  type IpPermission,
  type NetworkInterface,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import type { Op } from '../../../lib/aws/op.ts';
import type { AnyControl, Verdict } from '../../../lib/control.ts';
import { type Rule, ruleOf, slotOf } from '../../../lib/ec2/rule.ts';
import type { ResourceKey } from '../../../lib/resource.ts';
import { DEFAULT_SETTINGS } from '../../../lib/settings.ts';
import type { TestAws } from '../aws.ts';
import { workerMoto } from '../emulators.ts';

export const KEY: ResourceKey = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::EC2::SecurityGroup',
  id: 'sg-0123456789abcdef0',
};

/** A rule for incoming TCP from all of IPv4, but for what is said otherwise. */
export const rule = (from: number, to: number = from, more: Partial<Rule> = {}): Rule => ({
  direction: 'ingress',
  protocol: 'tcp',
  from,
  to,
  peer: { cidrIpv4: '0.0.0.0/0' },
  ...more,
});
export const everything = (more: Partial<Rule> = {}): Rule => rule(-1, -1, { protocol: '-1', ...more });
export const IPV6: Partial<Rule> = { peer: { cidrIpv6: '::/0' } };

/** The rule as EC2 describes it. */
export function described(one: Rule, index = 0): SecurityGroupRule {
  const { direction, protocol, from, to, peer, description, tags = {} } = one;
  return {
    SecurityGroupRuleId: `sgr-${index}`,
    IsEgress: direction === 'egress',
    IpProtocol: protocol,
    FromPort: from,
    ToPort: to,
    ...('cidrIpv4' in peer && { CidrIpv4: peer.cidrIpv4 }),
    ...('cidrIpv6' in peer && { CidrIpv6: peer.cidrIpv6 }),
    ...('prefixList' in peer && { PrefixListId: peer.prefixList }),
    ...('group' in peer && { ReferencedGroupInfo: { GroupId: peer.group, UserId: peer.owner ?? KEY.account } }),
    ...(description && { Description: description }),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

export interface GroupConfig {
  readonly rules?: readonly Rule[];
  readonly name?: string;
  readonly interfaces?: readonly NetworkInterface[];
}

/** What a control sees and says of such a group, what it would send, and which reads it took: no emulator. */
export async function judge(control: AnyControl, { rules = [], name = 'web', interfaces = [] }: GroupConfig) {
  const sent: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    'ec2:DescribeSecurityGroups': { SecurityGroups: [{ GroupId: KEY.id, GroupName: name, VpcId: 'vpc-1' }] },
    'ec2:DescribeSecurityGroupRules': { SecurityGroupRules: rules.map(described) },
    'ec2:DescribeNetworkInterfaces': { NetworkInterfaces: interfaces },
  };
  const call = async ({ name: op }: Op) => {
    sent.push(op);
    return answers[op];
  };
  const observe = control.observe as (...args: unknown[]) => Promise<unknown>;
  const state = await observe(KEY, call, DEFAULT_SETTINGS);
  const context = { settings: DEFAULT_SETTINGS, now: new Date('2026-01-02T03:04:05Z'), key: KEY };
  const verdict: Verdict = control.evaluate(state, context);
  const desired = verdict.status === 'NON_COMPLIANT' && verdict.desired !== 'manual' ? verdict.desired : {};
  return { verdict, state, sent, desired, calls: control.set(state, desired) };
}

/** The desired rules as slots, those that go with a minus before them. */
export const changes = (desired: object): string[] =>
  Object.entries(desired)
    .map(([slot, value]) => (value === null ? `-${slot}` : slot))
    .sort();

const ec2 = (aws: TestAws): EC2Client => aws.client(EC2Client);

/** All rules of a group but their ids, which AWS assigns. */
export async function rulesOf(aws: TestAws, id: string): Promise<Rule[]> {
  const Filters = [{ Name: 'group-id', Values: [id] }];
  const { SecurityGroupRules = [] } = await ec2(aws).send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.map((each) => ruleOf(each, aws.account)).sort((a, b) => (slotOf(a) < slotOf(b) ? -1 : 1));
}
export const slotsOf = async (aws: TestAws, id: string): Promise<string[]> => (await rulesOf(aws, id)).map(slotOf);

/** Id of the one rule that holds this slot. */
export async function ruleIdOf(aws: TestAws, id: string, slot: string): Promise<string | undefined> {
  const Filters = [{ Name: 'group-id', Values: [id] }];
  const { SecurityGroupRules = [] } = await ec2(aws).send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.find((each) => slotOf(ruleOf(each, aws.account)) === slot)?.SecurityGroupRuleId;
}

/** moto draws its ids by lot; from a seed it draws the same ones each time. */
async function seed(): Promise<void> {
  moto ??= (await workerMoto()).url;
  const { ok } = await fetch(`${moto}/moto-api/seed?a=42`, { method: 'POST' });
  if (!ok) throw new Error('moto takes no seed.');
}
let moto: string | undefined;

/** Makes a group of the default VPC with these rules; its rule for outgoing traffic is EC2's own. */
export const web =
  (...rules: readonly (IpPermission & { readonly tags?: Readonly<Record<string, string>> })[]) =>
  async (aws: TestAws): Promise<string> => {
    await seed();
    const { GroupId } = await ec2(aws).send(
      new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'Patient portal' }),
    );
    await allow(...rules)(aws, GroupId!);
    return GroupId!;
  };

/** The default group of the default VPC, with such rules added to its own. */
export const defaultGroup =
  (...rules: readonly IpPermission[]) =>
  async (aws: TestAws): Promise<string> => {
    await seed();
    const Filters = [{ Name: 'group-name', Values: ['default'] }];
    const { SecurityGroups: [group] = [] } = await ec2(aws).send(new DescribeSecurityGroupsCommand({ Filters }));
    await allow(...rules)(aws, group!.GroupId!);
    return group!.GroupId!;
  };

/** Adds rules for incoming traffic, each with its tags. */
export const allow =
  (...rules: readonly (IpPermission & { readonly tags?: Readonly<Record<string, string>> })[]) =>
  async (aws: TestAws, GroupId: string): Promise<void> => {
    for (const { tags, ...permission } of rules) {
      const Tags = Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
      const TagSpecifications = tags && [{ ResourceType: 'security-group-rule' as const, Tags }];
      await ec2(aws).send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission], TagSpecifications }),
      );
    }
  };
export const allowOut =
  (permission: IpPermission) =>
  async (aws: TestAws, GroupId: string): Promise<void> => {
    await ec2(aws).send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: [permission] }));
  };

export const tcp = (FromPort: number, ToPort: number, ...CidrIp: readonly string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort,
  ToPort,
  IpRanges: CidrIp.map((cidr) => ({ CidrIp: cidr })),
});
