import type { IpPermission, IpRange, Ipv6Range, SecurityGroupRuleRequest, Tag } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import type { Call } from '../../lib/control.ts';
import { difference, getRules, type RuleSlots, setIngress } from '../../lib/ec2/lens.ts';
import { judgeOpenPorts, type OpenRules } from '../../lib/ec2/open-ports.ts';
import { tcpPorts } from '../../lib/ec2/ports.ts';
import { type Rule, ruleOf, slotOf } from '../../lib/ec2/rule.ts';
import type { PresentRule } from '../../lib/ec2/security-group.ts';
import { everything, IPV6, rule } from '../support/fakes/ec2.ts';

const PORTS = { 22: 'SSH', 23: 'Telnet', 3389: 'RDP' };

const present = (...rules: readonly Rule[]): PresentRule[] =>
  rules.map((each, index) => ({ id: `sgr-${index + 1}`, rule: each }));
const group = (rules: readonly PresentRule[]): OpenRules => ({ id: 'sg-1', rules, ingress: { IPv4: 0, IPv6: 0 } });
const desiredOf = (rules: readonly PresentRule[]): RuleSlots => {
  const verdict = judgeOpenPorts(group(rules), PORTS);
  return verdict.status === 'NON_COMPLIANT' ? (verdict.desired as RuleSlots) : {};
};

interface Sent {
  readonly IpPermissions?: readonly IpPermission[];
  readonly TagSpecifications?: readonly { readonly Tags?: Tag[] }[];
  readonly SecurityGroupRuleIds?: readonly string[];
  readonly SecurityGroupRules?: readonly {
    readonly SecurityGroupRuleId: string;
    readonly SecurityGroupRule: SecurityGroupRuleRequest;
  }[];
}

/** EC2 in small: what one of our calls makes of the rules; it refuses what EC2 refuses. */
function after(rules: readonly PresentRule[], { op, input }: Call): PresentRule[] {
  const { IpPermissions, TagSpecifications, SecurityGroupRuleIds, SecurityGroupRules } = input as Sent;
  const index = (id: string): number => {
    const at = rules.findIndex((each) => each.id === id);
    if (at < 0) throw new Error('InvalidSecurityGroupRuleId.NotFound');
    return at;
  };
  const free = (one: Rule, but?: string): Rule => {
    if (rules.some((each) => each.id !== but && slotOf(each.rule) === slotOf(one)))
      throw new Error('InvalidPermission.Duplicate');
    return one;
  };
  switch (op.name) {
    case 'ec2:AuthorizeSecurityGroupIngress': {
      const [{ IpRanges = [], Ipv6Ranges = [], IpProtocol, FromPort, ToPort }] = IpPermissions as [IpPermission];
      const source = named({ ...IpRanges[0], ...Ipv6Ranges[0] });
      const Tags = TagSpecifications?.[0]?.Tags ?? [];
      const made = ruleOf({ IsEgress: false, IpProtocol, FromPort, ToPort, ...source, Tags }, '123456789012');
      return [...rules, { id: `sgr-new-${slotOf(made)}`, rule: free(made) }];
    }
    case 'ec2:ModifySecurityGroupRules': {
      const { SecurityGroupRuleId: id, SecurityGroupRule } = SecurityGroupRules![0]!;
      const { tags } = rules[index(id)]!.rule;
      const changed = { ...ruleOf({ IsEgress: false, ...SecurityGroupRule }, '123456789012'), ...(tags && { tags }) };
      return rules.with(index(id), { id, rule: free(changed, id) });
    }
    case 'ec2:RevokeSecurityGroupIngress':
      return rules.toSpliced(index(SecurityGroupRuleIds![0]!), 1);
    default:
      throw new Error(`No such call: ${op.name}`);
  }
}
const named = ({ CidrIp, CidrIpv6, Description }: IpRange & Ipv6Range) => ({
  ...(CidrIp && { CidrIpv4: CidrIp }),
  ...(CidrIpv6 && { CidrIpv6 }),
  ...(Description && { Description }),
});

/** The group after each call, the start first. */
function steps(rules: readonly PresentRule[], slots: RuleSlots): PresentRule[][] {
  const all = [[...rules]];
  for (const call of setIngress({ id: 'sg-1', rules }, slots)) all.push(after(all.at(-1)!, call));
  return all;
}

const told = (rules: readonly PresentRule[]): string[] => rules.map(({ id, rule: one }) => `${id} ${slotOf(one)}`);
const opName = ({ op }: Call): string => op.name.split(':')[1]!;

describe('a wide rule is narrowed', () => {
  test('by new rules first, and then in place', () => {
    const rules = present(rule(20, 80));
    expect(setIngress({ id: 'sg-1', rules }, desiredOf(rules)).map(opName)).toEqual([
      'AuthorizeSecurityGroupIngress',
      'ModifySecurityGroupRules',
    ]);
    expect(told(steps(rules, desiredOf(rules)).at(-1)!)).toEqual([
      'sgr-1 ingress/tcp:24-80:0.0.0.0/0',
      'sgr-new-ingress/tcp:20-21:0.0.0.0/0 ingress/tcp:20-21:0.0.0.0/0',
    ]);
  });

  test('at its edge by one call', () => {
    const rules = present(rule(23, 80, IPV6));
    expect(setIngress({ id: 'sg-1', rules }, desiredOf(rules)).map(opName)).toEqual(['ModifySecurityGroupRules']);
  });

  test('to nothing by revoking it', () => {
    const rules = present(rule(22, 23));
    expect(setIngress({ id: 'sg-1', rules }, desiredOf(rules)).map(opName)).toEqual(['RevokeSecurityGroupIngress']);
  });

  test('of all protocols to TCP, UDP and ICMP, of its own address family', () => {
    const rules = present(everything(IPV6));
    expect(Object.keys(desiredOf(rules)).sort()).toEqual([
      'ingress/all:::/0',
      'ingress/icmpv6:::/0',
      'ingress/tcp:0-21:::/0',
      'ingress/tcp:24-3388:::/0',
      'ingress/tcp:3390-65535:::/0',
      'ingress/udp:0-65535:::/0',
    ]);
  });

  test('and a rule that is there already stays as it is', () => {
    const rules = present(rule(22, 80), rule(24, 80, { description: 'the portal' }));
    expect(desiredOf(rules)).toEqual({ 'ingress/tcp:22-80:0.0.0.0/0': null });
  });
});

