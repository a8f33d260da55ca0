import type { Decision } from '../lib/engine/decide.ts';
import type { Result } from '../lib/engine/reconcile.ts';
import type { Intent } from '../lib/engine/record.ts';
import type { HandledResource } from '../lib/handle.ts';
import type { Match } from '../lib/triggers/index.ts';

/** What `replay --match-only --json` gives for each event. */
export interface MatchedEvent {
  readonly file: string;
  readonly outcome: Match['outcome'];
  /** Why it leads nowhere; absent when it is matched. */
  readonly reason?: string;
  readonly targets: readonly MatchedTarget[];
}
interface MatchedTarget extends Where {
  readonly controls: readonly string[];
  /** How the id, which then is only what the event named, is turned into ids of the type. */
  readonly lookup?: string;
}
interface Where {
  readonly type: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
}

/** What `replay --json` gives for each event. */
export interface Replayed extends MatchedEvent {
  readonly dryRun?: true;
  readonly resources: readonly ReplayedResource[];
}
export interface ReplayedResource extends Where {
  /** `left`: another run holds the resource and does it. */
  readonly status: 'done' | 'left' | 'failed';
  readonly error?: string;
  readonly controls: readonly ReplayedControl[];
}
export interface ReplayedControl {
  readonly control: string;
  readonly status: Result['status'];
  readonly decision?: Decision;
  readonly reason: string;
  /** What was changed, or in a dry run would be. */
  readonly fix?: Fix;
  readonly finding?: { readonly id: string; readonly compliance: string; readonly text: string };
}
export type Fix = Pick<Intent, 'before' | 'after' | 'calls'> & {
  /** The intent's id, for evidence and revert; absent for a plan. */
  readonly intent?: string;
};

export const matchedEvent = (file: string, match: Match): MatchedEvent => ({
  file,
  outcome: match.outcome,
  ...(match.outcome !== 'matched' && { reason: match.reason }),
  targets:
    match.outcome === 'matched'
      ? match.targets.map(({ key: { type, id, account, region }, controls, lookup }) => ({
          ...{ type, id, account, region, controls },
          ...(lookup && { lookup }),
        }))
      : [],
});

export const replayedResource = (
  { key: { type, id, account, region }, outcome, error }: HandledResource,
  /** In a dry run, the fixes worked out, by control. */
  plans: ReadonlyMap<string, Intent> | undefined,
): ReplayedResource => ({
  ...{ type, id, account, region },
  status: outcome?.status ?? 'failed',
  ...(error && { error: `${error.name}: ${error.message}` }),
  controls: (outcome?.results ?? []).map((result) => (plans ? planned(result, plans) : done(result))),
});

const planned = (
  { control, status, decision, reason }: Result,
  plans: ReadonlyMap<string, Intent>,
): ReplayedControl => {
  const plan = plans.get(control);
  return { control, status, reason, ...(decision && { decision }), ...(plan && { fix: changes(plan) }) };
};

const done = ({ control, status, decision, reason, intent, finding }: Result): ReplayedControl => ({
  ...{ control, status, reason },
  ...(decision && { decision }),
  ...(intent && { fix: { intent: intent.id, ...changes(intent) } }),
  ...(finding && { finding: { id: finding.id, compliance: finding.compliance, text: finding.text } }),
});

const changes = ({ before, after, calls }: Intent): Fix => ({ before, after, calls });
