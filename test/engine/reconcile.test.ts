import { reconcile } from '../../lib/engine/reconcile.ts';
import type { Runtime } from '../../lib/engine/runtime.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { controls, failure, green, lidded, type Step, strict, thing, World } from './world.ts';

const world = () => new World((clock) => new MemoryLedger(clock));
const all = controls.map(({ id }) => id);
const run = (w: World, key: ResourceKey, runtime: Runtime = w.runtime(), change = {}) =>
  reconcile({ key, controls: all, cause: w.cause(change) }, controls, runtime);
const agendaRun = (w: World, key = thing(), runtime: Runtime = w.runtime()) =>
  reconcile({ key, controls: [], cause: w.cause({ source: 'agenda', origin: 'looks' }) }, controls, runtime);
const stateOf = async (w: World, key = thing()) => (await w.ledger.read(key)).record.state;
const history = async (w: World, key = thing()) => {
  const settled = [];
  for await (const intent of w.ledger.history(key)) settled.push(intent);
  return settled;
};
/** Fails the n-th call of this name with an error, once. */
const failing = (name: string, error: Error, nth = 1): Step => {
  let seen = 0;
  return async (step, when) => {
    if (step === name && when === 'before' && ++seen === nth) throw error;
  };
};

describe('a resource in order', () => {
  it('costs its reads and leaves no trace', async () => {
    const w = world();
    const key = w.make();
    const calls: string[] = [];
    await run(
      w,
      key,
      w.runtime(async (name, when) => void (when === 'before' && calls.push(name))),
    );
    expect(calls.sort()).toEqual(['ledger.read', 'test:GetGroup', 'test:GetThing']);
    expect((await w.ledger.read(key)).record.gen).toBe(0);
  });

  it('is looked at once more after a minute when the event is younger than the state it tells of', async () => {
    const w = world();
    const key = w.make();
    await run(w, key, w.runtime(), { time: new Date(w.clock.now() - 2_000).toISOString() });
    expect((await stateOf(w)).agenda[green.id]).toMatchObject({ why: 'young', at: w.clock.now() + 60_000 });
    w.things.get('box')!.color = 'red';
    w.clock.advance(60_000);
    await agendaRun(w);
    expect(w.things.get('box')).toMatchObject({ color: 'green' });
    expect((await stateOf(w)).agenda).toEqual({});
  });
});

describe('a drift in auto mode', () => {
  it('is closed after three calls, verified, kept as evidence, told, and only then settled', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    const calls: string[] = [];
    const { results } = await reconcile(
      { key, controls: [green.id], cause: w.cause() },
      controls,
      w.runtime(async (name, when) => void (when === 'before' && calls.push(name))),
    );
    expect(calls.slice(0, 2).sort()).toEqual(['ledger.read', 'test:GetThing']);
    expect(calls.slice(2, 5)).toEqual(['ledger.take', 'test:Paint', 'test:GetThing']);
    expect(calls.slice(5, 7).sort()).toEqual(['evidence.put', 'hub.publish']);
    expect(calls.slice(7)).toEqual(['ledger.release']);
    expect(results).toMatchObject([{ control: green.id, status: 'COMPLIANT', finding: { compliance: 'PASSED' } }]);
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED', workflow: 'RESOLVED', known: false });
    expect(w.finding(green)?.text).toMatch(/^box is red\. Suture changed color and read it back/);
    const [settled] = await history(w);
    expect(settled).toMatchObject({
      control: green.id,
      outcome: 'VERIFIED',
      before: { color: 'red' },
      after: { color: 'green' },
      observed: { color: 'green' },
      calls: [{ op: 'test:Paint', input: { Id: 'box', Color: 'green' } }],
      cause: { eventName: 'Paint' },
    });
    expect(w.evidence.get(settled!.id)).toMatchObject({ outcome: 'VERIFIED', hipaa: ['164.312(a)(1)'] });
    expect((await stateOf(w)).intents).toEqual({});
  });

  it('writes nothing a second time', async () => {
    const w = world();
    const key = w.make('box', { color: 'red', lid: null });
    await run(w, key);
    const before = [...w.log];
    await run(w, key);
    expect(w.log).toEqual(before);
  });

  it('goes by urgency: the exposure first, then by severity', async () => {
    const w = world();
    w.groups.set('shelf', 'loose');
    await run(w, w.make('box', { color: 'red', lid: null }));
    expect(w.log.slice(0, 3)).toEqual(['box lid shut', 'box color green', 'shelf rule strict']);
  });

  it('has its way back in the ledger before the first write', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    let recorded: unknown;
    await run(
      w,
      key,
      w.runtime(async (name, when) => {
        if (name === 'test:Paint' && when === 'before') recorded = (await stateOf(w)).intents[green.id]?.before;
      }),
    );
    expect(recorded).toEqual({ color: 'red' });
  });

  it('is told of every control that saw it, also where one fix closes it for two', async () => {
    const w = world();
    const twin = { ...green, id: 'test-thing-painted' };
    w.modes = { ...w.modes, [twin.id]: 'auto' };
    const key = w.make('box', { color: 'red' });
    await reconcile({ key, controls: [green.id, twin.id], cause: w.cause() }, [green, twin], w.runtime());
    expect(w.log.filter((line) => line === 'box color green')).toHaveLength(1);
    expect(w.finding(twin)).toMatchObject({
      compliance: 'PASSED',
      workflow: 'RESOLVED',
      text: expect.stringMatching(/^box is red\. Closed by the fix of test-thing-green/),
    });
  });

  it('accepts that it is already so', async () => {
    const w = world();
    const key = w.make('box', { lid: null });
    await run(
      w,
      key,
      w.runtime(async (name, when) => {
        if (name === 'test:Cover' && when === 'after') throw failure('AlreadyCovered');
      }),
    );
    expect(w.finding(lidded)).toMatchObject({ compliance: 'PASSED' });
  });

  it('reads back up to three times before it says that a fix does not show', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    const stale = w.runtime();
    let reads = 0;
    const runtime: Runtime = {
      ...stale,
      send: (where) => {
        const send = stale.send(where);
        return (async (op: { name: string }, input: unknown) => {
          const answer = (await send(op as never, input as never)) as object;
          return op.name === 'test:GetThing' && ++reads <= 3 ? { ...answer, color: 'red' } : answer;
        }) as never;
      },
    };
    await run(w, key, runtime);
    expect(reads).toBe(4);
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED' });
  });
});

