import { lookAgain } from '../../lib/engine/backoff.ts';
import type { Why } from '../../lib/engine/record.ts';

const cause = { source: 'agenda', eventId: '', eventName: '', time: '', origin: 'looks' } as const;
const NOW = 1_000_000;
const MINUTE = 60_000;
const waits = (why: Why, times: number): number[] => {
  const found: number[] = [];
  let entry = lookAgain(why, cause, NOW, undefined);
  for (let n = 0; n < times; n++) {
    found.push(entry.at - NOW);
    entry = lookAgain(why, cause, NOW, entry);
  }
  return found;
};

it.each<[Why, number[]]>([
  ['stale', [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]],
  ['unsent', [1, 2, 4]],
  ['throttled', [1, 2, 4]],
  ['error', [1, 2, 4]],
  ['conflict', [0.25, 0.5, 1]],
])('%s is looked at later each time, and at the latest after six hours', (why, minutes) => {
  expect(waits(why, minutes.length)).toEqual(minutes.map((each) => each * MINUTE));
});

it.each<[Why, number]>([
  ['young', 1],
  ['gone', 1],
  ['unsettled', 1],
  ['pending', 60],
  ['held', 60],
  ['exempt', 60],
  ['paused', 5],
])('%s is looked at every time after the same wait', (why, minutes) => {
  expect(waits(why, 4)).toEqual(Array(4).fill(minutes * MINUTE));
});

it('keeps a time of its own, counts on for the same reason and anew for another', () => {
  const first = lookAgain('stale', cause, NOW, undefined, NOW + 7);
  expect(first).toEqual({ at: NOW + 7, why: 'stale', cause, tries: 0, since: NOW });
  const later = lookAgain('stale', cause, NOW + 50, first);
  expect(later).toMatchObject({ at: NOW + 50 + 2 * MINUTE, tries: 1, since: NOW });
  expect(lookAgain('error', cause, NOW + 90, later)).toMatchObject({ tries: 0, since: NOW + 90 });
});
