import type { AnyControl } from '../../lib/control.ts';
import { reconcile } from '../../lib/engine/reconcile.ts';
import { type RevertRequest, revert } from '../../lib/engine/revert.ts';
import type { Runtime } from '../../lib/engine/runtime.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { controls, cover, failure, getThing, green, lidded, paint, type Step, thing, World } from './world.ts';

const world = () => new World((clock) => new MemoryLedger(clock));
const ids = controls.map(({ id }) => id);
const nurse = 'arn:aws:iam::111122223333:user/nurse';
const fixIt = (w: World) => reconcile({ key: thing(), controls: ids, cause: w.cause() }, controls, w.runtime());
const takeBack = (w: World, change: Partial<RevertRequest> = {}, runtime: Runtime = w.runtime()) =>
  revert({ key: thing(), control: green.id, by: nurse, reason: 'the sign must be red', ...change }, controls, runtime);
const history = async (w: World) => {
  const settled = [];
  for await (const intent of w.ledger.history(thing())) settled.push(intent);
  return settled;
};

it('puts the slot back, keeps evidence, suppresses the finding, and the next event leaves it alone', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const outcome = await takeBack(w);
  expect(outcome).toMatchObject({
    status: 'reverted',
    intents: [{ kind: 'revert', before: { color: 'green' }, after: { color: 'red' } }],
  });
  expect(w.things.get('box')!.color).toBe('red');
  expect(w.finding(green)).toMatchObject({
    compliance: 'FAILED',
    workflow: 'SUPPRESSED',
    note: expect.stringContaining(`Reverted: the sign must be red (${nurse})`),
  });
  const [back, fix] = await history(w);
  expect(back).toMatchObject({ kind: 'revert', outcome: 'REVERTED', reverts: { intent: fix?.id, by: nurse } });
  expect(fix).toMatchObject({ revertedBy: back?.id });
  expect(w.evidence.size).toBe(2);
  const before = [...w.log];
  await fixIt(w);
  expect(w.log).toEqual(before);
});

it('is fixed again when its exemption has run out', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  await takeBack(w, { days: 2 });
  w.clock.advance(2 * 86_400_000);
  await reconcile({ key: thing(), controls: [], cause: w.cause({ source: 'agenda' }) }, controls, w.runtime());
  expect(w.things.get('box')!.color).toBe('green');
});

it('leaves a neighbour slot that somebody edited in between', async () => {
  const w = world();
  w.make('box', { color: 'red', lid: 'shut' });
  await fixIt(w);
  w.things.get('box')!.lid = 'ajar';
  await takeBack(w);
  expect(w.things.get('box')).toMatchObject({ color: 'red', lid: 'ajar' });
});

it('refuses a slot that somebody changed after us, and shows the difference', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  w.things.get('box')!.color = 'gold';
  expect(await takeBack(w)).toMatchObject({
    status: 'refused',
    differences: [{ slot: 'color', now: 'gold', ours: 'green', before: 'red' }],
  });
  expect(w.things.get('box')!.color).toBe('gold');
});

it('has nothing to write when the slot already holds what was there before', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  w.things.get('box')!.color = 'red';
  const painted = w.log.length;
  expect(await takeBack(w)).toMatchObject({ status: 'reverted' });
  expect(w.log.slice(painted)).toEqual([`finding ${green.id} FAILED`]);
});

it('shows what it would do and changes nothing with dryRun', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const { record } = await w.ledger.read(thing());
  expect(await takeBack(w, { dryRun: true })).toMatchObject({
    status: 'planned',
    intents: [{ calls: [{ op: 'test:Paint', input: { Id: 'box', Color: 'red' } }] }],
  });
  expect((await w.ledger.read(thing())).record).toEqual(record);
  expect(w.things.get('box')!.color).toBe('green');
});

it('says so when there is nothing to take back, or it was taken back already', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  expect(await takeBack(w)).toMatchObject({ status: 'nothing' });
  await fixIt(w);
  const [fix] = await history(w);
  await takeBack(w);
  expect(await takeBack(w)).toMatchObject({ status: 'nothing' });
  expect(await takeBack(w, { intent: fix!.id })).toMatchObject({
    status: 'nothing',
    reason: expect.stringContaining('already taken back'),
  });
  expect(await takeBack(w, { control: 'no-such' })).toMatchObject({ status: 'refused' });
});

