import type { AnyControl, Origin } from '../lib/control.ts';
import type { Decision } from '../lib/engine/decide.ts';
import type { Mode } from '../lib/settings.ts';

/** What the contract's short words mean to a reader. */
export const IMPACT: Readonly<Record<AnyControl['impact'], string>> = {
  none: 'nothing depends on what the fix changes',
  cost: 'the fix raises the bill',
  'may-reject-clients': 'clients that relied on the drift are refused',
  interrupts: 'the fix interrupts the service',
};

export const PROVES: Readonly<Record<Origin, string>> = {
  creates: 'made from nothing, so its drift is fresh',
  restores: 'made from something older, so its drift may be established',
  opens: 'can only loosen',
  changes: 'depends on its parameters',
  looks: 'changes nothing itself',
};

export const MODE: Readonly<Record<Mode, string>> = {
  off: 'not evaluated',
  report: 'drift becomes a finding, nothing is changed',
  approve: 'drift becomes a finding, and the plan of the fix waits for a person',
  auto: 'fresh drift is closed at once',
};

export const DECISION: Readonly<Record<Decision, string>> = {
  REMEDIATE: 'to be fixed at once',
  REPORT_ONLY: 'report mode, so nothing is changed',
  AWAIT_APPROVAL: 'waits for a person to approve',
  EXEMPT: 'exempt, so it is left alone',
  MANUAL: 'Suture cannot repair this by itself',
  HOLD: 'fixed and undone three times within 24 hours, so Suture holds',
  PAUSED: 'paused, so nothing is changed',
  LATER: 'to be fixed later: too little time left, or another run holds what the fix would change',
};

export function takenBack({ reverts: how }: AnyControl): string {
  if (how === 'fully') return 'fully';
  return 'partly' in how ? `partly: ${how.partly}` : `not: ${how.not}`;
}
