import type { InputOf, Op, OutputOf, ReadOp, WriteOp } from './aws/op.ts';
import type { Citation } from './hipaa.ts';
import type { ResourceKey, TypeName } from './resource.ts';
import type { Settings } from './settings.ts';

/** What a reason's `{{name}}` placeholders are filled from. Never a secret, never object data. */
export type Data = Readonly<Record<string, string | number | undefined>>;

/** A write as plain data: it can be shown, stored and replayed before it is ever sent. */
export type Call<W extends WriteOp = WriteOp> = W extends WriteOp
  ? {
      readonly op: W;
      readonly input: InputOf<W>;
      /** Names of the errors that mean "already so". */
      readonly accept?: readonly string[];
    }
  : never;

/** Sends a declared operation; an operation that the control does not declare does not compile. */
export type Caller<D extends Op> = <O extends D>(op: O, input: InputOf<O>) => Promise<OutputOf<O>>;

/** One judgement of one control on one observed state. */
export type Verdict<R extends string = string, V = Readonly<Record<string, unknown>>> =
  | { readonly status: 'COMPLIANT' }
  | { readonly status: 'NOT_APPLICABLE'; readonly reason: R; readonly data?: Data }
  /** Configured, not yet in force: reported as FAILED with the reason. */
  | { readonly status: 'PENDING'; readonly reason: R; readonly data?: Data; readonly lookAgainSeconds?: number }
  /** Creating or modifying: can neither be judged nor changed now. */
  | { readonly status: 'UNSETTLED'; readonly reason: R; readonly data?: Data; readonly lookAgainSeconds: number }
  | {
      readonly status: 'NON_COMPLIANT';
      readonly reason: R;
      readonly data?: Data;
      /** The slots that would make it compliant, with their values; `'manual'` when no write of ours can. */
      readonly desired: Partial<V> | 'manual';
      /** Others that the fix also changes or cuts off, each named in words. Not empty: a person decides. */
      readonly blastRadius?: readonly string[];
      /** The fix takes effect only with a reboot, failover or the like. Asks a person unless the drift is fresh. */
      readonly takesEffect?: 'later';
    };

/** How an event that names the resource bears on its drift; see `Origin`. */
export type Trigger = {
  /** CloudTrail's `eventSource`, e.g. `s3.amazonaws.com`. */
  readonly source: `${string}.amazonaws.com`;
  /** Event name as CloudTrail writes it (not always the API's) -> what it proves. */
  readonly events: Readonly<Record<string, Origin>>;
};

/**
 * What an event proves about drift found after it:
 * `creates` the resource was made from nothing (fresh); `restores` made by restore, copy, replica or promotion (established clients);
 * `opens` the call can only loosen; `changes` it depends on the parameters; `looks` the event changes nothing itself.
 */
export type Origin = 'creates' | 'restores' | 'opens' | 'changes' | 'looks';

/** A requirement on one kind of resource: metadata, one read, one pure judgement, one pure lens. Only the engine writes. */
export interface Control<
  S,
  R extends string,
  V extends Readonly<Record<string, unknown>>,
  D extends ReadOp,
  F extends WriteOp,
  B extends WriteOp,
> {
  /** Service and file name: `functions/s3/bucket-kms-encryption.ts` is `s3-bucket-kms-encryption`. */
  readonly id: string;
  /** The compliant state, in the present tense: "RDS databases refuse connections without TLS". */
  readonly title: string;
  /** Why it matters for ePHI. */
  readonly rationale: string;
  /** What it leaves alone, on purpose. */
  readonly limits?: string;
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
  /** Open to the public: never held, never waits for a window. */
  readonly exposure?: true;
  /** What the fix may disturb. */
  readonly impact: 'none' | 'cost' | 'may-reject-clients' | 'interrupts';
  readonly reverts: 'fully' | { readonly partly: string } | { readonly not: string };
  readonly hipaa: readonly [Citation, ...Citation[]];
  /** Other systems' names for the same drift. For documentation and comparison, never for routing. */
  readonly mapsTo: {
    readonly configRules?: readonly string[];
    readonly securityHub?: readonly string[];
    readonly guardDuty?: readonly string[];
  };
  readonly resources: readonly [TypeName, ...TypeName[]];
  /** CloudTrail calls that lead here; Config and Security Hub route by resource type. */
  readonly triggers: readonly Trigger[];
  /** Reason -> a sentence in which `{{name}}` is filled from the verdict's data. */
  readonly reasons: Readonly<Record<R, string>>;
  readonly reads: readonly D[];
  /** `fix`: what a listening function may call. `revert`: operations that only taking back needs; they never enter its role. */
  readonly writes: { readonly fix: readonly F[]; readonly revert: readonly B[] };

  /** Reads what the judgement needs; keeps what is judged, not all that was read. Decides nothing. */
  observe(key: ResourceKey, call: Caller<D>, settings: Settings): Promise<S>;
  /** The lens: the configuration this control judges and may change, in its smallest parts. Plain JSON; a slot that is not there is `null` or absent. */
  get(state: S): V;
  /** Judges that state and says what would repair it. Pure: no clock, no network, no environment. */
  evaluate(state: S, context: Context): Verdict<NoInfer<R>, NoInfer<V>>;
  /** The lens back: the calls that bring these slots to these values, from THIS state. A slot given as `null` is to be taken away. */
  set(state: S, slots: Partial<NoInfer<V>>): readonly Call<NoInfer<F | B>>[];
}

export interface Context {
  readonly settings: Settings;
  /** When the state was observed. */
  readonly now: Date;
  readonly key: ResourceKey;
}

/** Any control, as the engine sees it: what it observes and its slots are opaque. */
// biome-ignore lint/suspicious/noExplicitAny: the state is the control's own business; the engine only hands it back
export type AnyControl = Control<any, string, any, any, any, any>;

/** Gives a control its types; returns it unchanged. */
export const defineControl = <
  S,
  const R extends string,
  V extends Readonly<Record<string, unknown>>,
  D extends ReadOp,
  F extends WriteOp,
  B extends WriteOp,
>(
  control: Control<S, R, V, D, F, B>,
): Control<S, R, V, D, F, B> => control;