describe('a drift that is not to be fixed', () => {
  const cases: [string, string, Partial<World['modes']>, RegExp][] = [
    ['report mode', 'red', { [green.id]: 'report' }, /Report mode: nothing was changed\. The fix would change color/],
    ['approve mode', 'red', { [green.id]: 'approve' }, /needs a person's approval/],
    ['a blast radius', 'red+', {}, /also affects the neighbour/],
    ['an effect that comes later', 'blue+', {}, /takes effect only later/],
    ['nothing that a write could repair', 'black', {}, /cannot repair this by itself/],
  ];
  it.each(cases)('%s: is told once and left alone', async (_name, color, modes, text) => {
    const w = world();
    w.modes = { ...w.modes, ...modes } as World['modes'];
    const key = w.make('box', { color });
    await run(w, key);
    await run(w, key);
    expect(w.things.get('box')!.color).toBe(color);
    expect(w.log).toEqual([`finding ${green.id} FAILED`]);
    expect(w.finding(green)?.text).toMatch(text);
    expect(w.finding(green)?.text).toContain('Caused by Paint of arn:aws:iam::111122223333:role/painter');
  });

  it('a control that is off is not even looked at', async () => {
    const w = world();
    w.modes = { [green.id]: 'off', [lidded.id]: 'off', [strict.id]: 'off' };
    await run(w, w.make('box', { color: 'red' }));
    expect(w.sent).toEqual([]);
    expect(w.log).toEqual([]);
  });

  it('a control without a mode reports', async () => {
    const w = world();
    w.modes = {};
    await run(w, w.make('box', { color: 'red' }));
    expect(w.log).toEqual([`finding ${green.id} FAILED`]);
  });

  it('keeps who caused it when a later event only says to look', async () => {
    const w = world();
    w.modes = {};
    const key = w.make('box', { color: 'red' });
    await run(w, key);
    await run(w, key, w.runtime(), { source: 'config', origin: 'looks', eventName: 'some-rule' });
    expect(w.log).toHaveLength(1);
  });

  it('is PASSED and RESOLVED when somebody repairs it, and NEW again when it returns', async () => {
    const w = world();
    w.modes = {};
    const key = w.make('box', { color: 'red' });
    await run(w, key);
    w.things.get('box')!.color = 'green';
    await run(w, key);
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED', workflow: 'RESOLVED', known: true });
    w.things.get('box')!.color = 'red';
    await run(w, key);
    expect(w.finding(green)).toMatchObject({ compliance: 'FAILED', workflow: 'NEW', known: true });
  });

  it('a pause stops writes, says who paused, and is looked at again', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await w.ledger.pause('*', {
      by: 'arn:aws:iam::111122223333:user/oncall',
      reason: 'migration',
      at: '2026-01-05T02:00:00Z',
    });
    await run(w, key);
    expect(w.things.get('box')!.color).toBe('red');
    expect(w.finding(green)?.text).toContain('paused by arn:aws:iam::111122223333:user/oncall (migration)');
    await w.ledger.resume('*');
    w.clock.advance(300_000);
    await agendaRun(w);
    expect(w.things.get('box')!.color).toBe('green');
  });

  it('writes nothing when the pause flag cannot be read', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await expect(run(w, key, w.runtime(failing('ledger.read', failure('InternalServerError'))))).rejects.toThrow();
    expect(w.log).toEqual([]);
  });

  it('is held after three fixes in a day, and fixed again when the day is over', async () => {
    const w = world();
    const key = w.make();
    for (let n = 0; n < 5; n++) {
      w.things.get('box')!.color = 'red';
      w.clock.advance(60_000);
      await run(w, key);
    }
    expect(w.log.filter((line) => line === 'box color green')).toHaveLength(3);
    expect(w.finding(green)?.text).toContain('Suture holds');
    expect(w.metrics.Held).toBe(1);
    w.clock.advance(86_400_000);
    await agendaRun(w);
    expect(w.things.get('box')!.color).toBe('green');
  });

  it('an exposure is never held', async () => {
    const w = world();
    const key = w.make();
    for (let n = 0; n < 6; n++) {
      w.things.get('box')!.lid = null;
      w.clock.advance(60_000);
      await run(w, key);
    }
    expect(w.log.filter((line) => line === 'box lid shut')).toHaveLength(6);
  });
});

