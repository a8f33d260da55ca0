import { canonical, same } from '../../../lib/engine/canonical.ts';
import type { TestProcess } from '../process.ts';
import { notFoundOnceAfterCreates, staleOnceAfterWrites } from '../proxy.ts';
import type { Trial } from '../trial.ts';

const name = ({ op, input }: { op: { name: string }; input: unknown }): string => `${op.name} ${canonical(input)}`;
const names = (calls: TestProcess['writes']): string[] => calls.map(name);

/** Law 1: in report mode nothing is written, and the drift is told. */
export async function reportsOnly(trial: Trial): Promise<void> {
  await trial.begin();
  const process = trial.process('report');
  const result = await trial.event(process);
  expect(result).toMatchObject({ status: 'NON_COMPLIANT', decision: 'REPORT_ONLY' });
  expect(trial.reason).toBe(trial.case.reason);
  expect(names(process.writes)).toEqual([]);
  expect(await trial.snapshot()).toEqual(trial.start);
  expect(trial.finding).toMatchObject({ compliance: 'FAILED', recordState: 'ACTIVE' });
  expect(trial.finding?.text).not.toContain('{{');
}

/** Laws 2, 6 and 10: one event, and what is stated is there, told and kept; with no read sent twice before the first write. */
export async function reachesFinalState(trial: Trial): Promise<void> {
  await trial.begin();
  const process = trial.process();
  const result = await trial.event(process);
  expect(result).toMatchObject({ status: trial.becomes });
  expect(trial.reason).toBe(trial.case.reason);
  await trial.case.shows?.(trial.bench.aws, trial.key.id);
  await expectTold(trial);

  const { intent } = result;
  expect(intent).toBeDefined();
  const slots = await trial.slots();
  const differs = Object.entries(intent?.after ?? {}).filter(([slot, value]) => !same(slots[slot], value));
  if (trial.becomes === 'COMPLIANT') lawful(6, 'get(after set(state, x)) is x', () => expect(differs).toEqual([]));

  const firstWrite = process.sent.findIndex(({ op }) => op.kind === 'write');
  const early = process.sent.slice(0, firstWrite).map(name);
  lawful(10, 'each distinct read is sent once before the first write', () =>
    expect(early).toEqual([...new Set(early)]),
  );
  const { budget } = trial.suite;
  if (budget !== undefined)
    lawful(10, `${process.sent.map(({ op }) => op.name).join(', ')} stay within the budget`, () =>
      expect(process.sent.length).toBeLessThanOrEqual(budget),
    );
}

/** A fix that has come to its end has one piece of evidence and a finding; the ledger holds nothing open of it. */
export async function expectTold(trial: Trial): Promise<void> {
  const { record } = await trial.bench.ledger.read(trial.key);
  if (trial.becomes === 'UNSETTLED') return expect(trial.finding).toMatchObject({ compliance: 'FAILED' });
  expect(record.state.intents).toEqual({});
  expect(trial.evidence).toHaveLength(1);
  expect(trial.finding).toMatchObject({ compliance: trial.becomes === 'COMPLIANT' ? 'PASSED' : 'FAILED' });
  expect(trial.finding?.text).not.toContain('{{');
}

/** Laws 3 and 11: the same event again, and the events of our own writes, lead to no write and no import. */
export async function writesNothingMore(trial: Trial): Promise<void> {
  await trial.begin();
  const first = trial.process();
  await trial.event(first);
  const fixed = await trial.snapshot();
  const { imports } = trial.bench.hub;
  const again = trial.process();
  await trial.event(again);
  lawful(3, 'a second run writes nothing', () => expect(names(again.writes)).toEqual([]));
  for (const { op } of first.writes) {
    const eventName = op.name.split(':')[1]!;
    const time = new Date(trial.bench.clock.now()).toISOString();
    const echo = trial.process();
    await trial.event(echo, { eventName, time, origin: 'changes' });
    lawful(11, `the event of our own ${op.name} leads to no write`, () => expect(names(echo.writes)).toEqual([]));
  }
  lawful(11, 'what we caused is not told again', () => expect(trial.bench.hub.imports).toBe(imports));
  expect(await trial.snapshot()).toEqual(fixed);
}

/**
 * Law 12, for the control alone: one stale read after each write, and one NotFound after each create, change nothing
 * about the final state.
 */
export async function bearsStaleReads(trial: Trial): Promise<void> {
  await trial.begin();
  const process = trial.process();
  await trial.event(process);
  const calm = await trial.snapshot();
  const creates = process.writes.some(({ op }) => /:Create/.test(op.name));
  for (const rule of creates ? [staleOnceAfterWrites, notFoundOnceAfterCreates] : [staleOnceAfterWrites]) {
    await trial.begin();
    trial.bench.proxy.disturb(rule());
    await trial.event();
    trial.bench.proxy.disturb(undefined);
    await trial.agenda();
    expect(await trial.snapshot()).toEqual(calm);
    await expectTold(trial);
  }
}

/** Laws 2 and 8 for a case in which nothing may be written. */
export async function writesNothing(trial: Trial): Promise<void> {
  const { is, reason } = trial.case;
  const process = trial.process();
  const result = await trial.event(process);
  await trial.bench.relax();
  const drifted = { APPROVAL: 'AWAIT_APPROVAL', MANUAL: 'MANUAL' };
  const expected =
    is === 'APPROVAL' || is === 'MANUAL' ? { status: 'NON_COMPLIANT', decision: drifted[is] } : { status: is };
  expect(result).toMatchObject(expected);
  expect(trial.reason).toBe(reason);
  expect(names(process.writes)).toEqual([]);
  expect(await trial.snapshot()).toEqual(trial.start);
  expect(trial.finding?.text ?? '').not.toContain('{{');
  const reads = process.sent.map(name);
  lawful(10, 'each distinct read is sent once', () => expect(reads).toEqual([...new Set(reads)]));
}

/** Law 8: with its own role and nothing else the case goes as it goes without IAM. */
export async function needsItsOwnRoleOnly(trial: Trial): Promise<void> {
  await trial.begin();
  const { reads, writes } = trial.control;
  await trial.bench.enforce([...reads, ...writes.fix].flatMap(({ iam }: { iam: readonly string[] }) => iam));
  if (trial.case.is !== 'DRIFTED') return writesNothing(trial);
  const result = await trial.event();
  await trial.bench.relax();
  expect(result).toMatchObject({ status: trial.becomes });
  await trial.case.shows?.(trial.bench.aws, trial.key.id);
}

/** What a case makes a process send, comparable between accounts. */
export async function trace(trial: Trial): Promise<string[]> {
  await trial.begin();
  const process = trial.process();
  await trial.event(process);
  return process.sent.map((call) => name(call).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'uuid'));
}

/** Says which law, and for which call, before what failed. */
export function lawful(law: number, text: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw named(error, `Law ${law}: ${text}.`);
  }
}

export function named(error: unknown, where: string): unknown {
  if (!(error instanceof Error)) return error;
  const said = error.message;
  error.message = `${where}\n${said}`;
  error.stack = error.stack?.replace(said, () => error.message);
  return error;
}
