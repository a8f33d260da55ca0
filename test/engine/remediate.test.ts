import type { Seen } from '../../lib/engine/look.ts';
import type { Intent } from '../../lib/engine/record.ts';
import { coveredBy, intentId, mustBe, planFix, sendAll } from '../../lib/engine/remediate.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { cover, failure, green, paint, type Step, setRule, thing, World } from './world.ts';

const w = () => new World((clock) => new MemoryLedger(clock));
const key = thing();
const cause = w().cause();
const seen = (color: string | null, desired: unknown = { color: 'green' }): Seen => ({
  control: green,
  state: { id: 'box', color },
  slots: { color },
  verdict: { status: 'NON_COMPLIANT', reason: 'notGreen', data: {}, desired: desired as Record<string, unknown> },
});
const plan = (look: Seen, open?: Intent) => planFix(look, 'box is red.', key, cause, open, 'id-1', 0);

describe('planFix', () => {
  it('records what is there, what is to be, and the calls as they will be sent', () => {
    expect(plan(seen('red')).intent).toEqual({
      id: 'id-1',
      kind: 'remediation',
      control: green.id,
      key,
      openedAt: '1970-01-01T00:00:00.000Z',
      cause,
      reason: 'box is red.',
      before: { color: 'red' },
      after: { color: 'green' },
      calls: [{ op: 'test:Paint', input: { Id: 'box', Color: 'green' } }],
    });
  });

  it('leaves out what is so already', () => {
    const look = { ...seen('red', { color: 'green', lid: 'shut' }), slots: { color: 'red', lid: 'shut' } };
    expect(plan(look).intent).toMatchObject({ before: { color: 'red' }, after: { color: 'green' } });
  });

  const open: Intent = {
    ...plan(seen('red')).intent,
    id: 'id-0',
    openedAt: '2026-01-01T00:00:00Z',
    reason: 'first',
    after: { color: 'blue' },
  };

  it('goes on with a fix cut off half-way: same id, same cause, same way back', () => {
    expect(plan(seen('blue'), open).intent).toMatchObject({
      id: 'id-0',
      openedAt: '2026-01-01T00:00:00Z',
      reason: 'first',
      before: { color: 'red' },
      after: { color: 'green' },
    });
  });

  it('puts back what somebody else made of it in between, not what was there before both', () => {
    expect(plan(seen('pink'), open).intent.before).toEqual({ color: 'pink' });
  });

  it('is a bug when there is nothing to plan, or the lens has no call for what is desired', () => {
    expect(() => plan({ ...seen('black', 'manual') })).toThrow('nothing to plan for NON_COMPLIANT');
    expect(() => plan({ ...seen('red'), verdict: { status: 'COMPLIANT' } })).toThrow('nothing to plan for COMPLIANT');
    expect(() => plan(seen('green'))).toThrow(/notGreen calls for color, but set\(\) answers no call/);
  });
});

it('an intent is named after its time, so that names sort, and after its run, so that no two are alike', () => {
  const id = intentId(Date.UTC(2026, 0, 2, 3, 4, 5, 6), '0a1b2c3d-4e5f-6789-abcd-ef0123456789');
  expect(id).toBe('20260102T030405006Z-0a1b2c3d4e5f');
});

it('a plan covers what it writes besides the resource: once each, in one order', () => {
  const calls = [
    { op: setRule, input: { Group: 'z', Rule: 'strict' } },
    { op: paint, input: { Id: 'box', Color: 'green' } },
    { op: paint, input: { Id: 'tin', Color: 'green' } },
    { op: setRule, input: { Group: 'a', Rule: 'strict' } },
    { op: setRule, input: { Group: 'z', Rule: 'strict' } },
  ];
  expect(coveredBy(calls, key)).toEqual([
    { type: 'AWS::Test::Group', id: 'a' },
    { type: 'AWS::Test::Group', id: 'z' },
    { type: 'AWS::Test::Thing', id: 'tin' },
  ]);
});

it('an operation that is not declared is not sent', () => {
  const call = { op: paint, input: { Id: 'box', Color: 'green' } };
  expect(() => mustBe([call], [cover], 'here')).toThrow('test:Paint is sent without being declared in here.');
  expect(() => mustBe([call], [cover, paint], 'here')).not.toThrow();
});

describe('sendAll', () => {
  const calls = [
    { op: cover, input: { Id: 'box', Lid: 'shut' }, accept: ['AlreadyCovered'] },
    { op: paint, input: { Id: 'box', Color: 'green' } },
  ];
  const sending = async (step?: Step, remaining?: () => number, held?: () => Promise<boolean>) => {
    const world = w();
    world.make('box', { color: 'red', lid: null });
    const attempt = await sendAll(calls, key, world.runtime(step, remaining), held);
    return { attempt, ...world.things.get('box') };
  };
  const refusing =
    (name: string, error: string): Step =>
    async (step, when) => {
      if (step === name && when === 'before') throw failure(error);
    };

  it('sends all, in order', async () => {
    expect(await sending()).toMatchObject({ attempt: { sent: true }, color: 'green', lid: 'shut' });
  });
  it('goes on after what is already so', async () => {
    const answer = await sending(refusing('test:Cover', 'AlreadyCovered'));
    expect(answer).toMatchObject({ attempt: { sent: true }, color: 'green' });
  });
  it.each([
    ['AccessDenied', 'denied'],
    ['ThrottlingException', 'throttled'],
    ['InternalServerError', 'failed'],
    ['InvalidState', 'failed'],
  ])('stops at %s: %s', async (name, failed) => {
    const answer = await sending(refusing('test:Cover', name));
    expect(answer).toMatchObject({ attempt: { sent: false, failed, error: `${name} (test:Cover)` }, color: 'red' });
  });
  it('starts no call with less time left than one may take', async () => {
    let left = 5_000;
    const step: Step = async (_name, when) => {
      if (when === 'after') left = 4_999;
    };
    const late = { sent: false, failed: 'time', error: 'Too little time left' };
    expect(await sending(step, () => left)).toEqual({ attempt: late, color: 'red', lid: 'shut', group: 'shelf' });
  });
  it('stops when the lease is no longer ours', async () => {
    let asked = 0;
    const answer = await sending(undefined, undefined, async () => ++asked < 2);
    expect(answer).toMatchObject({ attempt: { sent: false, failed: 'time' }, color: 'red', lid: 'shut' });
  });
});
