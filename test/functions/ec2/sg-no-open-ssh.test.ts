import control from '../../../functions/ec2/sg-no-open-ssh.ts';
import { securityGroup } from '../../../lib/aws/ec2.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { allow, ruleIdOf, rulesOf, slotsOf, tcp, web } from '../../support/fakes/ec2.ts';

let wideId: string | undefined;
const vendors = web({
  IpProtocol: 'tcp',
  FromPort: 20,
  ToPort: 80,
  IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'vendor' }],
  tags: { Owner: 'radiology' },
});
const OUT = 'egress/all:0.0.0.0/0';

testControl(control, {
  type: securityGroup,
  // Two reads, two calls to open what is to stay open, and the reads again to verify.
  budget: 8,
  snapshot: rulesOf,
  cases: [
    { name: 'a new group', given: web(), is: 'COMPLIANT' },
    {
      name: 'SSH from an office and from another group, HTTPS from the world',
      given: web(tcp(22, 22, '198.51.100.0/24'), tcp(443, 443, '0.0.0.0/0')),
      is: 'COMPLIANT',
    },
    {
      name: 'SSH from the world, IPv4 and IPv6; the office keeps it',
      given: web(
        { ...tcp(22, 22, '0.0.0.0/0'), tags: { Ticket: 'CHG-1042' } },
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: '::/0', Description: 'for now' }] },
        tcp(22, 22, '198.51.100.0/24'),
      ),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws, id) => expect(await slotsOf(aws, id)).toEqual([OUT, 'ingress/tcp:22:198.51.100.0/24']),
      neighbour: allow(tcp(443, 443, '0.0.0.0/0')),
    },
    {
      name: 'a range with SSH in its midst is narrowed on both sides; description and tags stay',
      given: async (aws) => {
        const id = await vendors(aws);
        wideId = await ruleIdOf(aws, id, 'ingress/tcp:20-80:0.0.0.0/0');
        return id;
      },
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws: TestAws, id: string) => {
        const kept = { description: 'vendor', tags: { Owner: 'radiology' } };
        expect(await rulesOf(aws, id)).toEqual([
          expect.objectContaining({ direction: 'egress' }),
          expect.objectContaining({ from: 20, to: 21, ...kept }),
          expect.objectContaining({ from: 23, to: 80, ...kept }),
        ]);
        expect(await ruleIdOf(aws, id, 'ingress/tcp:23-80:0.0.0.0/0')).toBe(wideId);
      },
    },
    {
      name: 'every protocol from the world: what is neither TCP, UDP nor ICMP would be lost, so a person decides',
      given: web({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }),
      is: 'APPROVAL',
      reason: 'everything',
    },
  ],
});
