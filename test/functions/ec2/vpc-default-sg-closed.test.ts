import {
  CreateNetworkInterfaceCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import control from '../../../functions/ec2/vpc-default-sg-closed.ts';
import { securityGroup } from '../../../lib/aws/ec2.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import {
  allow,
  defaultGroup,
  everything,
  judge,
  rule,
  ruleIdOf,
  rulesOf,
  slotsOf,
  tcp,
  web,
} from '../../support/fakes/ec2.ts';

const ec2 = (aws: TestAws) => aws.client(EC2Client);

async function closed(aws: TestAws): Promise<string> {
  const GroupId = await defaultGroup()(aws);
  for (const slot of await slotsOf(aws, GroupId)) {
    const SecurityGroupRuleIds = [(await ruleIdOf(aws, GroupId, slot))!];
    const input = { GroupId, SecurityGroupRuleIds };
    if (slot.startsWith('ingress')) await ec2(aws).send(new RevokeSecurityGroupIngressCommand(input));
    else await ec2(aws).send(new RevokeSecurityGroupEgressCommand(input));
  }
  return GroupId;
}

testControl(control, {
  type: securityGroup,
  budget: 12,
  snapshot: rulesOf,
  cases: [
    { name: 'closed', given: closed, is: 'COMPLIANT' },
    { name: 'any other group', given: web(tcp(22, 22, '0.0.0.0/0')), is: 'NOT_APPLICABLE', reason: 'notDefault' },
    {
      name: "EC2's own rules and one more, and nobody in the group",
      given: defaultGroup({
        ...tcp(22, 22),
        IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'office' }],
      }),
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws, id) => expect(await slotsOf(aws, id)).toEqual([]),
      neighbour: allow(tcp(443, 443, '10.0.0.0/8')),
    },
    {
      name: 'somebody is in the group',
      given: async (aws) => {
        const id = await defaultGroup()(aws);
        const { Subnets: [subnet] = [] } = await ec2(aws).send(new DescribeSubnetsCommand({}));
        await ec2(aws).send(
          new CreateNetworkInterfaceCommand({ SubnetId: subnet!.SubnetId, Groups: [id], Description: 'PACS' }),
        );
        return id;
      },
      is: 'APPROVAL',
      reason: 'open',
    },
  ],
});

const open = { name: 'default', rules: [everything({ peer: { group: 'sg-1' } }), everything({ direction: 'egress' })] };

describe('who is in the group', () => {
  test('is told by the instance, else by what the interface is for', async () => {
    const interfaces = [
      { NetworkInterfaceId: 'eni-1', Attachment: { InstanceId: 'i-1' }, Description: 'primary' },
      { NetworkInterfaceId: 'eni-2', Description: 'ELB app/portal' },
      { NetworkInterfaceId: 'eni-3' },
    ];
    expect((await judge(control, { ...open, interfaces })).verdict).toMatchObject({
      blastRadius: ['eni-1 (i-1)', 'eni-2 (ELB app/portal)', 'eni-3'],
    });
  });

  test('is counted where they are too many to name', async () => {
    const interfaces = Array.from({ length: 23 }, (_, index) => ({ NetworkInterfaceId: `eni-${index}` }));
    const { verdict } = await judge(control, { ...open, interfaces });
    expect('blastRadius' in verdict && verdict.blastRadius).toHaveLength(21);
    expect(verdict).toMatchObject({ blastRadius: expect.arrayContaining(['eni-19', '3 more network interfaces']) });
  });

  test('is nobody: no person has to decide', async () => {
    const { verdict } = await judge(control, open);
    expect(verdict).not.toHaveProperty('blastRadius');
    expect(verdict).toMatchObject({
      data: { rules: 'egress/all:0.0.0.0/0, ingress/all:sg-1' },
      desired: { 'egress/all:0.0.0.0/0': null, 'ingress/all:sg-1': null },
    });
  });

  test.each([
    ['a closed group', { name: 'default' }],
    ['another group', { name: 'web', rules: [rule(22)] }],
  ])('is not asked about %s', async (_name, config) => {
    expect((await judge(control, config)).sent).not.toContain('ec2:DescribeNetworkInterfaces');
  });
});
