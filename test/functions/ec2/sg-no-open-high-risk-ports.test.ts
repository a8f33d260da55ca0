import control from '../../../functions/ec2/sg-no-open-high-risk-ports.ts';
import { securityGroup } from '../../../lib/aws/ec2.ts';
import { testControl } from '../../control-tester.ts';
import { changes, judge, rule, rulesOf, slotsOf, tcp, web } from '../../support/fakes/ec2.ts';

testControl(control, {
  type: securityGroup,
  budget: 8,
  snapshot: rulesOf,
  cases: [
    { name: 'HTTPS for the world', given: web(tcp(443, 443, '0.0.0.0/0')), is: 'COMPLIANT' },
    {
      name: 'a proxy, and a range with PostgreSQL in it',
      given: web(tcp(8080, 8080, '0.0.0.0/0'), tcp(5431, 5433, '0.0.0.0/0')),
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws, id) =>
        expect(await slotsOf(aws, id)).toEqual([
          'egress/all:0.0.0.0/0',
          'ingress/tcp:5431:0.0.0.0/0',
          'ingress/tcp:5433:0.0.0.0/0',
        ]),
    },
    {
      name: 'every protocol',
      given: web({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
      is: 'APPROVAL',
      reason: 'everything',
    },
  ],
});

/** Security Hub's control EC2.19 */
const EC2_19 = [
  20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888,
  9200, 9300,
];

test('every port of EC2.19, and none beside them', async () => {
  const open: number[] = [];
  for (let port = 0; port <= 9_400; port++) {
    const { status } = control.evaluate(
      { id: 'sg-1', rules: [{ id: 'sgr-1', rule: rule(port) }], ingress: { IPv4: 1, IPv6: 0 } },
      {} as never,
    );
    if (status === 'NON_COMPLIANT') open.push(port);
  }
  expect(open).toEqual(EC2_19);
});

test('all of TCP is cut at each of them, neighbours at once', async () => {
  const { desired } = await judge(control, { rules: [rule(0, 65_535)] });
  expect(changes(desired)).toHaveLength(22);
  expect(changes(desired)).toEqual(
    expect.arrayContaining(['ingress/tcp:0-19:0.0.0.0/0', 'ingress/tcp:24:0.0.0.0/0', 'ingress/tcp:26-109:0.0.0.0/0']),
  );
});
