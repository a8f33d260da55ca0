import control from '../../functions/ec2/sg-no-open-ssh.ts';
import { securityGroup } from '../../lib/aws/ec2.ts';
import { isWorld, type Rule, ruleOf, slotOf } from '../../lib/ec2/rule.ts';
import { readGroup } from '../../lib/ec2/security-group.ts';
import { described, everything, IPV6, judge, KEY, rule } from '../support/fakes/ec2.ts';

describe("as AWS's rule restricted-ssh judges", () => {
  test.each<[string, Rule, 'open' | 'everything']>([
    ['port 22', rule(22), 'open'],
    ['port 22 from all of IPv6', rule(22, 22, IPV6), 'open'],
    ['an odd address with a prefix of length 0', rule(22, 22, { peer: { cidrIpv4: '208.236.235.254/0' } }), 'open'],
    ['all of IPv6 written otherwise', rule(22, 22, { peer: { cidrIpv6: '0:0:0:0:0:0:0:0/0' } }), 'open'],
    ['a range that ends there', rule(0, 22), 'open'],
    ['a range that begins there', rule(22, 65_535), 'open'],
    ['all of TCP as EC2 writes it', rule(-1, -1), 'open'],
    ['every protocol', everything(), 'everything'],
  ])('%s is open', async (_name, one, reason) => {
    expect((await judge(control, { rules: [one] })).verdict).toMatchObject({ status: 'NON_COMPLIANT', reason });
  });

  test.each<[string, Rule]>([
    ['a range beside it', rule(23, 65_535)],
    ['0.0.0.0/16', rule(22, 22, { peer: { cidrIpv4: '0.0.0.0/16' } })],
    ['half the world', rule(22, 22, { peer: { cidrIpv4: '0.0.0.0/1' } })],
    ['::/10', rule(22, 22, { peer: { cidrIpv6: '::/10' } })],
    ['a group', rule(22, 22, { peer: { group: 'sg-1' } })],
    ['a prefix list', everything({ peer: { prefixList: 'pl-1' } })],
    ['UDP', rule(22, 22, { protocol: 'udp' })],
    ['ICMP', rule(8, -1, { protocol: 'icmp' })],
    ['outgoing traffic', rule(22, 22, { direction: 'egress' })],
  ])('%s is not', async (_name, one) => {
    expect((await judge(control, { rules: [one] })).verdict).toEqual({ status: 'COMPLIANT' });
  });
});

describe('who is asked first', () => {
  const filler = (count: number, more: Partial<Rule> = {}): Rule[] =>
    Array.from({ length: count }, (_, index) => rule(1_000 + index, 1_000 + index, more));

  test.each<[string, Rule[], boolean]>([
    ['a range that is cut in two within the quota', [rule(20, 80), ...filler(58)], false],
    ['a range that is cut in two past it', [rule(20, 80), ...filler(59)], true],
    ['a rule that only goes, of a group that is past it already', [rule(22), ...filler(70)], false],
    ['a range that shrinks at its edge, at the quota', [rule(22, 80), ...filler(59)], false],
    ['IPv4 has a quota of its own', [rule(20, 80), ...filler(59, IPV6)], false],
    ['rules by group count for both', [rule(20, 80), ...filler(59, { peer: { group: 'sg-1' } })], true],
    ['outgoing rules do not count', [rule(20, 80), ...filler(59, { direction: 'egress' })], false],
  ])('%s', async (_name, rules, asks) => {
    const { verdict } = await judge(control, { rules });
    expect('blastRadius' in verdict).toBe(asks);
  });

  test('in words: past the quota, and what is lost of every protocol', async () => {
    const { verdict } = await judge(control, { rules: [everything(), ...filler(58)] });
    expect(verdict).toMatchObject({
      blastRadius: [
        'whatever comes from 0.0.0.0/0 by rule sgr-0 over a protocol other than TCP, UDP and ICMP',
        'the group itself, which would have 62 inbound IPv4 rules where EC2 allows 60 by default',
      ],
    });
  });
});

test('the finding names rules by their ids', async () => {
  const { verdict } = await judge(control, { rules: [rule(443), rule(20, 25), rule(22, 22, IPV6)] });
  expect(verdict).toMatchObject({
    data: { group: KEY.id, what: 'SSH (TCP 22)', rules: 'sgr-1 (tcp:20-25 from 0.0.0.0/0), sgr-2 (tcp:22 from ::/0)' },
  });
});

