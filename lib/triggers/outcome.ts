import type { Match } from './match.ts';

/** A match that leads nowhere. */
export type Refusal = Exclude<Match, { outcome: 'matched' }>;

export const ignored = (reason: string): Refusal => ({ outcome: 'ignored', reason });
export const malformed = (reason: string): Refusal => ({ outcome: 'malformed', reason });
export const unresolved = (reason: string): Refusal => ({ outcome: 'unresolved', reason });

export const isRefusal = (value: object): value is Refusal =>
  'outcome' in value && 'reason' in value && value.outcome !== 'matched';

const GRAVITY: readonly Refusal['outcome'][] = ['ignored', 'unresolved', 'malformed'];

/** Of several refusals the one that needs a person's eye most. */
export const gravest = (refusals: readonly Refusal[]): Refusal | undefined =>
  [...refusals].sort((a, b) => GRAVITY.indexOf(b.outcome) - GRAVITY.indexOf(a.outcome))[0];