describe('a state that cannot be judged now', () => {
  it('UNSETTLED is looked at again when it asked to be, and told nobody', async () => {
    const w = world();
    const key = w.make('box', { color: 'grey' });
    await run(w, key);
    expect(w.log).toEqual([]);
    expect((await stateOf(w)).agenda[green.id]).toMatchObject({ why: 'unsettled', at: w.clock.now() + 30_000 });
  });

  it('PENDING is FAILED with its reason until it is in force', async () => {
    const w = world();
    const key = w.make('box', { color: 'wet' });
    await run(w, key);
    expect(w.finding(green)).toMatchObject({ compliance: 'FAILED', text: 'box is green and wet.' });
    w.things.get('box')!.color = 'green';
    w.clock.advance(3_600_000);
    await agendaRun(w);
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED' });
  });

  it('a fix that is PENDING stays told as the fix it was, however often it is looked at', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    const drying: Step = async (name, when) => {
      if (name === 'test:Paint' && when === 'after') w.things.get('box')!.color = 'wet';
    };
    await run(w, key, w.runtime(drying));
    expect(await history(w)).toMatchObject([{ outcome: 'PENDING' }]);
    const told = w.finding(green);
    expect(told?.text).toBe('box is red. Suture changed color. box is green and wet.');
    const { length } = w.log;
    await run(w, key);
    expect(w.log).toHaveLength(length);
    expect(w.finding(green)).toBe(told);
  });

  it('NOT_APPLICABLE archives what was told before', async () => {
    const w = world();
    w.modes = {};
    const key = w.make('box', { color: 'red' });
    await run(w, key);
    w.things.get('box')!.color = 'gold';
    await run(w, key);
    expect(w.finding(green)).toMatchObject({ recordState: 'ARCHIVED' });
    expect((await stateOf(w)).findings[green.id]).toBeUndefined();
  });

  it('a read that is not allowed is a WARNING, an alarm, and no licence to act', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await run(w, key, w.runtime(failing('test:GetThing', failure('AccessDeniedException'))));
    expect(w.log).toEqual(all.map((id) => `finding ${id} WARNING`));
    expect(w.metrics.AccessDenied).toBe(3);
    expect((await stateOf(w)).agenda).toEqual({});
  });

  it('a throttled read is tried again, later each time, and told nobody', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    for (const wait of [60_000, 120_000, 240_000]) {
      await run(w, key, w.runtime(failing('test:GetThing', failure('ThrottlingException'))));
      expect((await stateOf(w)).agenda[green.id]).toMatchObject({ why: 'throttled', at: w.clock.now() + wait });
      w.clock.advance(wait);
    }
    expect(w.log).toEqual([]);
    await agendaRun(w);
    expect(w.things.get('box')!.color).toBe('green');
  });
});

