import defaultEncryption from '../../../functions/s3/bucket-default-encryption.ts';
import kmsEncryption from '../../../functions/s3/bucket-kms-encryption.ts';
import noPublicRead from '../../../functions/s3/bucket-no-public-read.ts';
import noPublicWrite from '../../../functions/s3/bucket-no-public-write.ts';
import publicAccessBlock from '../../../functions/s3/bucket-public-access-block.ts';
import sslOnly from '../../../functions/s3/bucket-ssl-only.ts';
import type { Cause } from '../../../lib/cause.ts';
import type { AnyControl } from '../../../lib/control.ts';
import { reconcile } from '../../../lib/engine/reconcile.ts';
import type { TestAws } from '../../support/aws.ts';
import { Bench } from '../../support/bench.ts';
import {
  charts,
  encryption,
  enforced,
  grants,
  groupGrant,
  KEY,
  policy,
  publicRead,
  snapshotOf,
  website,
} from '../../support/fakes/s3.ts';
import { type FaultRule, staleOnceAfterWrites } from '../../support/proxy.ts';

const all: readonly AnyControl[] = [
  noPublicRead,
  noPublicWrite,
  publicAccessBlock,
  defaultEncryption,
  kmsEncryption,
  sslOnly,
];
const modes = Object.fromEntries(all.map(({ id }) => [id, 'auto' as const]));
const cause = (source: Cause['source'], time: string): Cause => ({
  source,
  eventId: 'event',
  eventName: 'CreateBucket',
  time,
  origin: 'creates',
});

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

const publicWrite = { ...publicRead, Sid: 'PublicWrite', Action: 's3:PutObject' };
const logs = groupGrant('LogDelivery', 'WRITE');
const cases: [string, (aws: TestAws) => Promise<string>][] = [
  ['a new bucket', charts()],
  [
    'open in every way',
    charts(
      grants(groupGrant('AllUsers', 'FULL_CONTROL'), groupGrant('AuthenticatedUsers', 'WRITE'), logs),
      policy(publicRead, publicWrite),
      website,
      encryption('AES256'),
    ),
  ],
  ['grants that nobody heeds', charts(grants(groupGrant('AllUsers', 'READ')), enforced, encryption('AES256'))],
];

/** One event, for these controls in this order, and what of it is left to the agenda. */
async function run(order: readonly AnyControl[], faults?: FaultRule): Promise<void> {
  const event = async (controls: readonly AnyControl[], from: Cause['source']) => {
    const time = new Date(bench.clock.now() - 60_000).toISOString();
    const request = { key: KEY, controls: controls.map(({ id }) => id), cause: cause(from, time) };
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

const orders: { name: string; order: readonly AnyControl[]; faults?: () => FaultRule }[] = [
  { name: 'in reverse', order: all.toReversed() },
  {
    name: 'the block first, as the catalogue never has it',
    order: [sslOnly, publicAccessBlock, kmsEncryption, noPublicWrite, noPublicRead, defaultEncryption],
  },
  { name: 'with a stale read after each write', order: all, faults: staleOnceAfterWrites },
];

describe.each(cases)('law 12: all controls of a bucket together: %s', (_name, given) => {
  let calm: unknown;
  beforeAll(async () => {
    await bench.reset();
    await given(bench.aws);
    await run(all);
    calm = await snapshotOf(bench.aws, KEY.id);
  });

  test('nothing is left open but what a person has to decide', async () => {
    const { record } = await bench.ledger.read(KEY);
    expect(record.state.intents).toEqual({});
    const failed = [...bench.hub.findings.values()].filter(({ compliance }) => compliance === 'FAILED');
    expect(failed.every(({ control }) => control === kmsEncryption || control === sslOnly)).toBe(true);
    expect(calm).toMatchObject({ block: { BlockPublicAcls: true, RestrictPublicBuckets: true } });
  });

  test.each(orders)('$name: one final state', async ({ order, faults }) => {
    await bench.reset();
    await given(bench.aws);
    await run(order, faults?.());
    expect(await snapshotOf(bench.aws, KEY.id)).toEqual(calm);
    const after = bench.process({ modes });
    const request = {
      key: KEY,
      controls: order.map(({ id }) => id),
      cause: cause('cloudtrail', new Date(bench.clock.now()).toISOString()),
    };
    await after.run((runtime) => reconcile(request, order, runtime));
    expect(after.writes.map(({ op }) => op.name)).toEqual([]);
  });
});
