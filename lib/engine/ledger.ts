import type { ResourceKey } from '../resource.ts';
import type { ActsOn, InboxEntry, Lease, Pauses, ResourceRecord, ResourceState, SettledIntent } from './record.ts';

/**
 * The ledger: one item per resource, with generation, lease, open intents, reported findings and agenda.
 *
 * The protocol, which every implementation keeps:
 * - `take`, `keep` and `release` are one conditional write each; all of their parts happen or none.
 * - Only the holder of the lease changes `state`; anybody may append to a holder's `inbox`.
 * - Reads are strongly consistent.
 * - A write whose answer was lost and that is sent again by the SDK reads as ours: `take` compares the owner's token.
 */
export interface Ledger {
  /** The resource's record and the pause flags. Throws when either cannot be read: without them nothing may be written. */
  read(key: ResourceKey): Promise<{ readonly record: ResourceRecord; readonly pauses: Pauses }>;

  /**
   * Takes the lease and stores `state`, on condition that the record still has `record.gen` and no live owner other than
   * us, and that no object in `covers` (other than the resource itself) has a live owner other than us.
   * Objects are leased in the same conditional write, under their own keys (same partition, account and region).
   * Called while already holding (same `lease.owner`), it renews the lease and stores the new state. The generation fences
   * then too: `record` is what the last `take` or `release` answered, and a stale one answers `moved`.
   * While it is held, the resource is due at `lease.until`, whatever its agenda says: a run that dies is then found.
   * @returns the record as it now is, or what stands in the way
   */
  take(record: ResourceRecord, lease: Lease, state: ResourceState, covers: readonly ActsOn[]): Promise<Taken>;

  /**
   * Stores `state`, adds `settled` to the history and gives back the lease (that of covered objects too) on condition
   * that we are the owner and the inbox has no more than the `seen` entries already worked off.
   * The next due time (earliest `at` of the agenda) becomes visible to `due`.
   */
  release(held: Held, state: ResourceState, settled: readonly SettledIntent[]): Promise<Released>;

  /** Appends to the inbox on condition that `owner` still holds the lease. @returns false when it no longer does */
  leave(key: ResourceKey, owner: string, entry: InboxEntry): Promise<boolean>;

  /** Settled intents of a resource, newest first. */
  history(key: ResourceKey): AsyncIterable<SettledIntent>;

  /** Keys of resources with something due at `now` (ms), earliest first, at most `limit`. May be eventually consistent. */
  due(now: number, limit: number): AsyncIterable<ResourceKey>;

  pause(control: string, flag: Pauses[string]): Promise<void>;
  resume(control: string): Promise<void>;
  pauses(): Promise<Pauses>;
}

export interface Held {
  readonly key: ResourceKey;
  readonly owner: string;
  readonly covers: readonly ActsOn[];
  /** How many inbox entries were there when we last read it: they are worked off. */
  readonly seen: number;
}
export type Taken =
  | { readonly ok: true; readonly record: ResourceRecord }
  /** Another run holds the resource. */
  | { readonly ok: false; readonly why: 'owned'; readonly owner: string }
  /** The record changed since it was read and nobody holds it: start over. */
  | { readonly ok: false; readonly why: 'moved' }
  /** Another run holds an object the plan would write. */
  | { readonly ok: false; readonly why: 'covered'; readonly object: ActsOn };
export type Released =
  | { readonly ok: true }
  /** The inbox has more: the lease is still ours. */
  | { readonly ok: false; readonly why: 'inbox'; readonly record: ResourceRecord }
  /** The lease is no longer ours: what we hold is out of date. */
  | { readonly ok: false; readonly why: 'lost' };
