import type { Cause } from '../cause.ts';
import type { AnyControl, Verdict } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import type { Settings } from '../settings.ts';
import { type Decision, decide, HOLD_AFTER_FIXES } from './decide.ts';
import { isSeen, type Look, type Seen } from './look.ts';
import { fill } from './reason.ts';
import type { Exemption, Intent, Pauses, ResourceState, SettledIntent, Why } from './record.ts';

export const DAY_MS = 86_400_000;
/** Not found twice, this far apart, is gone: right after a create, not found is normal. */
const GONE_AFTER_MS = 60_000;
/** AWS may still show the state before an event that is younger than this. */
const YOUNG_MS = 10_000;
/** A fix not seen after this long has not held: somebody is told. */
const ALARM_AFTER_MS = 5 * 60_000;

/** What happened to a control's fix in this run. */
export type Attempt =
  | { readonly sent: true }
  | { readonly sent: false; readonly failed: 'denied' | 'throttled' | 'failed' | 'time'; readonly error: string };

/** What one look means, given what the ledger knows: what to tell, what to settle, when to look again. Nothing is sent here. */
export interface Assessment {
  readonly control: AnyControl;
  readonly look: Look;
  readonly cause: Cause;
  readonly status: Verdict['status'] | 'GONE' | 'UNKNOWN';
  readonly decision?: Decision;
  /** The drift, or what stands in the way, in words; empty for COMPLIANT. */
  readonly reason: string;
  /** What shall stand in Security Hub; undefined: nothing to say that is not said. */
  readonly compliance?: 'PASSED' | 'FAILED' | 'WARNING' | 'ARCHIVED';
  /** The open intent comes to its end. */
  readonly settle?: SettledIntent['outcome'];
  readonly again?: { readonly why: Why; readonly at?: number };
  readonly exemption?: Exemption;
  readonly attempt?: Attempt;
  /** Drift seen in this run and closed by the fix of another control that shares its slots. */
  readonly along?: Along;
  /** The fix did not hold, or is not seen, for longer than it may take. */
  readonly alarm?: boolean;
}

/** A drift in words, and the controls whose fixes closed it. */
export interface Along {
  readonly reason: string;
  readonly with: readonly string[];
}

export interface Known {
  readonly key: ResourceKey;
  readonly state: ResourceState;
  readonly pauses: Pauses;
  readonly settings: Settings;
  readonly now: number;
  readonly cause: Cause;
  readonly attempt?: Attempt;
  readonly along?: Along;
  /** Whether a write may start in this run. */
  readonly ready: boolean;
}

/** The open fix of a control; a revert under way is not one. */
export const openFix = (state: ResourceState, control: AnyControl): Intent | undefined => state.intents[control.id];

export function assess(look: Look, known: Known): Assessment {
  const { control } = look;
  const { state, cause, attempt } = known;
  const base = { control, look, cause, attempt };
  if (!isSeen(look)) return { ...base, ...unseen(look, known) };

  const open = openFix(state, control);
  const { verdict } = look;
  const reported = state.findings[control.id];
  switch (verdict.status) {
    case 'COMPLIANT': {
      const along = open ? undefined : known.along;
      const tell = open || along || (reported && reported.compliance !== 'PASSED');
      const young =
        !open && !attempt && !along && cause.source === 'cloudtrail' && known.now - Date.parse(cause.time) < YOUNG_MS;
      return {
        ...base,
        status: 'COMPLIANT',
        reason: '',
        ...(along && { along }),
        ...(tell && { compliance: 'PASSED' }),
        ...(open && { settle: 'VERIFIED' }),
        ...(young && { again: { why: 'young' } }),
      };
    }
    case 'NOT_APPLICABLE':
      return {
        ...base,
        status: 'NOT_APPLICABLE',
        reason: words(look),
        ...((open || reported) && { compliance: 'ARCHIVED' }),
        ...(open && { settle: 'ABANDONED' }),
      };
    case 'PENDING':
      return {
        ...base,
        status: 'PENDING',
        reason: words(look),
        compliance: 'FAILED',
        ...(open && { settle: 'PENDING' }),
        again: {
          why: 'pending',
          ...(verdict.lookAgainSeconds && { at: known.now + verdict.lookAgainSeconds * 1000 }),
        },
      };
    case 'UNSETTLED':
      return {
        ...base,
        status: 'UNSETTLED',
        reason: words(look),
        ...(open && { compliance: 'FAILED' }),
        again: { why: 'unsettled', at: known.now + verdict.lookAgainSeconds * 1000 },
      };
    case 'NON_COMPLIANT':
      return { ...base, status: 'NON_COMPLIANT', reason: words(look), compliance: 'FAILED', ...drifted(look, known) };
  }
}

type Rest = Omit<Assessment, 'control' | 'look' | 'cause' | 'attempt'>;

