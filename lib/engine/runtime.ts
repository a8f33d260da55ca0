import type { InputOf, Op, OutputOf } from '../aws/op.ts';
import type { Cause } from '../cause.ts';
import type { ResourceKey } from '../resource.ts';
import type { Settings } from '../settings.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './findings.ts';
import type { Ledger } from './ledger.ts';

/** Longest one request may take. No write starts with less than this left: what is sent must be answered within the lease. */
export const WRITE_TIMEOUT_MS = 5_000;

/** A lease outlives its holder's process by this much: clocks differ, and a last write may still be on its way. */
export const LEASE_MARGIN_MS = 15_000;

/** A write is read back at these moments after it, in ms: AWS may show the state before it for a while. */
export const READ_BACK_AFTER_MS: readonly number[] = [0, 250, 1_500];

/** Sends any operation in the account and region of one resource. Undefined only for an optional read that found nothing. */
export type Send = <O extends Op>(op: O, input: InputOf<O>) => Promise<OutputOf<O>>;

/** Everything the engine touches outside itself. One per invocation; nothing in it outlives the invocation but cached clients. */
export interface Runtime {
  readonly settings: Settings;
  readonly send: (key: Pick<ResourceKey, 'account' | 'region'>) => Send;
  readonly ledger: Ledger;
  readonly evidence: EvidenceStore;
  readonly hub: FindingHub;
  readonly clock: Clock;
  /** Milliseconds until this process is stopped: no promise of ours may outlive it. */
  readonly remaining: () => number;
  /** A token no other run has: who holds a lease. */
  readonly newToken: () => string;
  readonly log: Log;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Where evidence is written, once. */
export interface EvidenceStore {
  /** Writes the object for this intent unless it is already there; resolves only when it is durable. */
  put(evidence: Evidence): Promise<void>;
}

/** Security Hub, as the engine needs it. */
export interface FindingHub {
  /**
   * Imports findings of one account and region and sets their workflow.
   * @returns the ids of the findings Security Hub accepted; the others go to the agenda
   */
  publish(findings: readonly Finding[]): Promise<ReadonlySet<string>>;
}

/** One line of JSON per call. `fields` never holds object data, parameter values or request bodies. */
export interface Log {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  error(message: string, fields: LogFields): void;
  /** Adds to a metric that alarms and dashboard read. */
  count(metric: Metric, value?: number): void;
}
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
export type Metric =
  | 'EventsMatched'
  | 'EventsDropped'
  | 'DriftFound'
  | 'DriftFixed'
  | 'VerificationFailed'
  | 'AccessDenied'
  | 'FixFailed'
  | 'Held'
  | 'FindingsRefused'
  | 'TimeToClosed';

/** One call for reconcile: which resource, which controls, and what woke us. */
export interface Request {
  readonly key: ResourceKey;
  readonly controls: readonly string[];
  readonly cause: Cause;
}
