import type { ActsOn } from '../aws/op.ts';
import type { Cause } from '../cause.ts';
import type { ResourceKey } from '../resource.ts';

/** Version of everything the ledger stores. A record newer than the code is refused: it may mean what we do not know. */
export const RECORD_VERSION = 1;

/** Slot values as stored: plain JSON, `null` for a slot that is not there. */
export type SlotValues = Readonly<Record<string, unknown>>;

/** A call as stored and shown: the operation's name and its input. */
export interface PlannedCall {
  readonly op: string;
  readonly input: unknown;
}

/** The durable record of one remediation or revert, written before its first write. */
export interface Intent {
  /** Sorts by time, unique: the evidence object's name. */
  readonly id: string;
  readonly kind: 'remediation' | 'revert';
  readonly control: string;
  readonly key: ResourceKey;
  /** ISO 8601. */
  readonly openedAt: string;
  readonly cause: Cause;
  /** The drift in words. */
  readonly reason: string;
  /** The slots this intent changes: as they were, and as they are to be. */
  readonly before: SlotValues;
  readonly after: SlotValues;
  readonly calls: readonly PlannedCall[];
  /** The slots as read after the fix: what the service made of `after`. Absent while the result has not been seen. */
  readonly observed?: SlotValues;
  /** For `kind: 'revert'`: the intent taken back, by whom and why. */
  readonly reverts?: { readonly intent: string; readonly by: string; readonly reason: string };
}

/** An intent that has been told: evidence and finding are out. Kept for revert. */
export interface SettledIntent extends Intent {
  readonly settledAt: string;
  /** ABANDONED: its mode was changed, or the resource vanished, before it held. */
  readonly outcome: 'VERIFIED' | 'PENDING' | 'ABANDONED' | 'REVERTED';
  /** The intent that took it back. */
  readonly revertedBy?: string;
}

/**
 * Why something is looked at again: `unsettled`, `pending` by its verdict; `stale` a fix is not seen yet; `gone` not found
 * once; `young` an event faster than the state it tells of; `unsent` Security Hub did not take the finding; `conflict`
 * another run holds what the plan would write; `held`, `paused`, `exempt` a decision that ends; `error` a call failed or
 * the run may have died.
 */
export type Why =
  | 'unsettled'
  | 'pending'
  | 'stale'
  | 'gone'
  | 'throttled'
  | 'unsent'
  | 'young'
  | 'held'
  | 'paused'
  | 'conflict'
  | 'exempt'
  | 'error';

/** Something to look at again. */
export interface AgendaEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly why: Why;
  readonly cause: Cause;
  /** How often it has been looked at for this reason: what a back-off counts. */
  readonly tries: number;
  /** When it was first put here for this reason, ms since the epoch: what the alarm after five minutes counts from. */
  readonly since: number;
}

/**
 * A finding as Security Hub last accepted it. One that is PASSED is remembered too, for as long as Security Hub keeps it:
 * its workflow was set to RESOLVED, and has to be set back should it fail again.
 */
export interface ReportedFinding {
  readonly compliance: 'PASSED' | 'FAILED' | 'WARNING';
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly createdAt: string;
  readonly workflow: 'NEW' | 'SUPPRESSED' | 'RESOLVED';
  /** The verdict in words: while a fix that was told is PENDING for the same reason, there is no news. */
  readonly reason: string;
  /** Who caused the drift: a later event that only says "look" must not hide it. */
  readonly cause: Cause;
}

/** A dated, owned, reasoned decision not to act on a control of this resource; for now written only by revert. */
export interface Exemption {
  /** Slots that are to be left alone, whichever control asks for them. */
  readonly slots: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly since: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** What is known of one resource. Written only by whoever holds its lease. */
export interface ResourceState {
  /** Open intents by control: the outbox. Settled ones leave. */
  readonly intents: Readonly<Record<string, Intent>>;
  readonly findings: Readonly<Record<string, ReportedFinding>>;
  /** Times of fixes, ms since the epoch, of the last 24 hours, by control. */
  readonly fixes: Readonly<Record<string, readonly number[]>>;
  readonly agenda: Readonly<Record<string, AgendaEntry>>;
  readonly exemptions: Readonly<Record<string, Exemption>>;
  /** Since when reads say it does not exist, ms since the epoch. */
  readonly missingSince?: number;
}
export const EMPTY_STATE: ResourceState = { intents: {}, findings: {}, fixes: {}, agenda: {}, exemptions: {} };

/** What others, not holding the lease, asked the holder to look at. */
export interface InboxEntry {
  readonly controls: readonly string[];
  readonly cause: Cause;
}

/** One resource's item as read, strongly consistent. */
export interface ResourceRecord {
  readonly key: ResourceKey;
  /** 0 when there is no item yet. Rises with every write of a lease holder. */
  readonly gen: number;
  readonly lease?: Lease;
  readonly inbox: readonly InboxEntry[];
  readonly state: ResourceState;
}

export interface Lease {
  readonly owner: string;
  /** Milliseconds since the epoch; after it, anybody may take over. */
  readonly until: number;
}

/** Who paused what. `'*'` is every control. */
export type Pauses = Readonly<Record<string, { readonly by: string; readonly reason: string; readonly at: string }>>;

export type { ActsOn };