it('refuses under a later fix of the same slot, and goes through it when told to', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const [first] = await history(w);
  w.clock.advance(60_000);
  w.things.get('box')!.color = 'pink';
  await fixIt(w);
  expect(await takeBack(w, { intent: first!.id })).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('--through'),
  });
  expect(w.things.get('box')!.color).toBe('green');
  expect(await takeBack(w, { intent: first!.id, through: true })).toMatchObject({
    status: 'refused',
    differences: [{ now: 'pink', ours: 'green', before: 'red' }],
  });
});

it('goes through fixes that lie on top of those on top, as well', async () => {
  const w = world();
  // Paints and shuts; so it lies on a fix of the colour, and a later fix of the lid lies on it.
  const both: AnyControl = {
    ...green,
    id: 'test-thing-neat',
    writes: { fix: [paint, cover], revert: [] },
    observe: async ({ id }, call) => ({ ...(await call(getThing, { Id: id })), id }),
    get: ({ color, lid }) => ({ color, lid }),
    evaluate: ({ id, color, lid }) =>
      color === 'teal' && lid === 'tight'
        ? { status: 'COMPLIANT' }
        : {
            status: 'NON_COMPLIANT',
            reason: 'notGreen',
            data: { thing: id, color },
            desired: { color: 'teal', lid: 'tight' },
          },
    set: ({ id }, { color, lid }) => [
      ...(color === undefined ? [] : [{ op: paint, input: { Id: id, Color: color } }]),
      ...(lid === undefined ? [] : [{ op: cover, input: { Id: id, Lid: lid } }]),
    ],
  };
  const all = [...controls, both];
  w.modes = { ...w.modes, [both.id]: 'auto' };
  w.make('box', { color: 'red', lid: 'shut' });
  const fixWith = async (id: string) => {
    await reconcile({ key: thing(), controls: [id], cause: w.cause() }, all, w.runtime());
    w.clock.advance(60_000);
  };
  for (const id of [green.id, both.id, lidded.id]) await fixWith(id);
  expect(w.things.get('box')).toMatchObject({ color: 'teal', lid: 'shut' });
  const request = { key: thing(), control: green.id, by: nurse, reason: 'red', through: true };
  expect(await revert(request, all, w.runtime())).toMatchObject({ status: 'reverted' });
  expect(w.things.get('box')).toMatchObject({ color: 'red', lid: 'shut' });
  expect((await history(w)).filter(({ kind }) => kind === 'revert')).toHaveLength(3);
});

it('a later fix of another control on the same slot lies on top of one that is still open', async () => {
  const w = world();
  const twin = { ...green, id: 'test-thing-painted' };
  const both = [...controls, twin];
  w.make('box', { color: 'red' });
  w.refuseEvidence = true;
  await fixIt(w);
  w.refuseEvidence = false;
  w.clock.advance(1_000);
  w.things.get('box')!.color = 'pink';
  w.modes = { ...w.modes, [green.id]: 'report', [twin.id]: 'auto' };
  await reconcile({ key: thing(), controls: [twin.id], cause: w.cause() }, [twin], w.runtime());
  expect(w.things.get('box')!.color).toBe('green');
  const request = { key: thing(), control: green.id, by: nurse, reason: 'red' };
  expect(await revert(request, both, w.runtime())).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('(test-thing-painted)'),
  });
});

