import fc from 'fast-check';
import type { ActsOn } from '../../lib/aws/op.ts';
import type { Cause } from '../../lib/cause.ts';
import type { Held } from '../../lib/engine/ledger.ts';
import { MAX_INBOX } from '../../lib/engine/ledger-items.ts';
import {
  type AgendaEntry,
  EMPTY_STATE,
  type Intent,
  type ResourceRecord,
  type ResourceState,
  type SettledIntent,
} from '../../lib/engine/record.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import { workerMiniStack } from '../support/emulators.ts';
import { dynamoSubject, memorySubject, type Subject } from './ledger-subjects.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
let now = START;
const clock = { now: () => now, sleep: async () => undefined };
beforeEach(() => {
  now = START;
});

const bucket = (id: string): ResourceKey => ({
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::S3::Bucket',
  id,
});
const group = (id: string): ActsOn => ({ type: 'AWS::RDS::DBParameterGroup', id });
const groupKey = (id: string): ResourceKey => ({ ...bucket(id), type: 'AWS::RDS::DBParameterGroup' });
const cause: Cause = {
  source: 'cloudtrail',
  eventId: 'e-1',
  eventName: 'PutBucketAcl',
  time: '2026-03-01T11:59:58Z',
  origin: 'opens',
};
const look = (at: number): AgendaEntry => ({ at, why: 'error', cause, tries: 0, since: START });
const agenda = (at: number): ResourceState => ({ ...EMPTY_STATE, agenda: { control: look(at) } });
const intent = (id: string, text = 'a'): Intent => ({
  id,
  kind: 'remediation',
  control: 'control',
  key: bucket('b'),
  openedAt: new Date(START).toISOString(),
  cause,
  reason: 'It was open.',
  before: { acl: [{ text }], gone: null },
  after: { acl: [] },
  calls: [{ op: 's3:PutBucketAcl', input: { Bucket: 'b' } }],
});
const open = (text?: string): ResourceState => ({ ...EMPTY_STATE, intents: { control: intent('i-1', text) } });
const settled = (id: string, at: number, text?: string): SettledIntent => ({
  ...intent(id, text),
  settledAt: new Date(at).toISOString(),
  outcome: 'VERIFIED',
});
const note = (eventId: string) => ({ controls: ['control'], cause: { ...cause, eventId } });
const held = (key: ResourceKey, owner: string, more: Partial<Held> = {}): Held => ({
  key,
  owner,
  covers: [],
  seen: 0,
  ...more,
});
const lease = (owner: string, ms = MINUTE) => ({ owner, until: now + ms });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const startDynamo = async () => dynamoSubject(clock, (await workerMiniStack()).url);

