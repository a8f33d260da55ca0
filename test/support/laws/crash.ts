import { KILLED, type Kill } from '../process.ts';
import type { Trial } from '../trial.ts';
import { expectTold, named } from './fix.ts';

/**
 * The half-way points of a run. Between two changes in a row only reads are sent: dying there leaves what dying right
 * after the earlier one leaves. Evidence and findings go out side by side, so before each is a point of its own.
 */
function* points(changes: readonly string[]): Generator<Kill & { readonly text: string }> {
  for (const [index, name] of changes.entries()) {
    const at = index + 1;
    const beside = name === 'evidence.put' || name === 'hub.publish';
    if (at === 1 || beside) yield { at, when: 'before', text: `killed before change ${at}, ${name}` };
    yield { at, when: 'after', text: `killed after change ${at}, ${name}` };
  }
}

/** Law 4, first half: killed anywhere, a re-run reaches the same final state, with evidence and finding. */
export async function survivesKills(trial: Trial): Promise<void> {
  await trial.begin();
  const whole = trial.process();
  await trial.event(whole);
  const final = await trial.snapshot();
  for (const { text, ...kill } of points(whole.changes)) {
    await trial.begin();
    try {
      await trial.eventKilled(kill);
      await trial.event();
      await trial.agenda();
      expect(await trial.snapshot()).toEqual(final);
      await expectTold(trial);
    } catch (error) {
      throw named(error, `Law 4: ${text}, then run again.`);
    }
  }
}

/** Law 4, second half: from any half-way point revert restores the start, and the next event leaves it alone. */
export async function revertsFromHalfWay(trial: Trial): Promise<void> {
  await trial.begin();
  const whole = trial.process();
  await trial.event(whole);
  for (const { text, ...kill } of points(whole.changes)) {
    await trial.begin();
    try {
      await trial.eventKilled(kill);
      const answer = await trial.revert();
      // Before its intent is in the ledger, a fix has not begun.
      const begun = kill.at > 1 || kill.when === 'after';
      expect(answer).toMatchObject({ status: begun ? 'reverted' : 'nothing' });
      expect(await trial.snapshot()).toEqual(trial.start);
      if (begun) await expectLeftAlone(trial);
    } catch (error) {
      throw named(error, `Law 4: ${text}, then reverted.`);
    }
  }
}

/** Law 5: revert restores every slot, and the next event for every control of the catalogue leaves them alone. */
export async function restores(trial: Trial): Promise<void> {
  await trial.begin();
  await trial.event();
  expect(await trial.revert({ among: 'all' })).toMatchObject({ status: 'reverted' });
  expect(await trial.snapshot()).toEqual(trial.start);
  const slots = await trial.slots();
  await trial.eventForAll();
  expect(await trial.slots()).toEqual(slots);
  await expectLeftAlone(trial);
}

/** Law 5: a third party's edit to another slot, between fix and revert, survives both. */
export async function sparesNeighbours(trial: Trial): Promise<void> {
  const { neighbour } = trial.case;
  if (!neighbour) return;
  await trial.begin();
  await neighbour(trial.bench.aws, trial.key.id);
  const edited = await trial.snapshot();
  expect(edited).not.toEqual(trial.start);
  await trial.begin();
  await trial.event();
  await neighbour(trial.bench.aws, trial.key.id);
  expect(await trial.revert()).toMatchObject({ status: 'reverted' });
  expect(await trial.snapshot()).toEqual(edited);
}

/** Law 5: a revert killed anywhere and asked for again restores the start too. Once for each sequence of changes that a suite's reverts make. */
export async function revertSurvivesKills(trial: Trial): Promise<void> {
  await trial.begin();
  await trial.event();
  expect(await trial.revert()).toMatchObject({ status: 'reverted' });
  const sequence = trial.lastRevert?.changes.join() ?? '';
  if (trial.seen.sequences.has(sequence)) return;
  trial.seen.sequences.add(sequence);
  for (const { text, ...kill } of points(trial.lastRevert?.changes ?? [])) {
    await trial.begin();
    await trial.event();
    try {
      expect(await trial.revert({ kill })).toBe(KILLED);
      expect(['reverted', 'nothing']).toContain(((await trial.revert()) as { status: string }).status);
      expect(await trial.snapshot()).toEqual(trial.start);
      await expectLeftAlone(trial);
    } catch (error) {
      throw named(error, `Law 5: the revert ${text}, then asked for again.`);
    }
  }
}

async function expectLeftAlone(trial: Trial): Promise<void> {
  const process = trial.process();
  expect(await trial.event(process)).toMatchObject({ status: 'NON_COMPLIANT', decision: 'EXEMPT' });
  expect(process.writes.map(({ op }) => op.name)).toEqual([]);
}