describe('cut off', () => {
  /** Dies before or after its n-th call: nothing of that process happens any more. */
  const dying = (nth: number, at: 'before' | 'after') => {
    let seen = 0;
    let dead: () => void = () => {};
    const died = new Promise<'died'>((resolve) => {
      dead = () => resolve('died');
    });
    const step: Step = async (_name, when) => {
      if (when === 'before') seen++;
      if (seen === nth && when === at) {
        dead();
        await new Promise(() => {});
      }
    };
    return { step, died };
  };
  const points = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((nth) => [[nth, 'before'] as const, [nth, 'after'] as const]);

  it.each(points)('fix at call %i, %s it: a re-run finishes it, with its evidence and finding', async (nth, at) => {
    const w = world();
    w.make('box', { color: 'red' });
    const { step, died } = dying(nth, at);
    await Promise.race([
      reconcile({ key: thing(), controls: [green.id], cause: w.cause() }, controls, w.runtime(step)),
      died,
    ]);
    w.clock.advance(10 * 60_000);
    await fixIt(w);
    expect(w.things.get('box')!.color).toBe('green');
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED' });
    expect(await history(w)).toMatchObject([{ before: { color: 'red' }, outcome: 'VERIFIED' }]);
    expect([...w.evidence.keys()]).toEqual((await history(w)).map(({ id }) => id));
    await takeBack(w);
    expect(w.things.get('box')!.color).toBe('red');
  });

  it.each(points)('fix at call %i, %s it: revert restores the start', async (nth, at) => {
    const w = world();
    w.make('box', { color: 'red' });
    const { step, died } = dying(nth, at);
    await Promise.race([
      reconcile({ key: thing(), controls: [green.id], cause: w.cause() }, controls, w.runtime(step)),
      died,
    ]);
    w.clock.advance(10 * 60_000);
    const recorded =
      (await history(w)).length + Object.keys((await w.ledger.read(thing())).record.state.intents).length;
    expect((await takeBack(w)).status).toBe(recorded > 0 ? 'reverted' : 'nothing');
    expect(w.things.get('box')!.color).toBe('red');
    expect((await w.ledger.read(thing())).record.state.intents).toEqual({});
  });

  it.each(points)('revert at call %i, %s it: nothing closes it, and the same command finishes it', async (nth, at) => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    const { step, died } = dying(nth, at);
    await Promise.race([takeBack(w, {}, w.runtime(step)), died]);
    w.clock.advance(10 * 60_000);
    await takeBack(w);
    expect(w.things.get('box')!.color).toBe('red');
    await fixIt(w);
    expect(w.things.get('box')!.color).toBe('red');
    expect((await w.ledger.read(thing())).record.state.intents).toEqual({});
    expect((await history(w)).filter(({ kind }) => kind === 'revert')).toHaveLength(1);
    expect(w.finding(green)).toMatchObject({ workflow: 'SUPPRESSED' });
  });
});

it('a call that is refused leaves it unfinished, recorded, and exempt', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const refusing: Step = async (name, when) => {
    if (name === 'test:Paint' && when === 'before') throw failure('AccessDenied');
  };
  expect(await takeBack(w, {}, w.runtime(refusing))).toMatchObject({
    status: 'unfinished',
    reason: expect.stringContaining('AccessDenied'),
  });
  await fixIt(w);
  expect(await takeBack(w)).toMatchObject({ status: 'reverted' });
  expect(w.things.get('box')!.color).toBe('red');
});

it('exempts a control that would take it back, and no other drift that this control could close', async () => {
  const w = world();
  // Would paint what is red again, and anything that is not shut.
  const twin = { ...green, id: 'test-thing-painted' };
  const both = [...controls, twin];
  w.modes = { ...w.modes, [twin.id]: 'report' };
  w.make('box', { color: 'red', lid: 'shut' });
  await fixIt(w);
  w.things.get('box')!.color = 'red';
  await revert({ key: thing(), control: green.id, by: nurse, reason: 'red' }, both, w.runtime());
  w.modes = { ...w.modes, [twin.id]: 'auto' };
  w.things.get('box')!.lid = null;
  await reconcile({ key: thing(), controls: both.map(({ id }) => id), cause: w.cause() }, both, w.runtime());
  expect(w.things.get('box')).toMatchObject({ color: 'red', lid: 'shut' });
  expect((await w.ledger.read(thing())).record.state.exemptions[twin.id]).toMatchObject({ slots: [] });
});

it('refuses when the lens knows that the service would not take the values back', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const stubborn = {
    ...green,
    set: () => {
      throw new Error('No red paint is left.');
    },
  };
  expect(await revert({ key: thing(), control: green.id, by: nurse, reason: 'red' }, [stubborn], w.runtime())).toEqual({
    status: 'refused',
    reason: 'No red paint is left.',
  });
});

it('does not take the lid off with the paint: controls are taken back one by one', async () => {
  const w = world();
  w.make('box', { color: 'red', lid: null });
  await fixIt(w);
  await takeBack(w, { control: lidded.id });
  expect(w.things.get('box')).toMatchObject({ color: 'green', lid: null });
});

