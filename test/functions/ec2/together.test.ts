import adminPorts from '../../../functions/ec2/sg-no-open-admin-ports.ts';
import highRiskPorts from '../../../functions/ec2/sg-no-open-high-risk-ports.ts';
import ssh from '../../../functions/ec2/sg-no-open-ssh.ts';
import defaultClosed from '../../../functions/ec2/vpc-default-sg-closed.ts';
import type { Cause } from '../../../lib/cause.ts';
import type { AnyControl } from '../../../lib/control.ts';
import { reconcile } from '../../../lib/engine/reconcile.ts';
import { revert } from '../../../lib/engine/revert.ts';
import type { TestAws } from '../../support/aws.ts';
import { Bench } from '../../support/bench.ts';
import { defaultGroup, KEY, rulesOf, slotsOf, tcp, web } from '../../support/fakes/ec2.ts';
import { type FaultRule, staleOnceAfterWrites } from '../../support/proxy.ts';

const all: readonly AnyControl[] = [highRiskPorts, ssh, adminPorts, defaultClosed];
const modes = Object.fromEntries(all.map(({ id }) => [id, 'auto' as const]));

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

/** One event for these controls in this order, and what of it is left to the agenda. */
async function run(id: string, order: readonly AnyControl[], faults?: FaultRule): Promise<void> {
  const event = async (controls: readonly AnyControl[], source: Cause['source']) => {
    const time = new Date(bench.clock.now() - 60_000).toISOString();
    const cause: Cause = { source, eventId: 'event', eventName: 'CreateSecurityGroup', time, origin: 'creates' };
    const request = { key: { ...KEY, id }, controls: controls.map((control) => control.id), cause };
    await bench.process({ modes }).run((runtime) => reconcile(request, order, runtime));
  };
  if (faults) bench.proxy.disturb(faults);
  await event(order, 'cloudtrail');
  bench.proxy.disturb(undefined);
  for (let turns = 0; turns < 3; turns++) {
    bench.clock.advance(300_000);
    await event([], 'agenda');
  }
}
async function fresh(given: (aws: TestAws) => Promise<string>): Promise<string> {
  await bench.reset();
  return given(bench.aws);
}

const wide = web({
  IpProtocol: 'tcp',
  FromPort: 20,
  ToPort: 3400,
  IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'vendor' }],
  Ipv6Ranges: [{ CidrIpv6: '::/0' }],
});
const cases: [string, (aws: TestAws) => Promise<string>, string[]][] = [
  [
    'a range over the ports of all three',
    wide,
    ['0.0.0.0/0', '::/0'].flatMap((world) =>
      [
        '1435-2999',
        '144-444',
        '24',
        '26-109',
        '3001-3305',
        '3307-3388',
        '3390-3400',
        '446-1432',
        '111-134',
        '136-142',
      ].map((ports) => `ingress/tcp:${ports}:${world}`),
    ),
  ],
  ['the default group, open in every way', defaultGroup(tcp(22, 22, '0.0.0.0/0'), tcp(8080, 8080, '0.0.0.0/0')), []],
];
const orders: { name: string; order: readonly AnyControl[]; faults?: () => FaultRule }[] = [
  { name: 'as the catalogue has them', order: all.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
  { name: 'in reverse', order: all.toReversed() },
  { name: 'with a stale read after each write', order: all, faults: staleOnceAfterWrites },
];

describe.each(cases)('law 12: all controls of a security group together: %s', (_name, given, left) => {
  test.each(orders)('$name: one final state', async ({ order, faults }) => {
    const id = await fresh(given);
    await run(id, order, faults?.());
    const ingress = (await slotsOf(bench.aws, id)).filter((slot) => slot.startsWith('ingress'));
    expect(ingress).toEqual([...left].sort());
    expect((await bench.ledger.read({ ...KEY, id })).record.state.intents).toEqual({});
    const failed = [...bench.hub.findings.values()].filter(({ compliance }) => compliance === 'FAILED');
    expect(failed).toEqual([]);
  });
});

test('one after the other, so that they build on each other, they are taken back from the last to the first', async () => {
  const id = await fresh(wide);
  const start = await rulesOf(bench.aws, id);
  for (const control of [ssh, adminPorts]) await run(id, [control]);
  const request = { key: { ...KEY, id }, control: ssh.id, by: 'arn:aws:iam::123456789012:user/tester', reason: 'test' };
  const refused = await bench.process({ modes }).run((runtime) => revert(request, all, runtime));
  expect(refused).toMatchObject({ status: 'refused' });
  const through = await bench.process({ modes }).run((runtime) => revert({ ...request, through: true }, all, runtime));
  expect(through).toMatchObject({ status: 'reverted' });
  expect(await rulesOf(bench.aws, id)).toEqual(start);
});
