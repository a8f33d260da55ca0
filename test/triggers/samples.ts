import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { controls, types } from '../../functions/catalog.ts';
import type { Match, MatchContext } from '../../lib/triggers/index.ts';

/** Tests run at the root of the repository. */
export const SAMPLES = resolve('events');

export interface ExpectedTarget {
  readonly type: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly lookup?: string;
  readonly controls: readonly string[];
}

/** A line of `events/index.json`: the sample, where it leads, and in `why` the trap it stands for. */
export interface Sample {
  readonly file: string;
  readonly outcome: Match['outcome'];
  readonly origin?: string;
  readonly targets?: readonly ExpectedTarget[];
}

export const readJson = (...path: readonly string[]): unknown => JSON.parse(readFileSync(resolve(...path), 'utf8'));

export const index = readJson(SAMPLES, 'index.json') as {
  readonly ownRoles: readonly string[];
  readonly samples: readonly Sample[];
};

/** All that is deployed, with the roles that the samples take for ours. */
export const deployed: MatchContext = { controls, types, ownRoles: index.ownRoles };

/** A fresh copy each time: a test may change it. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
export const sample = (file: string): any => readJson(SAMPLES, file);

/** A match as the tables write it. */
export function brief(match: Match) {
  if (match.outcome !== 'matched') return { outcome: match.outcome };
  return {
    outcome: match.outcome,
    origin: match.cause.origin,
    targets: match.targets.map(({ key: { type, id, account, region }, lookup, controls }) => ({
      type,
      id,
      account,
      region,
      ...(lookup && { lookup }),
      controls: [...controls].sort(),
    })),
  };
}