describe.each([
  ['MemoryLedger', () => memorySubject(clock)],
  ['DynamoLedger', startDynamo],
])('%s', (name, start) => {
  const key = bucket('a|bucket');
  let subject: Subject;
  beforeEach(async () => {
    subject = await start();
  });
  afterEach(() => subject.close());
  const read = async (which = key): Promise<ResourceRecord> => (await subject.ledger.read(which)).record;
  const take = async (owner: string, state = EMPTY_STATE, covers: ActsOn[] = [], which = key) => {
    const taken = await subject.ledger.take(await read(which), lease(owner), state, covers);
    if (!taken.ok) throw new Error(`not taken: ${taken.why}`);
    return taken.record;
  };

  describe('take', () => {
    test('a resource nobody has written of is generation 0 and empty', async () => {
      expect(await subject.ledger.read(key)).toEqual({
        record: { key, gen: 0, inbox: [], state: EMPTY_STATE },
        pauses: {},
      });
    });

    test('what is taken is stored and read again as it was', async () => {
      const record = await take('me', open());
      expect(record).toEqual({ key, gen: 1, lease: { owner: 'me', until: START + MINUTE }, inbox: [], state: open() });
      expect(await read()).toEqual(record);
    });

    test('of many takers at once exactly one wins; the others learn who', async () => {
      const record = await read();
      const owners = ['a', 'b', 'c', 'd', 'e'];
      const taken = await Promise.all(
        owners.map((owner) => subject.ledger.take(record, lease(owner), open(owner), [])),
      );
      const winners = owners.filter((_, index) => taken[index]?.ok);
      expect(winners).toHaveLength(1);
      expect(taken.filter(({ ok }) => !ok)).toEqual(Array(4).fill({ ok: false, why: 'owned', owner: winners[0] }));
      expect((await read()).state).toEqual(open(winners[0]));
    });

    test('a record that changed since it was read is not written over', async () => {
      const record = await read();
      await take('a', open());
      await subject.ledger.release(held(key, 'a'), open('kept'), []);
      expect(await subject.ledger.take(record, lease('b'), EMPTY_STATE, [])).toEqual({ ok: false, why: 'moved' });
      expect((await read()).state).toEqual(open('kept'));
    });

    test('a live lease stands, one that has run out is taken over with its state and its notes', async () => {
      await take('dead', open());
      await subject.ledger.leave(key, 'dead', note('n'));
      now = START + MINUTE;
      expect(await subject.ledger.take(await read(), lease('b'), open('b'), [])).toMatchObject({
        why: 'owned',
        owner: 'dead',
      });
      now += 1;
      const found = await read();
      expect(found).toMatchObject({ state: open(), inbox: [note('n')] });
      expect(await subject.ledger.take(found, lease('b'), open('b'), [])).toMatchObject({
        ok: true,
        record: { inbox: [note('n')], state: open('b') },
      });
      expect(await subject.ledger.release(held(key, 'dead'), EMPTY_STATE, [])).toEqual({ ok: false, why: 'lost' });
      expect((await read()).state).toEqual(open('b'));
    });

    test("a lease that has run out is in nobody's way, but who did not see it come starts over", async () => {
      const record = await read();
      await take('dead', open());
      now += MINUTE + 1;
      expect(await subject.ledger.take(record, lease('b'), open('b'), [])).toEqual({ ok: false, why: 'moved' });
      expect((await read()).state).toEqual(open());
    });

    test('the holder renews with the record it has, and not with an older one', async () => {
      const before = await read();
      const record = await take('me', open('1'));
      const renewed = await subject.ledger.take(record, lease('me', 2 * MINUTE), open('2'), []);
      expect(renewed).toMatchObject({ ok: true, record: { gen: 2, lease: { until: START + 2 * MINUTE } } });
      // What a write held up on its way would do: the state it carries is older than what we stored since.
      expect(await subject.ledger.take(before, lease('me'), open('1'), [])).toEqual({ ok: false, why: 'moved' });
      expect(await subject.ledger.take(record, lease('me'), open('1'), [])).toEqual({ ok: false, why: 'moved' });
      expect((await read()).state).toEqual(open('2'));
    });

    test('a holder whose lease has run out renews it while nobody else has come', async () => {
      const record = await take('me');
      now += 2 * MINUTE;
      expect(await subject.ledger.take(record, lease('me'), open(), [])).toMatchObject({ ok: true });
    });

    test.each([[[]], [[group('g')]]])('a lost answer is not a lost lease (covering %j)', async (covers) => {
      const record = await read();
      subject.loseNextAnswer();
      expect(await subject.ledger.take(record, lease('me'), open(), covers)).toMatchObject({
        ok: true,
        record: { gen: 1 },
      });
      expect(await read()).toMatchObject({ gen: 1, lease: { owner: 'me' }, state: open() });
    });

    test('a record of a newer Suture is refused, and says to upgrade', async () => {
      const record = await take('me', agenda(START));
      await subject.fromTheFuture(key);
      await expect(read()).rejects.toMatchObject({
        name: 'RecordTooNew',
        message: expect.stringContaining('version 2'),
      });
      await expect(subject.ledger.take({ ...record, gen: 0 }, lease('b'), EMPTY_STATE, [])).rejects.toMatchObject({
        name: 'RecordTooNew',
      });
      now += 2 * MINUTE;
      await expect(take('x', EMPTY_STATE, [{ type: key.type, id: key.id }], bucket('other'))).rejects.toMatchObject({
        name: 'RecordTooNew',
      });
      expect(await subject.ledger.read(bucket('other'))).toMatchObject({ record: { gen: 0 } });
    });

    test('what does not fit is refused before it is sent, with the bytes in words', async () => {
      const record = await read();
      const sent = subject.requests.length;
      await expect(
        subject.ledger.take(record, lease('me'), open('\u00e9'.repeat(195 * 1024)), []),
      ).rejects.toMatchObject({
        name: 'RecordTooLarge',
        message: expect.stringMatching(/AWS::S3::Bucket.*bytes.*389120/),
      });
      expect(subject.requests.slice(sent)).toEqual([]);
      expect(await subject.ledger.take(record, lease('me'), open('e'.repeat(370 * 1024)), [])).toMatchObject({
        ok: true,
      });
      const huge = settled('i', START, 'e'.repeat(381 * 1024));
      await expect(subject.ledger.release(held(key, 'me'), EMPTY_STATE, [huge])).rejects.toThrow(/Intent i of .*bytes/);
    });

    test('is one plain write unless others are covered', async () => {
      const sent = subject.requests.length;
      await take('me', open(), [{ type: key.type, id: key.id }]);
      const expected = ['BatchGetItemCommand', 'UpdateItemCommand'];
      expect(subject.requests.slice(sent)).toEqual(name === 'MemoryLedger' ? [] : expected);
    });
  });

  describe('covered objects', () => {
    const [one, two] = [bucket('one'), bucket('two')];

    test('two plans that share an object exclude each other, and nothing of the second is written', async () => {
      await take('a', open('a'), [group('x'), group('shared')], one);
      const refused = await subject.ledger.take(await read(two), lease('b'), open('b'), [group('shared'), group('y')]);
      expect(refused).toEqual({ ok: false, why: 'covered', object: group('shared') });
      expect(await subject.peek(two)).toBeUndefined();
      expect(await subject.peek(groupKey('y'))).toBeUndefined();
      await subject.ledger.release(held(one, 'a', { covers: [group('x'), group('shared')] }), EMPTY_STATE, []);
      await take('b', open('b'), [group('shared'), group('y'), group('y')], two);
    });

    test('who holds the object itself is in the way of a plan that covers it', async () => {
      await take('a', EMPTY_STATE, [], groupKey('g'));
      expect(await subject.ledger.take(await read(), lease('b'), open(), [group('g')])).toEqual({
        ok: false,
        why: 'covered',
        object: group('g'),
      });
    });

    test('a covered object is owned for whoever wants it as a resource, and has moved on when it is free again', async () => {
      const before = await read(groupKey('g'));
      await take('a', open(), [group('g')]);
      const meanwhile = await read(groupKey('g'));
      expect(meanwhile).toMatchObject({ lease: { owner: 'a' }, state: EMPTY_STATE });
      expect(await subject.ledger.take(before, lease('b'), EMPTY_STATE, [])).toEqual({
        ok: false,
        why: 'owned',
        owner: 'a',
      });
      await subject.ledger.release(held(key, 'a', { covers: [group('g')] }), EMPTY_STATE, []);
      for (const stale of [before, meanwhile]) {
        expect(await subject.ledger.take(stale, lease('b'), EMPTY_STATE, [])).toEqual({ ok: false, why: 'moved' });
      }
      await take('b', EMPTY_STATE, [], groupKey('g'));
    });

    test('a note left on a covered object is put on the agenda when the object is given back', async () => {
      await take('a', open(), [group('g')]);
      expect(await subject.ledger.leave(groupKey('g'), 'a', note('n'))).toBe(true);
      expect(await subject.peek(groupKey('g'))).toMatchObject({ lookAt: START + MINUTE });
      now += 5_000;
      expect(
        await subject.ledger.release(held(key, 'a', { covers: [group('g'), group('none')] }), EMPTY_STATE, []),
      ).toEqual({
        ok: true,
      });
      expect(await all(subject.ledger.due(now, 10))).toEqual([groupKey('g')]);
      const found = await read(groupKey('g'));
      expect(found.lease).toBeUndefined();
      expect(found.inbox).toEqual([note('n')]);
    });

    test('an object that went to another when our lease ran out stays theirs, and our work is stored', async () => {
      await take('a', open('a'), [group('g')]);
      now += 2 * MINUTE;
      await take('b', EMPTY_STATE, [group('g')], two);
      expect(await subject.ledger.release(held(key, 'a', { covers: [group('g')] }), open('done'), [])).toEqual({
        ok: true,
      });
      expect(await read()).toMatchObject({ state: open('done') });
      expect((await read(groupKey('g'))).lease).toEqual({ owner: 'b', until: now + MINUTE });
    });

    test('covering leaves what is known of the object alone', async () => {
      const state = { ...agenda(START + 10 * MINUTE), intents: { control: intent('i') } };
      await take('x', state, [], groupKey('g'));
      await subject.ledger.release(held(groupKey('g'), 'x'), state, []);
      await take('a', open(), [group('g')]);
      await subject.ledger.release(held(key, 'a', { covers: [group('g')] }), EMPTY_STATE, []);
      expect((await read(groupKey('g'))).state).toEqual(state);
      expect(await subject.peek(groupKey('g'))).toEqual({ gen: 4, lookAt: START + 10 * MINUTE, expires: undefined });
    });
  });

  describe('release', () => {
    test('stores the state, gives the lease back and adds to the history', async () => {
      await take('me', open());
      const done = { ...EMPTY_STATE, fixes: { control: [START] } };
      expect(await subject.ledger.release(held(key, 'me'), done, [settled('i-1', START)])).toEqual({ ok: true });
      expect(await read()).toEqual({ key, gen: 2, inbox: [], state: done });
      expect(await all(subject.ledger.history(key))).toEqual([settled('i-1', START)]);
    });

    test('a note that was not seen keeps the lease, and is told', async () => {
      await take('me', open());
      expect(await subject.ledger.leave(key, 'me', note('1'))).toBe(true);
      expect(await subject.ledger.leave(key, 'me', note('2'))).toBe(true);
      const refused = await subject.ledger.release(held(key, 'me', { seen: 1 }), EMPTY_STATE, [settled('i-1', START)]);
      expect(refused).toMatchObject({
        ok: false,
        why: 'inbox',
        record: { gen: 1, inbox: [note('1'), note('2')], state: open() },
      });
      expect(await all(subject.ledger.history(key))).toEqual([]);
      expect(await subject.ledger.release(held(key, 'me', { seen: 2 }), EMPTY_STATE, [])).toEqual({ ok: true });
      expect((await read()).inbox).toEqual([]);
    });

    test.each([
      ['alone', [], []],
      ['with history and objects', [settled('i-1', START)], [group('g')]],
    ] as const)('a lost answer is not a lost lease (%s)', async (_, done, covers) => {
      await take('me', open(), [...covers]);
      subject.loseNextAnswer();
      expect(await subject.ledger.release(held(key, 'me', { covers }), agenda(START), done)).toEqual({ ok: true });
      expect(await read()).toMatchObject({ gen: 2, state: agenda(START) });
      expect(await all(subject.ledger.history(key))).toEqual(done);
    });

    test('a second release of the same owner is lost, not a success', async () => {
      await take('me');
      await subject.ledger.release(held(key, 'me'), open('1'), []);
      expect(await subject.ledger.release(held(key, 'me'), open('2'), [])).toEqual({ ok: false, why: 'lost' });
      expect((await read()).state).toEqual(open('1'));
    });

    test('what holds nothing any more goes after 30 days; taken again, it stays', async () => {
      await take('me', open(), [group('g')]);
      expect((await subject.peek(key))?.expires).toBeUndefined();
      await subject.ledger.release(
        held(key, 'me', { covers: [group('g')] }),
        { ...EMPTY_STATE, fixes: { control: [] } },
        [],
      );
      const in30Days = START / 1000 + 30 * 86_400;
      expect(await subject.peek(key)).toEqual({ gen: 2, lookAt: undefined, expires: in30Days });
      expect(await subject.peek(groupKey('g'))).toMatchObject({ gen: 2, expires: in30Days });
      await take('me', EMPTY_STATE);
      expect(await subject.peek(key)).toMatchObject({ gen: 3, expires: undefined });
      await subject.ledger.release(held(key, 'me'), { ...EMPTY_STATE, missingSince: START }, []);
      expect(await subject.peek(key)).toMatchObject({ gen: 4, expires: undefined });
    });

    test('a record that expired since it was read is not taken for the one that was read', async () => {
      await take('me');
      await subject.ledger.release(held(key, 'me'), EMPTY_STATE, []);
      const record = await read();
      await subject.expire(key);
      expect(await subject.ledger.take(record, lease('b'), open(), [])).toEqual({ ok: false, why: 'moved' });
      expect(await subject.ledger.leave(key, 'me', note('n'))).toBe(false);
    });
  });

  describe('leave', () => {
    test('only a living holder takes a note', async () => {
      expect(await subject.ledger.leave(key, 'me', note('n'))).toBe(false);
      await take('me');
      expect(await subject.ledger.leave(key, 'other', note('n'))).toBe(false);
      expect(await subject.ledger.leave(key, 'me', note('n'))).toBe(true);
      now += MINUTE + 1;
      expect(await subject.ledger.leave(key, 'me', note('late'))).toBe(false);
      expect((await read()).inbox).toEqual([note('n')]);
    });

    test('a holder that dies over a note is found by the agenda', async () => {
      await take('me');
      await subject.ledger.leave(key, 'me', note('n'));
      expect(await all(subject.ledger.due(now + MINUTE - 1, 10))).toEqual([]);
      expect(await all(subject.ledger.due(now + MINUTE, 10))).toEqual([key]);
    });

    test('notes beyond what an item can carry are refused, not lost', async () => {
      await take('me');
      for (let i = 0; i < MAX_INBOX; i++) await subject.ledger.leave(key, 'me', note(String(i)));
      await expect(subject.ledger.leave(key, 'me', note('more'))).rejects.toMatchObject({ name: 'InboxFull' });
      expect((await read()).inbox).toHaveLength(MAX_INBOX);
    });
  });

  describe('history', () => {
    test('is newest first, over more than one page, and of this resource alone', async () => {
      const times = [3, 1, 17, 5, 20, 2, 9, 4, 11, 8, 6, 12, 15, 14, 7, 10, 13, 18, 19, 16];
      for (const [at, which] of [...times.map((time) => [time, key] as const), [99, bucket('a|bucket2')] as const]) {
        await take('me', EMPTY_STATE, [], which);
        await subject.ledger.release(held(which, 'me'), EMPTY_STATE, [settled(`i-${at}`, START + at * 1000)]);
      }
      const sent = subject.requests.length;
      const found = await all(subject.ledger.history(key));
      expect(subject.requests.slice(sent)).toEqual(name === 'MemoryLedger' ? [] : Array(3).fill('QueryCommand'));
      expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `i-${20 - index}`));
      expect(found[0]).toEqual(settled('i-20', START + 20_000));
    });

    test('an intent that was taken back is stored over itself', async () => {
      await take('me');
      await subject.ledger.release(held(key, 'me'), EMPTY_STATE, [settled('i-1', START)]);
      await take('me');
      const back = { ...settled('i-1', START), revertedBy: 'i-2' };
      await subject.ledger.release(held(key, 'me'), EMPTY_STATE, [back, settled('i-2', START + 1)]);
      expect(await all(subject.ledger.history(key))).toEqual([settled('i-2', START + 1), back]);
    });
  });

  describe('due', () => {
    test('is earliest first across all shards, no more than asked for, and only what is due', async () => {
      const order = Array.from({ length: 90 }, (_, index) => ({
        which: bucket(`b-${index}`),
        at: START + ((index * 17) % 90) * 1000,
      }));
      await Promise.all(
        order.map(async ({ which, at }) => {
          await take('me', EMPTY_STATE, [], which);
          await subject.ledger.release(held(which, 'me'), agenda(at), []);
        }),
      );
      const expected = order.toSorted((a, b) => a.at - b.at).map(({ which }) => which);
      expect(await all(subject.ledger.due(START + 79_999, 100))).toEqual(expected.slice(0, 80));
      expect(await all(subject.ledger.due(START + 90_000, 7))).toEqual(expected.slice(0, 7));
      expect(await all(subject.ledger.due(START - 1, 100))).toEqual([]);
      expect(await all(subject.ledger.due(START, 0))).toEqual([]);
    });

    test.each([
      ['long due', agenda(START - 1)],
      ['due much later', agenda(START + 60 * MINUTE)],
      ['with an empty agenda', EMPTY_STATE],
    ])('what is being worked on is not due, and is when the run has died (%s)', async (_, state) => {
      await take('me', state);
      expect(await all(subject.ledger.due(START + MINUTE - 1, 10))).toEqual([]);
      expect(await all(subject.ledger.due(START + MINUTE, 10))).toEqual([key]);
    });

    test('nothing on the agenda, nothing in the index', async () => {
      await take('me', agenda(START));
      await subject.ledger.release(held(key, 'me'), open(), []);
      expect(await subject.peek(key)).toMatchObject({ lookAt: undefined });
      expect(await all(subject.ledger.due(START + 1e9, 10))).toEqual([]);
    });
  });

  describe('pause', () => {
    const flag = { by: 'on-call', reason: 'migration', at: '2026-03-01T12:00:00Z' };

    test('is read with every record, until it is resumed', async () => {
      await subject.ledger.pause('*', flag);
      await subject.ledger.pause('s3-bucket-no-public-read', { ...flag, by: 'auditor' });
      const both = { '*': flag, 's3-bucket-no-public-read': { ...flag, by: 'auditor' } };
      expect((await subject.ledger.read(key)).pauses).toEqual(both);
      expect(await subject.ledger.pauses()).toEqual(both);
      await subject.ledger.resume('*');
      await subject.ledger.resume('*');
      expect(await subject.ledger.pauses()).toEqual({ 's3-bucket-no-public-read': both['s3-bucket-no-public-read'] });
    });

    test('who paused first stays on record; the same again is no error', async () => {
      subject.loseNextAnswer();
      await subject.ledger.pause('*', flag);
      await subject.ledger.pause('*', flag);
      await expect(subject.ledger.pause('*', { ...flag, by: 'other' })).rejects.toThrow(
        /Everything is paused already, by on-call .*migration/,
      );
      expect(await subject.ledger.pauses()).toEqual({ '*': flag });
    });

    test('what a newer Suture paused is neither read nor written: nothing may be changed then', async () => {
      await subject.ledger.pause('*', flag);
      await subject.pausesFromTheFuture();
      const refused = { name: 'RecordTooNew' };
      await expect(subject.ledger.read(key)).rejects.toMatchObject(refused);
      await expect(subject.ledger.pause('other', flag)).rejects.toMatchObject(refused);
      await expect(subject.ledger.resume('*')).rejects.toMatchObject(refused);
      await expect(subject.ledger.pauses()).rejects.toMatchObject(refused);
    });

    test('needs a name and a reason', async () => {
      await expect(subject.ledger.pause('*', { ...flag, by: '', reason: ' ' })).rejects.toThrow(/needs by and reason/);
      expect(await subject.ledger.pauses()).toEqual({});
    });
  });
});

