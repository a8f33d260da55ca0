import type { Cause } from '../cause.ts';
import type { AgendaEntry, Why } from './record.ts';

/** Milliseconds until the first further look, by what it is for. */
const FIRST: Readonly<Record<Why, number>> = {
  young: 60_000,
  gone: 60_000,
  stale: 60_000,
  unsent: 60_000,
  throttled: 60_000,
  error: 60_000,
  conflict: 15_000,
  unsettled: 60_000,
  pending: 3_600_000,
  held: 3_600_000,
  paused: 300_000,
  exempt: 3_600_000,
};
const LONGEST = 6 * 3_600_000;

/** Reasons whose next look comes later each time; the others have a time of their own. */
const GROWS: ReadonlySet<Why> = new Set(['stale', 'unsent', 'throttled', 'error', 'conflict']);

/**
 * The entry that makes us look again.
 * @param before what stood there for this control, if anything: the same reason counts on, another starts anew
 * @param at a time of its own, ms since the epoch: the end of an exemption, the seconds a verdict asked for
 */
export function lookAgain(
  why: Why,
  cause: Cause,
  now: number,
  before: AgendaEntry | undefined,
  at?: number,
): AgendaEntry {
  const again = before?.why === why ? before : undefined;
  const tries = (again?.tries ?? -1) + 1;
  const wait = GROWS.has(why) ? Math.min(FIRST[why] * 2 ** tries, LONGEST) : FIRST[why];
  return { at: at ?? now + wait, why, cause, tries, since: again?.since ?? now };
}