test('what is gone or there already, by the words of EC2, is as it should be; a changed rule that would be another is not', () => {
  const rules = present(rule(20, 80), rule(22));
  const accepted = setIngress({ id: 'sg-1', rules }, desiredOf(rules)).map((call) => [opName(call), call.accept]);
  const gone = ['InvalidPermission.NotFound', 'InvalidSecurityGroupRuleId.NotFound'];
  expect(accepted).toEqual([
    ['AuthorizeSecurityGroupIngress', ['InvalidPermission.Duplicate']],
    ['ModifySecurityGroupRules', gone],
    ['RevokeSecurityGroupIngress', gone],
  ]);
});

test.each<[string, Partial<Rule>]>([
  ['tags', { tags: { Owner: 'radiology' } }],
  ['description', { description: 'vendor' }],
  ['address range', { peer: { cidrIpv4: '128.0.0.0/0' } }],
])('a rule never becomes one of other %s', (_name, more) => {
  const wide = rule(20, 80, more);
  const slots = { [slotOf(wide)]: null, 'ingress/tcp:24-80:0.0.0.0/0': rule(24, 80) };
  expect(setIngress({ id: 'sg-1', rules: present(wide) }, slots).map(opName)).toEqual([
    'AuthorizeSecurityGroupIngress',
    'RevokeSecurityGroupIngress',
  ]);
});

const anyRule: fc.Arbitrary<Rule> = fc
  .record({
    protocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'udp', '-1'),
    ends: fc.tuple(fc.constantFrom(0, 20, 22, 23, 24, 3389), fc.constantFrom(22, 23, 25, 3388, 3389, 65_535)),
    more: fc.constantFrom({}, IPV6, { description: 'a' }, { tags: { Owner: 'b' } }),
  })
  .map(({ protocol, ends, more }) =>
    protocol === '-1' ? everything(more) : rule(Math.min(...ends), Math.max(...ends), { protocol, ...more }),
  );
const anyGroup = fc.uniqueArray(anyRule, { selector: slotOf, maxLength: 5 }).map((rules) => present(...rules));

const PROBES = ['tcp', 'udp', 'icmp', 'icmpv6'].flatMap((protocol) =>
  ['0.0.0.0/0', '::/0'].flatMap((cidr) =>
    [0, 19, 20, 21, 22, 23, 24, 25, 3388, 3389, 3390, 65_535].map((port) => ({ protocol, cidr, port })),
  ),
);
type Probe = (typeof PROBES)[number];
const lets = (rules: readonly PresentRule[], { protocol, cidr, port }: Probe): boolean =>
  rules.some(({ rule: one }) => {
    if (!slotOf(one).endsWith(`:${cidr}`)) return false;
    if (one.protocol === '-1') return true;
    if (one.protocol !== protocol) return false;
    const range = tcpPorts({ ...one, protocol: 'tcp' })!;
    return protocol.startsWith('icmp') || (range.from <= port && port <= range.to);
  });
const matters = ({ protocol, cidr }: Probe): boolean => (cidr === '::/0' ? protocol !== 'icmp' : protocol !== 'icmpv6');

test('of any group: the ports are closed, all else stays open without a gap, and the way back is the whole way', () => {
  fc.assert(
    fc.property(anyGroup, (start) => {
      const desired = desiredOf(start);
      const way = steps(start, desired);
      const end = way.at(-1)!;
      const wanted = (probe: Probe): boolean =>
        lets(start, probe) && !(probe.protocol === 'tcp' && probe.port in PORTS);
      const stays = PROBES.filter((probe) => matters(probe) && wanted(probe));
      expect(PROBES.filter((probe) => matters(probe) && lets(end, probe))).toEqual(stays);
      expect(stays.filter((probe) => !way.every((each) => lets(each, probe)))).toEqual([]);
      expect(judgeOpenPorts(group(end), PORTS)).toEqual({ status: 'COMPLIANT' });
      expect(difference(end, desired)).toEqual({ add: [], remove: [] });

      const before = Object.fromEntries(Object.keys(desired).map((slot) => [slot, getRules(start)[slot] ?? null]));
      const back = steps(end, before);
      expect(getRules(back.at(-1)!)).toEqual(getRules(start));
      expect(stays.filter((probe) => !back.every((each) => lets(each, probe)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a rule that was narrowed has its own id again after the way back', () => {
  const start = present(rule(0, 65_535, { tags: { Owner: 'radiology' } }));
  const desired = desiredOf(start);
  const back = steps(steps(start, desired).at(-1)!, {
    ...Object.fromEntries(Object.keys(desired).map((slot) => [slot, null])),
    ...getRules(start),
  });
  expect(told(back.at(-1)!)).toEqual(['sgr-1 ingress/tcp:0-65535:0.0.0.0/0']);
});
