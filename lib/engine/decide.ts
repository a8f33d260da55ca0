import type { Cause } from '../cause.ts';
import type { Mode } from '../settings.ts';

export type Decision =
  | 'REMEDIATE'
  | 'REPORT_ONLY'
  | 'AWAIT_APPROVAL'
  | 'EXEMPT'
  | 'MANUAL'
  | 'HOLD'
  | 'PAUSED'
  /** It is to be remediated, and not in this run: too little time left, or another run holds what the plan would write. */
  | 'LATER';

/** All that the decision about one drift may depend on. */
export interface Situation {
  readonly mode: Exclude<Mode, 'off'>;
  readonly paused: boolean;
  /** A dated exemption covers this control or a slot the fix would change. */
  readonly exempt: boolean;
  readonly exposure: boolean;
  /** No write of ours can repair it. */
  readonly manual: boolean;
  /** Others are changed or cut off by the fix. */
  readonly blastRadius: boolean;
  /** The fix takes effect only with a reboot, failover or the like. */
  readonly takesEffectLater: boolean;
  readonly origin: Cause['origin'];
  /** Fixes of this control on this resource in the last 24 hours. */
  readonly recentFixes: number;
  /** Enough time is left to start a write, and nobody else holds what the plan would write. */
  readonly ready: boolean;
}

/** After so many fixes of one control on one resource within 24 hours somebody means it: Suture stops and says so. */
export const HOLD_AFTER_FIXES = 3;

/**
 * What to do about one drift. Pure, and ordered: the first line that holds decides, from the most careful down.
 * Whoever wants to know why nothing happened reads it from the top.
 */
export function decide(s: Situation): Decision {
  if (s.exempt) return 'EXEMPT';
  if (s.manual) return 'MANUAL';
  if (s.mode === 'report') return 'REPORT_ONLY';
  if (s.paused) return 'PAUSED';
  if (s.mode === 'approve' || s.blastRadius) return 'AWAIT_APPROVAL';
  // A restored copy, a replica or a promoted one is new, its clients are not.
  if (s.origin === 'restores') return 'AWAIT_APPROVAL';
  // Nobody depends yet on what was just created from nothing; anything else would carry a change that waits for a restart.
  if (s.takesEffectLater && s.origin !== 'creates') return 'AWAIT_APPROVAL';
  if (!s.exposure && s.recentFixes >= HOLD_AFTER_FIXES) return 'HOLD';
  return s.ready ? 'REMEDIATE' : 'LATER';
}