function unseen(look: Exclude<Look, Seen>, { state, now, cause }: Known): Rest {
  const open = openFix(state, look.control);
  const reason = `${look.error.name}: ${look.error.message}`;
  if (look.unseen === 'gone') {
    const sure = cause.origin === 'deletes' || (state.missingSince ?? now) <= now - GONE_AFTER_MS;
    if (!sure) return { status: 'UNKNOWN', reason, again: { why: 'gone' } };
    const reported = state.findings[look.control.id];
    return {
      status: 'GONE',
      reason: 'The resource does not exist any more.',
      ...((open || reported) && { compliance: 'ARCHIVED' }),
      ...(open && { settle: 'ABANDONED' }),
    };
  }
  if (look.unseen === 'throttled') return { status: 'UNKNOWN', reason, again: { why: 'throttled' } };
  // Only the error's name is told: messages of services quote what they were sent.
  const named = look.error.name;
  if (look.unseen === 'denied') {
    return {
      status: 'UNKNOWN',
      reason: `Suture may not read what this control judges (${named}).`,
      compliance: 'WARNING',
    };
  }
  return {
    status: 'UNKNOWN',
    reason: `Suture could not judge this resource (${named}).`,
    compliance: 'WARNING',
    again: { why: 'error' },
  };
}

function drifted(look: Seen, known: Known): Pick<Assessment, 'decision' | 'settle' | 'again' | 'exemption' | 'alarm'> {
  const { control, verdict } = look;
  const { state, now, attempt } = known;
  if (verdict.status !== 'NON_COMPLIANT') return {};
  const open = openFix(state, control);
  const exemption = exemptionOf(look, state, now);
  const fixes = recentFixes(state, control, now);
  const mode = known.settings.modes[control.id] ?? 'report';
  const decision = decide({
    mode: mode === 'off' ? 'report' : mode,
    paused: isPaused(known.pauses, control),
    exempt: exemption !== undefined,
    exposure: control.exposure === true,
    manual: verdict.desired === 'manual',
    blastRadius: (verdict.blastRadius?.length ?? 0) > 0,
    takesEffectLater: verdict.takesEffect === 'later',
    origin: (open?.cause ?? known.cause).origin,
    // Finishing a fix that was cut off is no further fix; sending one again that did not hold is.
    recentFixes: fixes.length - (open && state.agenda[control.id]?.why !== 'stale' ? 1 : 0),
    ready: known.ready,
  });
  const since = state.agenda[control.id];
  const alarm = since?.why === 'stale' && now - since.since >= ALARM_AFTER_MS;
  if (attempt) return { decision, ...afterAttempt(attempt), alarm };
  const ends = open && decision !== 'REMEDIATE' && decision !== 'LATER' && decision !== 'PAUSED';
  return {
    decision,
    alarm,
    ...(exemption && { exemption }),
    ...(ends && { settle: 'ABANDONED' as const }),
    ...againAfter(decision, exemption, fixes, now),
  };
}

function afterAttempt(attempt: Attempt): Pick<Assessment, 'again'> {
  if (attempt.sent) return { again: { why: 'stale' } };
  if (attempt.failed === 'denied') return {};
  if (attempt.failed === 'time') return { again: { why: 'conflict' } };
  return { again: { why: attempt.failed === 'throttled' ? 'throttled' : 'error' } };
}

function againAfter(
  decision: Decision,
  exemption: Exemption | undefined,
  fixes: readonly number[],
  now: number,
): Pick<Assessment, 'again'> {
  if (decision === 'EXEMPT' && exemption) return { again: { why: 'exempt', at: exemption.expires } };
  if (decision === 'PAUSED') return { again: { why: 'paused' } };
  if (decision === 'LATER') return { again: { why: 'conflict' } };
  if (decision === 'HOLD') return { again: { why: 'held', at: (fixes.at(-HOLD_AFTER_FIXES) ?? now) + DAY_MS } };
  return {};
}

/** The exemption that covers this control's drift: one of its own, or one on a slot that its fix would change. */
function exemptionOf({ control, verdict }: Seen, state: ResourceState, now: number): Exemption | undefined {
  const desired =
    verdict.status === 'NON_COMPLIANT' && verdict.desired !== 'manual' ? Object.keys(verdict.desired) : [];
  return Object.entries(state.exemptions).find(
    ([id, { expires, slots }]) => expires > now && (id === control.id || slots.some((slot) => desired.includes(slot))),
  )?.[1];
}

export const recentFixes = (state: ResourceState, control: AnyControl, now: number): readonly number[] =>
  (state.fixes[control.id] ?? []).filter((at) => at > now - DAY_MS);

const isPaused = (pauses: Pauses, control: AnyControl): boolean => '*' in pauses || control.id in pauses;

function words({ control, verdict }: Seen): string {
  if (verdict.status === 'COMPLIANT') return '';
  const template = control.reasons[verdict.reason];
  if (template === undefined)
    throw new Error(`${control.id} gives the reason ${verdict.reason}, which it does not declare.`);
  return fill(template, verdict.data ?? {});
}
