import type { AnyTypeSpec } from '../aws/type.ts';
import type { Cause } from '../cause.ts';
import type { AnyControl } from '../control.ts';
import type { ResourceKey } from '../resource.ts';

/** One resource that an event says to look at, with the controls to look with. */
export interface Target {
  /** When `lookup` is given, `key.id` is what the event named, and the type's lookup of that name turns it into ids. */
  readonly key: ResourceKey;
  readonly controls: readonly string[];
  readonly lookup?: string;
}

/** Where one event leads. Each outcome but `matched` changes nothing and is recorded once, with its reason in words. */
export type Match =
  | {
      readonly outcome: 'matched';
      readonly cause: Cause;
      readonly targets: readonly Target[];
      /** Why other resources that the event names are not among the targets. Absent when there are none. */
      readonly passedOver?: readonly string[];
    }
  /** Understood, and nothing to do: a failed call, a PASSED finding, our own doing, a call no control listens to. */
  | { readonly outcome: 'ignored'; readonly reason: string }
  /** Not what such an event looks like, or envelope and detail disagree on account or region. */
  | { readonly outcome: 'malformed'; readonly reason: string }
  /** It concerns us, and does not say which resource: somebody must look. */
  | { readonly outcome: 'unresolved'; readonly reason: string };

export interface MatchContext {
  readonly controls: readonly AnyControl[];
  readonly types: readonly AnyTypeSpec[];
  /** Exact ARNs of Suture's own function roles: their calls are not followed. A session's name or a prefix proves nothing. */
  readonly ownRoles: readonly string[];
}
