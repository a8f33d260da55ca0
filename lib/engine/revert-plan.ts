import type { ResourceKey } from '../resource.ts';
import { same } from './canonical.ts';
import { isSeen, type Look, type Seen } from './look.ts';
import type { Intent, ResourceState, SettledIntent, SlotValues } from './record.ts';
import type { Runtime } from './runtime.ts';

export interface RevertRequest {
  readonly key: ResourceKey;
  readonly control: string;
  /** Who takes it back: the caller's ARN. */
  readonly by: string;
  readonly reason: string;
  /** Which fix; the last one if not given. */
  readonly intent?: string;
  /** Take back later fixes of the same slots first, instead of refusing. */
  readonly through?: boolean;
  /** Work out and show what would be sent; change nothing, not even the ledger. */
  readonly dryRun?: boolean;
  /** How long the reverted slots are left alone, in days. */
  readonly days?: number;
}

export type RevertOutcome =
  | { readonly status: 'reverted' | 'planned'; readonly intents: readonly Intent[] }
  /** There is nothing to take back. */
  | { readonly status: 'nothing'; readonly reason: string }
  /** Something stands in the way; nothing was changed. */
  | { readonly status: 'refused'; readonly reason: string; readonly differences?: readonly Difference[] }
  /** Begun and not finished: the same request goes on where it stopped. */
  | { readonly status: 'unfinished'; readonly reason: string };

/** A slot that holds neither what we wrote nor what was there before. */
export interface Difference {
  readonly slot: string;
  readonly now: unknown;
  readonly ours: unknown;
  readonly before: unknown;
}

/** A fix that can be taken back: still open, or settled. */
export type Fix = Intent | SettledIntent;

/** The fix asked for, behind the later fixes of the same slots, newest first. */
export async function fixesToTakeBack(
  { key, control, intent, through }: RevertRequest,
  state: ResourceState,
  { ledger }: Runtime,
): Promise<Fix[] | RevertOutcome> {
  const later: Fix[] = Object.values(state.intents).filter(({ kind }) => kind === 'remediation');
  const isIt = (fix: Fix): boolean => (intent ? fix.id === intent : fix.control === control);
  let found = later.find(isIt);
  for await (const settled of ledger.history(key)) {
    // What was settled before the fix even began cannot lie on top of it.
    if (found && settled.settledAt < found.openedAt) break;
    if (settled.kind !== 'remediation' || settled.revertedBy) {
      if (intent && settled.id === intent)
        return { status: 'nothing', reason: `Fix ${intent} was already taken back by ${settled.revertedBy}.` };
      continue;
    }
    if (!found && isIt(settled)) found = settled;
    else later.push(settled);
  }
  if (!found) {
    return {
      status: 'nothing',
      reason: intent
        ? `No fix ${intent} of ${control} on ${key.id} is in the ledger: it was taken back, or its record has expired.`
        : `No fix of ${control} on ${key.id} is in the ledger: there was none, it was taken back, or its record has expired.`,
    };
  }
  const target = found;
  const above = onTopOf(target, later);
  if (above.length > 0 && !through) {
    const names = above.map((fix) => `${fix.id} (${fix.control})`).join(', ');
    return {
      status: 'refused',
      reason: `Later fixes changed the same slots: ${names}. Take them back first, or add --through.`,
    };
  }
  return [...above.sort((a, b) => (a.id < b.id ? 1 : -1)), target];
}

/** The later fixes of the target's slots, and those of the slots that they changed as well, and so on. */
function onTopOf(target: Fix, later: readonly Fix[]): Fix[] {
  const slots = new Set(Object.keys(target.after));
  const above = new Set<Fix>();
  for (let before = -1; before < above.size; ) {
    before = above.size;
    for (const fix of later) {
      if (fix.id <= target.id || !Object.keys(fix.after).some((slot) => slots.has(slot))) continue;
      above.add(fix);
      for (const slot of Object.keys(fix.after)) slots.add(slot);
    }
  }
  return [...above];
}

/**
 * Controls that would take back what is put back: drifted now, and with a lens on the same configuration. They are exempt
 * as they are, not by their slots: another drift that one of their slots would close stays somebody's to close.
 */
export function undoing({ slots }: Seen, others: readonly Look[]): string[] {
  return others.flatMap((look) =>
    isSeen(look) && look.verdict.status === 'NON_COMPLIANT' && Object.keys(look.slots).some((slot) => slot in slots)
      ? look.control.id
      : [],
  );
}

/** What is to be put back, and what stands in the way. */
export function compare(fix: Fix, slots: SlotValues): { back: SlotValues; differences: Difference[] } {
  const back: Record<string, unknown> = {};
  const differences: Difference[] = [];
  for (const [slot, before] of Object.entries(fix.before)) {
    const now = slots[slot] ?? null;
    if (same(now, before)) continue;
    const ours = fix.observed && slot in fix.observed ? fix.observed[slot] : fix.after[slot];
    if (same(now, ours) || same(now, fix.after[slot])) back[slot] = before;
    else differences.push({ slot, now, ours, before });
  }
  return { back, differences };
}