describe('a resource that is not found', () => {
  it('is not gone yet: right after a create that is normal', async () => {
    const w = world();
    const key = thing('late');
    await run(w, key, w.runtime(), { origin: 'creates' });
    expect(w.log).toEqual([]);
    w.make('late', { color: 'blue+' });
    w.clock.advance(60_000);
    await agendaRun(w, key);
    expect(w.things.get('late')!.color).toBe('green');
    expect((await stateOf(w, key)).missingSince).toBeUndefined();
  });

  it('is gone the second time, a minute later: its findings are archived', async () => {
    const w = world();
    w.modes = {};
    const key = w.make('box', { color: 'red' });
    await run(w, key);
    w.things.delete('box');
    await run(w, key);
    expect(w.finding(green)).toMatchObject({ recordState: 'ACTIVE' });
    w.clock.advance(60_000);
    await agendaRun(w);
    expect(w.finding(green)).toMatchObject({ recordState: 'ARCHIVED' });
    expect(await stateOf(w)).toEqual({ intents: {}, findings: {}, fixes: {}, agenda: {}, exemptions: {} });
  });

  it('is gone at once when the event is its deletion', async () => {
    const w = world();
    w.modes = {};
    const key = w.make('box', { color: 'red' });
    await run(w, key);
    w.things.delete('box');
    await run(w, key, w.runtime(), { origin: 'deletes' });
    expect(w.finding(green)).toMatchObject({ recordState: 'ARCHIVED' });
  });

  it('a missing group of a thing that is there is a failure, not a missing thing', async () => {
    const w = world();
    const key = w.make('box', { group: 'nowhere' });
    await run(w, key);
    expect(w.finding(strict)).toMatchObject({ compliance: 'WARNING', text: expect.stringContaining('GroupNotFound') });
    expect((await stateOf(w)).missingSince).toBeUndefined();
  });
});

describe('a fix that is refused', () => {
  it('for want of permission: is told, alarms, and is not tried again by itself', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await run(w, key, w.runtime(failing('test:Paint', failure('AccessDenied'))));
    expect(w.finding(green)?.text).toContain('refused with AccessDenied (test:Paint); Suture lacks the permission');
    expect(w.metrics.FixFailed).toBe(1);
    expect((await stateOf(w)).agenda).toEqual({});
    expect((await stateOf(w)).intents[green.id]).toMatchObject({ before: { color: 'red' } });
  });

  it('for any other cause: is tried again, with the same intent', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await run(w, key, w.runtime(failing('test:Paint', failure('InvalidState'))));
    const open = (await stateOf(w)).intents[green.id];
    w.clock.advance(60_000);
    await agendaRun(w);
    expect(await history(w)).toMatchObject([{ id: open?.id, outcome: 'VERIFIED', before: { color: 'red' } }]);
  });

  it('that does not hold is looked at again, sent again, and alarms after five minutes', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    const undone: Step = async (name, when) => {
      if (name === 'test:Paint' && when === 'after') w.things.get('box')!.color = 'red';
    };
    await run(w, key, w.runtime(undone));
    expect(w.finding(green)).toMatchObject({ compliance: 'FAILED', text: expect.stringContaining('not seen yet') });
    expect(w.metrics.VerificationFailed).toBeUndefined();
    for (const wait of [60_000, 120_000, 240_000]) {
      w.clock.advance(wait);
      await agendaRun(w, key, w.runtime(undone));
    }
    expect(w.log.filter((line) => line === 'box color green')).toHaveLength(3);
    expect(w.finding(green)?.text).toContain('Suture holds');
  });

  it('starts no write with too little time left', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    await run(
      w,
      key,
      w.runtime(
        async () => {},
        () => 4_000,
      ),
    );
    expect(w.things.get('box')!.color).toBe('red');
    w.clock.advance(120_000);
    await agendaRun(w);
    expect(w.things.get('box')!.color).toBe('green');
  });
});

describe('what could not be told', () => {
  it.each(['refuseFindings', 'refuseEvidence'] as const)('%s: the intent stays open until it is', async (refuse) => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    w[refuse] = true;
    await run(w, key);
    expect(w.things.get('box')!.color).toBe('green');
    expect(Object.keys((await stateOf(w)).intents)).toEqual([green.id]);
    w[refuse] = false;
    w.clock.advance(60_000);
    await agendaRun(w);
    expect((await stateOf(w)).intents).toEqual({});
    expect(w.finding(green)).toMatchObject({ compliance: 'PASSED' });
    expect(w.evidence.size).toBe(1);
    expect(w.log.filter((line) => line === 'box color green')).toHaveLength(1);
  });
});

