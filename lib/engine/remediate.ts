import type { ActsOn, WriteOp } from '../aws/op.ts';
import type { Cause } from '../cause.ts';
import type { Call } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import type { Attempt } from './assess.ts';
import { plain, same } from './canonical.ts';
import { classify } from './errors.ts';
import type { Seen } from './look.ts';
import type { Intent, SlotValues } from './record.ts';
import { type Runtime, WRITE_TIMEOUT_MS } from './runtime.ts';

/** A fix, worked out and not yet sent. */
export interface Plan {
  readonly intent: Intent;
  readonly calls: readonly Call[];
  /** The objects besides the resource that the calls write: the lease covers them too. */
  readonly covers: readonly ActsOn[];
}

/** A name that sorts by time and that no other run gives: evidence and history are found by it. */
export const intentId = (now: number, token: string): string =>
  `${new Date(now).toISOString().replaceAll(/[-:.]/g, '')}-${token.replaceAll('-', '').slice(0, 12)}`;

/**
 * The fix of one drifted control from the state just seen.
 * @param open the fix already begun, whose before-values stay the way back
 */
export function planFix(
  look: Seen,
  reason: string,
  key: ResourceKey,
  cause: Cause,
  open: Intent | undefined,
  id: string,
  now: number,
): Plan {
  const { control, verdict, slots, state } = look;
  if (verdict.status !== 'NON_COMPLIANT' || verdict.desired === 'manual') {
    throw new Error(`${control.id}: there is nothing to plan for ${verdict.status}.`);
  }
  const desired: SlotValues = plain(verdict.desired);
  const differing = Object.fromEntries(Object.entries(desired).filter(([slot, value]) => !same(slots[slot], value)));
  const calls: readonly Call[] = control.set(state, differing);
  if (calls.length === 0) {
    throw new Error(
      `${control.id}: ${verdict.reason} calls for ${Object.keys(desired).join(', ')}, but set() answers no call.`,
    );
  }
  mustBe(calls, control.writes.fix, `${control.id} writes.fix`);
  return {
    calls,
    covers: coveredBy(calls, key),
    intent: {
      id: open?.id ?? id,
      kind: 'remediation',
      control: control.id,
      key,
      openedAt: open?.openedAt ?? new Date(now).toISOString(),
      cause: open?.cause ?? cause,
      reason: open?.reason ?? reason,
      before: { ...open?.before, ...beforeOf(differing, slots, open) },
      after: { ...open?.after, ...differing },
      calls: calls.map(({ op, input }) => ({ op: op.name, input: plain(input) })),
    },
  };
}

/**
 * The way back for each slot about to change. A slot of a fix cut off half-way keeps the value it had before that fix,
 * unless somebody else has changed it since: then theirs is what we take away, and theirs is what we put back.
 */
function beforeOf(differing: SlotValues, slots: SlotValues, open: Intent | undefined): SlotValues {
  const entries = Object.keys(differing).map((slot) => {
    const now = slots[slot] ?? null;
    const ours = open && slot in open.before && same(now, open.after[slot]);
    return [slot, ours ? open.before[slot] : now] as const;
  });
  return Object.fromEntries(entries);
}

export function mustBe(calls: readonly Call[], declared: readonly WriteOp[], where: string): void {
  const stray = calls.find(({ op }) => !declared.includes(op));
  if (stray) throw new Error(`${stray.op.name} is sent without being declared in ${where}.`);
}

/** Sorted and without repetition: two plans always ask for shared objects in one order. */
export function coveredBy(calls: readonly Call[], key: ResourceKey): ActsOn[] {
  const all = new Map<string, ActsOn>();
  for (const { op, input } of calls) {
    const on = op.on(input);
    if (on && !(on.type === key.type && on.id === key.id)) all.set(`${on.type}|${on.id}`, on);
  }
  return [...all.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, on]) => on);
}

/**
 * Sends the calls of a plan in order, and stops at the first that is refused.
 * @param stillHeld asked before each write by whoever may outlive a lease without noticing
 */
export async function sendAll(
  calls: readonly Call[],
  key: ResourceKey,
  runtime: Runtime,
  stillHeld?: () => Promise<boolean>,
): Promise<Attempt> {
  const send = runtime.send(key);
  for (const { op, input, accept = [] } of calls) {
    const late = runtime.remaining() < WRITE_TIMEOUT_MS || (await stillHeld?.()) === false;
    if (late) return { sent: false, failed: 'time', error: 'Too little time left' };
    try {
      await send(op, input);
    } catch (error) {
      const name = error instanceof Error ? error.name : String(error);
      if (accept.includes(name)) continue;
      const kind = classify(error);
      const failed = kind === 'denied' ? 'denied' : kind === 'throttled' || kind === 'server' ? 'throttled' : 'failed';
      return { sent: false, failed, error: `${name} (${op.name})` };
    }
  }
  return { sent: true };
}
