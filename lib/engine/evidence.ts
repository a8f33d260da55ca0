import type { Citation } from '../hipaa.ts';
import type { Intent, SettledIntent } from './record.ts';

/** One object per intent, written once: what was changed, why, by whose cause, and what came of it. */
export interface Evidence {
  readonly v: 1;
  readonly intent: Intent;
  readonly title: string;
  readonly hipaa: readonly Citation[];
  readonly outcome: SettledIntent['outcome'];
  /** The slots of the intent as they were read after the fix. */
  readonly observed: Intent['after'];
  /** ISO 8601; when the result was read. */
  readonly verifiedAt: string;
}

/** Object key: sorts by account, region, day; the intent id makes it unique. */
export function evidenceKey({ intent }: Evidence): string {
  const { account, region } = intent.key;
  return `evidence/${account}/${region}/${intent.openedAt.slice(0, 10).replaceAll('-', '/')}/${intent.id}.json`;
}
