import control from '../../../functions/ec2/sg-no-open-admin-ports.ts';
import { securityGroup } from '../../../lib/aws/ec2.ts';
import { testControl } from '../../control-tester.ts';
import { allow, changes, everything, IPV6, judge, rule, rulesOf, slotsOf, tcp, web } from '../../support/fakes/ec2.ts';

testControl(control, {
  type: securityGroup,
  budget: 10,
  snapshot: rulesOf,
  cases: [
    {
      name: 'web ports for the world, a database for the network',
      given: web(tcp(80, 80, '0.0.0.0/0'), tcp(443, 443, '0.0.0.0/0'), tcp(3306, 3306, '10.0.0.0/8')),
      is: 'COMPLIANT',
    },
    {
      name: 'RDP alone, and a range over MySQL and RDP that is cut in three',
      given: web(tcp(3389, 3389, '0.0.0.0/0'), tcp(3000, 3400, '0.0.0.0/0')),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws, id) =>
        expect(await slotsOf(aws, id)).toEqual([
          'egress/all:0.0.0.0/0',
          'ingress/tcp:3000-3305:0.0.0.0/0',
          'ingress/tcp:3307-3388:0.0.0.0/0',
          'ingress/tcp:3390-3400:0.0.0.0/0',
        ]),
      neighbour: allow(tcp(22, 22, '203.0.113.7/32')),
    },
    {
      name: 'every protocol, from all of IPv6',
      given: web({ IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] }),
      is: 'APPROVAL',
      reason: 'everything',
    },
  ],
});

describe("as AWS's rule restricted-common-ports judges, with its defaults", () => {
  test.each([20, 21, 3306, 3389, 4333])('TCP %i', async (port) => {
    const { verdict, desired } = await judge(control, { rules: [rule(port)] });
    expect(verdict).toMatchObject({ status: 'NON_COMPLIANT', reason: 'open' });
    expect(changes(desired)).toEqual([`-ingress/tcp:${port}:0.0.0.0/0`]);
  });

  test.each([
    ['a port beside them', rule(22, 443)],
    ['UDP', rule(3389, 3389, { protocol: 'udp' })],
    ['a range that is not the world', rule(3389, 3389, { peer: { cidrIpv4: '0.0.0.0/16' } })],
    ['another group', rule(3389, 3389, { peer: { group: 'sg-1' } })],
    ['a prefix list', rule(3389, 3389, { peer: { prefixList: 'pl-1' } })],
    ['outgoing traffic', everything({ direction: 'egress' })],
  ])('not %s', async (_name, one) => {
    expect((await judge(control, { rules: [one] })).verdict).toEqual({ status: 'COMPLIANT' });
  });
});

test('all of TCP from all of IPv6 keeps every port but the five', async () => {
  const { verdict, desired } = await judge(control, { rules: [rule(0, 65_535, IPV6)] });
  expect(verdict).toMatchObject({
    data: { what: 'FTP data (TCP 20), FTP (TCP 21), MySQL (TCP 3306), RDP (TCP 3389), mSQL (TCP 4333)' },
  });
  expect(verdict).not.toHaveProperty('blastRadius');
  expect(changes(desired)).toEqual([
    '-ingress/tcp:0-65535:::/0',
    'ingress/tcp:0-19:::/0',
    'ingress/tcp:22-3305:::/0',
    'ingress/tcp:3307-3388:::/0',
    'ingress/tcp:3390-4332:::/0',
    'ingress/tcp:4334-65535:::/0',
  ]);
});