describe('both ledgers', () => {
  type Step = {
    run: 0 | 1 | 2;
    on: 0 | 1 | 2;
    act: 'read' | 'take' | 'release' | 'leave' | 'wait' | 'lose';
    covers: number[];
    size: number;
  };
  const step = fc.record<Step>({
    run: fc.constantFrom(0, 1, 2),
    on: fc.constantFrom(0, 1, 2),
    act: fc.constantFrom('read', 'take', 'take', 'take', 'release', 'release', 'leave', 'wait', 'lose'),
    covers: fc.subarray([0, 1, 2]),
    size: fc.nat(3),
  });

  /** Runs the steps and says what came of each: a run knows what it has read and been told, and nothing else. */
  async function play(
    steps: readonly Step[],
    { ledger, loseNextAnswer, peek }: Subject,
    name: string,
  ): Promise<unknown[]> {
    const keys = [0, 1, 2].map((id) => bucket(`${name}-${id}`));
    const known = new Map<string, ResourceRecord>();
    const log: unknown[] = [];
    now = START;
    for (const [index, { run, on, act, covers, size }] of steps.entries()) {
      const key = keys[on]!;
      const owner = `run-${run}`;
      const mine = `${run}/${on}`;
      const objects = covers.map((id): ActsOn => ({ type: key.type, id: keys[id]!.id }));
      const state = size === 0 ? EMPTY_STATE : { ...agenda(now + size * 20_000), fixes: { control: [index] } };
      const record = known.get(mine) ?? { key, gen: 0, inbox: [], state: EMPTY_STATE };
      if (act === 'wait') now += size * 25_000;
      if (act === 'lose') loseNextAnswer();
      if (act === 'read') known.set(mine, (await ledger.read(key)).record);
      if (act === 'take') {
        const taken = await ledger.take(record, lease(owner, 30_000), state, objects);
        if (taken.ok) known.set(mine, taken.record);
        log.push(taken);
      }
      if (act === 'release') {
        const done = size > 1 ? [settled(`i-${index}`, now)] : [];
        const released = await ledger.release(
          held(key, owner, { covers: objects, seen: record.inbox.length }),
          state,
          done,
        );
        if (!released.ok && released.why === 'inbox') known.set(mine, released.record);
        log.push(released);
      }
      if (act === 'leave') log.push(await ledger.leave(key, `run-${size % 3}`, note(String(index))));
      if (act !== 'read') log.push((await ledger.read(key)).record);
    }
    const ours = ({ id }: ResourceKey) => id.startsWith(`${name}-`);
    const dueTimes = (await all(ledger.due(now + 1e6, 1000))).filter(ours).map(({ id }) => id);
    for (const each of keys)
      log.push((await ledger.read(each)).record, await peek(each), await all(ledger.history(each)));
    return [...log, dueTimes.sort()];
  }

  test('answer alike, whatever is asked of them in whatever order', async () => {
    const dynamo = await startDynamo();
    let game = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const name = `game${game++}`;
        const memory = await memorySubject(clock);
        // A last write, so that an answer to be lost is lost in its own game.
        const complete: Step[] = [...steps, { run: 0, on: 0, act: 'leave', covers: [], size: 0 }];
        expect(await play(complete, dynamo, name)).toEqual(await play(complete, memory, name));
      }),
      { numRuns: 25 },
    );
    dynamo.close();
  }, 60_000);
});