describe('what stands in the way of a revert is said in full', () => {
  it.each([
    [{ control: 'no-such' }, 'There is no control no-such.'],
    [
      { intent: 'i-9' },
      'No fix i-9 of test-thing-green on box is in the ledger: it was taken back, or its record has expired.',
    ],
    [
      {},
      'No fix of test-thing-green on box is in the ledger: there was none, it was taken back, or its record has expired.',
    ],
  ])('%j', async (change, reason) => {
    const w = world();
    w.make('box');
    expect(await takeBack(w, change)).toMatchObject({ reason });
  });

  it('a resource that cannot be read', async () => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    w.things.delete('box');
    expect(await takeBack(w)).toEqual({ status: 'refused', reason: 'The resource cannot be read: ThingNotFound' });
  });

  it('slots that somebody changed', async () => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    w.things.get('box')!.color = 'gold';
    expect(await takeBack(w)).toMatchObject({ reason: 'Somebody changed color after Suture did; it is left alone.' });
  });

  it('a fix of a control that this version does not have', async () => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    const [fix] = await history(w);
    const request = { key: thing(), control: lidded.id, by: nurse, reason: 'x', intent: fix!.id };
    expect(await revert(request, [lidded], w.runtime())).toEqual({
      status: 'refused',
      reason: `Fix ${fix!.id} is of test-thing-green, a control this version does not have.`,
    });
  });

  it('another run that keeps holding the resource', async () => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    const { record } = await w.ledger.read(thing());
    const began = w.clock.now();
    await w.ledger.take(record, { owner: 'another', until: began + 3_600_000 }, record.state, []);
    expect(await takeBack(w)).toEqual({
      status: 'refused',
      reason: 'Another run keeps holding the resource; try again in a minute.',
    });
    expect(w.clock.now() - began).toBe(10_000);
    expect(w.things.get('box')!.color).toBe('green');
  });

  it('another run that ends in time is waited for', async () => {
    const w = world();
    w.make('box', { color: 'red' });
    await fixIt(w);
    const { record } = await w.ledger.read(thing());
    await w.ledger.take(record, { owner: 'another', until: w.clock.now() + 3_000 }, record.state, []);
    expect(await takeBack(w)).toMatchObject({ status: 'reverted' });
  });
});

it('stops before a write when somebody else has taken over meanwhile', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  let reads = 0;
  const asleep: Step = async (name, when) => {
    if (name !== 'ledger.read' || when !== 'before' || ++reads !== 3) return;
    // The workstation slept through its lease, and another run came by.
    w.clock.advance(10 * 60_000);
    const { record } = await w.ledger.read(thing());
    await w.ledger.take(record, { owner: 'another', until: w.clock.now() + 60_000 }, record.state, []);
  };
  await expect(takeBack(w, {}, w.runtime(asleep))).rejects.toThrow('The lease ran out during the revert.');
  expect(w.things.get('box')!.color).toBe('green');
});

it('puts notes that others left meanwhile on the agenda, due at once', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const noting: Step = async (name, when) => {
    if (name !== 'test:Paint' || when !== 'after') return;
    const { lease } = (await w.ledger.read(thing())).record;
    await w.ledger.leave(thing(), lease!.owner, { controls: [lidded.id], cause: w.cause() });
  };
  expect(await takeBack(w, {}, w.runtime(noting))).toMatchObject({ status: 'reverted' });
  const { record } = await w.ledger.read(thing());
  expect(record.inbox).toEqual([]);
  expect(record.state.agenda[lidded.id]).toMatchObject({ why: 'conflict', at: w.clock.now() });
});

it('says that it is unfinished when the earlier values do not show', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await fixIt(w);
  const undone: Step = async (name, when) => {
    if (name === 'test:Paint' && when === 'after') w.things.get('box')!.color = 'green';
  };
  expect(await takeBack(w, {}, w.runtime(undone))).toEqual({
    status: 'unfinished',
    reason: 'The calls were sent, and the earlier values do not show yet. Run the same command again.',
  });
  expect(await takeBack(w)).toMatchObject({ status: 'reverted' });
});

it('keeps as evidence who took it back, why, and what came of it; and of a fix still open, that it was', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  w.refuseEvidence = true;
  await fixIt(w);
  w.refuseEvidence = false;
  await takeBack(w);
  const [fix, back] = [...w.evidence.values()].sort((a, b) => (a.intent.kind > b.intent.kind ? -1 : 1)).reverse();
  expect([fix, back]).toMatchObject([
    { outcome: 'REVERTED', intent: { kind: 'remediation' } },
    {
      outcome: 'REVERTED',
      observed: { color: 'red' },
      intent: {
        kind: 'revert',
        reason: 'the sign must be red',
        before: { color: 'green' },
        after: { color: 'red' },
        cause: {
          source: 'operator',
          eventId: '',
          eventName: 'revert',
          origin: 'changes',
          principal: { type: 'Operator', arn: nurse },
        },
        reverts: { by: nurse, reason: 'the sign must be red' },
      },
    },
  ]);
});