describe('a rule as it is read', () => {
  test.each<[string, Rule]>([
    ['ingress/tcp:22:0.0.0.0/0', rule(22, 22, { description: 'for now', tags: { Ticket: 'CHG-1' } })],
    ['egress/all:::/0', everything({ direction: 'egress', ...IPV6 })],
    ['ingress/icmp:8/-1:0.0.0.0/0', rule(8, -1, { protocol: 'icmp' })],
    ['ingress/tcp:443:pl-1', rule(443, 443, { peer: { prefixList: 'pl-1' } })],
    ['ingress/tcp:443:sg-1', rule(443, 443, { peer: { group: 'sg-1' } })],
    ['ingress/tcp:443:111122223333/sg-1', rule(443, 443, { peer: { group: 'sg-1', owner: '111122223333' } })],
    ['ingress/50:10.0.0.0/8', rule(-1, -1, { protocol: '50', peer: { cidrIpv4: '10.0.0.0/8' } })],
  ])('%s', (slot, one) => {
    expect(slotOf(one)).toBe(slot);
    expect(ruleOf(described(one), KEY.account)).toEqual(one);
  });

  test('by the number of its protocol is the same rule', () => {
    expect(ruleOf({ ...described(rule(22)), IpProtocol: '6' }, KEY.account)).toEqual(rule(22));
  });

  test('without the tags that AWS keeps to itself', () => {
    const Tags = [
      { Key: 'aws:cloudformation:stack-name', Value: 'web' },
      { Key: 'Owner', Value: 'radiology' },
    ];
    expect(ruleOf({ ...described(rule(22)), Tags }, KEY.account).tags).toEqual({ Owner: 'radiology' });
  });

  test.each([{ CidrIpv4: undefined }, { IpProtocol: undefined }, { IsEgress: undefined }])(
    'is refused when EC2 leaves out what it is: %j',
    (missing) => {
      expect(() => ruleOf({ ...described(rule(22)), ...missing }, KEY.account)).toThrow(/rule sgr-0/);
    },
  );

  test('of no other range than all addresses is it the world', () => {
    const ranges = ['0.0.0.0/0', '0.0.0.0/00', '10.0.0.0/10', '0.0.0.0/20'];
    expect(ranges.map((cidrIpv4) => isWorld(rule(22, 22, { peer: { cidrIpv4 } })))).toEqual([true, true, false, false]);
  });
});

describe('a group is read', () => {
  test('to its last page', async () => {
    const inputs: object[] = [];
    const call = async ({ name }: { name: string }, input: object) => {
      if (name === 'ec2:DescribeSecurityGroups') return { SecurityGroups: [{ GroupName: 'web', VpcId: 'vpc-1' }] };
      inputs.push(input);
      const first = inputs.length === 1;
      return { SecurityGroupRules: [described(rule(first ? 80 : 22))], NextToken: first ? 'next' : undefined };
    };
    expect((await readGroup(KEY, call as never)).rules).toHaveLength(2);
    const Filters = [{ Name: 'group-id', Values: [KEY.id] }];
    expect(inputs).toEqual([
      { Filters, NextToken: undefined },
      { Filters, NextToken: 'next' },
    ]);
  });

  test('or not at all: no answer is no empty group', async () => {
    await expect(readGroup(KEY, (async () => ({})) as never)).rejects.toThrow(/not that it does not exist/);
  });
});

describe('the type', () => {
  const collect = async (ids: AsyncIterable<string>): Promise<string[]> => {
    const all: string[] = [];
    for await (const id of ids) all.push(id);
    return all;
  };

  test('has an ARN of its partition', () => {
    expect(securityGroup.arn({ ...KEY, partition: 'aws-us-gov', region: 'us-gov-west-1' })).toBe(
      'arn:aws-us-gov:ec2:us-gov-west-1:123456789012:security-group/sg-0123456789abcdef0',
    );
  });

  test('is listed page by page, without what other accounts share', async () => {
    const call = async (_op: unknown, { NextToken, Filters }: { NextToken?: string; Filters: object }) => {
      expect(Filters).toEqual([{ Name: 'owner-id', Values: ['123456789012'] }]);
      return NextToken
        ? { SecurityGroups: [{ GroupId: 'sg-2' }] }
        : { SecurityGroups: [{ GroupId: 'sg-1' }], NextToken: 'next' };
    };
    expect(await collect(securityGroup.list(call as never, KEY))).toEqual(['sg-1', 'sg-2']);
  });

  test('is found by name in the default VPC only', async () => {
    const asked: object[] = [];
    const call = async ({ name }: { name: string }, { Filters }: { Filters: object }) => {
      asked.push(Filters);
      return name === 'ec2:DescribeVpcs' ? { Vpcs: [{ VpcId: 'vpc-1' }] } : { SecurityGroups: [{ GroupId: 'sg-1' }] };
    };
    expect(await collect(securityGroup.lookups!.name!('legacy-pacs', call as never))).toEqual(['sg-1']);
    expect(asked).toEqual([
      [{ Name: 'is-default', Values: ['true'] }],
      [
        { Name: 'vpc-id', Values: ['vpc-1'] },
        { Name: 'group-name', Values: ['legacy-pacs'] },
      ],
    ]);
  });

  test('is found by its VPC, the default one of it', async () => {
    const call = async (_op: unknown, { Filters }: { Filters: object }) => {
      expect(Filters).toEqual([
        { Name: 'vpc-id', Values: ['vpc-1'] },
        { Name: 'group-name', Values: ['default'] },
      ]);
      return { SecurityGroups: [{ GroupId: 'sg-1' }] };
    };
    expect(await collect(securityGroup.lookups!.vpc!('vpc-1', call as never))).toEqual(['sg-1']);
  });
});