it('what is due for a control that was switched off leaves the agenda', async () => {
  const w = world();
  const key = w.make('box', { color: 'grey' });
  await run(w, key);
  w.modes = { ...w.modes, [green.id]: 'off' };
  w.clock.advance(60_000);
  await agendaRun(w);
  expect((await stateOf(w)).agenda).toEqual({});
});

it('the lease of a run that died is given back, also when nothing is left to do', async () => {
  const w = world();
  const key = w.make('box');
  const { record } = await w.ledger.read(key);
  await w.ledger.take(record, { owner: 'the dead', until: w.clock.now() + 1_000 }, record.state, []);
  w.clock.advance(60_000);
  await agendaRun(w);
  expect((await w.ledger.read(key)).record.lease).toBeUndefined();
});

it('the agenda leaves no note with a run that holds the resource: what is due stays due', async () => {
  const w = world();
  const key = w.make('box', { color: 'grey' });
  await run(w, key);
  w.clock.advance(60_000);
  const { record } = await w.ledger.read(key);
  await w.ledger.take(record, { owner: 'another', until: w.clock.now() + 60_000 }, record.state, []);
  expect(await agendaRun(w)).toMatchObject({ status: 'left' });
  expect((await w.ledger.read(key)).record.inbox).toEqual([]);
});

it('a run that dies after telling leaves nothing told that is not so', async () => {
  const w = world();
  w.modes = {};
  const key = w.make('box', { color: 'red' });
  const dead = new Promise<void>((resolve) => {
    const step: Step = async (name, when) => {
      if (name !== 'ledger.release' || when !== 'before') return;
      resolve();
      await new Promise(() => {});
    };
    void run(w, key, w.runtime(step));
  });
  await dead;
  expect(w.finding(green)).toMatchObject({ compliance: 'FAILED' });
  w.things.get('box')!.color = 'green';
  w.clock.advance(10 * 60_000);
  await agendaRun(w);
  expect(w.finding(green)).toMatchObject({ compliance: 'PASSED', workflow: 'RESOLVED' });
});

describe('two at once', () => {
  it('the second leaves its event with the first, who works it off', async () => {
    const w = world();
    const key = w.make('box', { color: 'red' });
    const statuses: string[] = [];
    const first = w.runtime(async (name, when) => {
      if (name !== 'test:Paint' || when !== 'after' || statuses.length > 0) return;
      w.things.get('box')!.lid = null;
      statuses.push((await run(w, key)).status);
    });
    const { status } = await reconcile({ key, controls: [green.id], cause: w.cause() }, controls, first);
    expect([status, ...statuses]).toEqual(['done', 'left']);
    expect(w.things.get('box')).toMatchObject({ color: 'green', lid: 'shut' });
    expect((await w.ledger.read(key)).record).toMatchObject({ inbox: [] });
  });

  it('what another run is writing is waited for', async () => {
    const w = world();
    w.groups.set('shelf', 'loose');
    const box = w.make('box');
    const tin = w.make('tin');
    let other: unknown;
    const first = w.runtime(async (name, when) => {
      if (name === 'test:SetRule' && when === 'before' && other === undefined) {
        other = (await run(w, tin)).results.find(({ control }) => control === strict.id)?.decision;
      }
    });
    await run(w, box, first);
    expect(other).toBe('LATER');
    w.clock.advance(15_000);
    await agendaRun(w, tin);
    expect(w.log.filter((line) => line === 'shelf rule strict')).toHaveLength(1);
    expect(w.finding(strict, 'tin')).toMatchObject({ compliance: 'PASSED' });
  });
});

it('a control that calls what it does not declare is a failure that is told', async () => {
  const w = world();
  const key = w.make('box', { color: 'red' });
  const sneaky = { ...green, reads: [] };
  await reconcile({ key, controls: [green.id], cause: w.cause() }, [sneaky], w.runtime());
  expect(w.finding(sneaky)).toMatchObject({ compliance: 'WARNING' });
  const loose = { ...green, writes: { fix: [], revert: [] } };
  await expect(reconcile({ key, controls: [green.id], cause: w.cause() }, [loose], w.runtime())).rejects.toThrow(
    'test:Paint is sent without being declared',
  );
  expect(w.things.get('box')!.color).toBe('red');
});
