import { reconcile } from '../../lib/engine/reconcile.ts';
import type { Runtime } from '../../lib/engine/runtime.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { controls, failure, green, type Step, thing, World } from './world.ts';

/** What an on-call engineer reads in Security Hub, word for word. */
const world = () => new World((clock) => new MemoryLedger(clock));
const run = (w: World, change = {}, runtime: Runtime = w.runtime(), controlsGiven = controls) =>
  reconcile({ key: thing(), controls: [green.id], cause: w.cause(change) }, controlsGiven, runtime);
const CAUSED = 'Caused by Paint of arn:aws:iam::111122223333:role/painter at 2026-01-05T02:59:30.000Z.';
const reading = async (color: string, change = {}, prepare?: (w: World) => void | Promise<void>, step?: Step) => {
  const w = world();
  w.make('box', { color });
  await prepare?.(w);
  await run(w, change, w.runtime(step));
  return w.finding(green)?.text;
};
const mode = (to: 'report' | 'approve') => (w: World) => {
  w.modes = { ...w.modes, [green.id]: to };
};
const refusing =
  (name: string): Step =>
  async (step, when) => {
    if (step === 'test:Paint' && when === 'before') throw failure(name);
  };

it.each<[string, () => Promise<string | undefined>, string]>([
  ['a fix', () => reading('red'), `box is red. Suture changed color and read it back: compliant. ${CAUSED}`],
  [
    'a fix nobody in particular caused',
    () => reading('red', { source: 'config', eventName: 'rule' }),
    'box is red. Suture changed color and read it back: compliant.',
  ],
  [
    'report mode',
    () => reading('red', {}, mode('report')),
    `box is red. Report mode: nothing was changed. The fix would change color. ${CAUSED}`,
  ],
  [
    'approve mode',
    () => reading('red', {}, mode('approve')),
    `box is red. Nothing was changed: this needs a person's approval. The fix would change color. ${CAUSED}`,
  ],
  [
    'a blast radius',
    () => reading('red+'),
    `box is red+. Nothing was changed: this needs a person's approval, because it also affects the neighbour. The fix would change color. ${CAUSED}`,
  ],
  [
    'a late effect',
    () => reading('blue+'),
    `box is blue+. Nothing was changed: this needs a person's approval, because it takes effect only later, with a restart. The fix would change color. ${CAUSED}`,
  ],
  [
    'a restored resource',
    () => reading('red', { origin: 'restores' }),
    `box is red. Nothing was changed: this needs a person's approval, because what was restored, copied or promoted has clients from before. The fix would change color. ${CAUSED}`,
  ],
  ['what is beyond repair', () => reading('black'), `box is burnt. Suture cannot repair this by itself. ${CAUSED}`],
  ['a PENDING state', () => reading('wet'), 'box is green and wet.'],
  [
    'a pause of everything',
    () => reading('red', {}, (w) => w.ledger.pause('*', { by: 'Ada', reason: 'drill', at: '2026-01-05T00:00:00Z' })),
    `box is red. Suture is paused by Ada (drill): nothing was changed. ${CAUSED}`,
  ],
  [
    'a pause of this control',
    () =>
      reading('red', {}, (w) => w.ledger.pause(green.id, { by: 'Ada', reason: 'paint', at: '2026-01-05T00:00:00Z' })),
    `box is red. Suture is paused by Ada (paint): nothing was changed. ${CAUSED}`,
  ],
  [
    'a refused fix',
    () => reading('red', {}, undefined, refusing('AccessDenied')),
    `box is red. The fix (color) was refused with AccessDenied (test:Paint); Suture lacks the permission. ${CAUSED}`,
  ],
  [
    'a fix that met an error',
    () => reading('red', {}, undefined, refusing('InvalidState')),
    `box is red. The fix (color) was refused with InvalidState (test:Paint); it is tried again. ${CAUSED}`,
  ],
])('%s', async (_name, text, expected) => expect(await text()).toBe(expected));

it.each<[object, string]>([
  [{ type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ada' }, 'Paint of arn:aws:iam::111122223333:user/ada at'],
  [{ type: 'AWSService', invokedBy: 'cloudformation.amazonaws.com' }, 'Paint of cloudformation.amazonaws.com at'],
  [{ type: 'Unknown' }, 'Paint at'],
])('names who caused it as far as the event does: %j', async (principal, text) => {
  expect(await reading('red', { principal })).toContain(`Caused by ${text} 2026-01-05T02:59:30.000Z.`);
});

it('a fix that is undone at once is told as not seen, and after five minutes as not holding', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  const undone: Step = async (name, when) => {
    if (name === 'test:Paint' && when === 'after') w.things.get('box')!.color = 'red';
  };
  await run(w, {}, w.runtime(undone));
  expect(w.finding(green)?.text).toBe(
    `box is red. Suture changed color; the change is not seen yet, it is looked at again. ${CAUSED}`,
  );
  w.clock.advance(6 * 60_000);
  await run(w, { time: '2026-01-05T02:59:30.000Z' }, w.runtime(undone));
  expect(w.finding(green)?.text).toBe(
    `box is red. Suture changed color, and it did not hold: see who else writes to this resource. ${CAUSED}`,
  );
  expect(w.metrics.VerificationFailed).toBe(1);
});

it('what is repaired by others is told as compliant again', async () => {
  const w = world();
  mode('report')(w);
  w.make('box', { color: 'red' });
  await run(w);
  w.things.get('box')!.color = 'green';
  await run(w);
  expect(w.finding(green)?.text).toBe('Things are green: compliant again.');
});

it('is told again after 60 days, before Security Hub forgets it, and not before', async () => {
  const w = world();
  mode('report')(w);
  w.make('box', { color: 'red' });
  const fixed = { time: '2026-01-05T02:59:30.000Z' };
  await run(w, fixed);
  w.clock.advance(60 * 86_400_000 - 1);
  await run(w, fixed);
  expect(w.log).toHaveLength(1);
  w.clock.advance(1);
  await run(w, fixed);
  expect(w.log).toHaveLength(2);
  const first = w.finding(green)?.createdAt;
  w.clock.advance(90 * 86_400_000);
  await run(w, fixed);
  // Security Hub has deleted it by now: it is a new one.
  expect(w.finding(green)).toMatchObject({ known: false });
  expect(w.finding(green)?.createdAt).not.toBe(first);
});

it('a finding that PASSED is forgotten after 90 days, and the ledger with it', async () => {
  const w = world();
  w.make('box', { color: 'red' });
  await run(w);
  expect((await w.ledger.read(thing())).record.state.findings[green.id]).toMatchObject({ compliance: 'PASSED' });
  w.clock.advance(91 * 86_400_000);
  w.things.get('box')!.color = 'grey';
  await run(w);
  expect((await w.ledger.read(thing())).record.state).toMatchObject({ findings: {}, fixes: {} });
});
