import type { AnyTypeSpec } from './aws/type.ts';
import type { Cause } from './cause.ts';
import type { AnyControl } from './control.ts';
import { told } from './engine/errors.ts';
import { type Outcome, reconcile } from './engine/reconcile.ts';
import type { Runtime } from './engine/runtime.ts';
import type { ResourceKey } from './resource.ts';
import { match } from './triggers/index.ts';
import type { Match, Target } from './triggers/match.ts';

/** What the agenda hands to a family's function: resources with something due. */
export interface LookRequest {
  readonly suture: 'look';
  readonly keys: readonly ResourceKey[];
}

export interface Handled {
  readonly match: Match;
  readonly resources: readonly HandledResource[];
}
export interface HandledResource {
  readonly key: ResourceKey;
  /** Absent when it failed. */
  readonly outcome?: Outcome;
  /** Why this resource could not be handled; the others were. */
  readonly error?: Error;
}

export interface Catalogue {
  readonly controls: readonly AnyControl[];
  readonly types: readonly AnyTypeSpec[];
  /** Exact ARNs of Suture's function roles. */
  readonly ownRoles: readonly string[];
}

/** Resources of one event that are looked at side by side: enough to hide latency, few enough not to be throttled. */
const SIDE_BY_SIDE = 5;

/**
 * One event, from its envelope to the last finding. The same for Lambda, the command line and tests.
 * A resource that fails does not keep the others from being handled; its error is in the answer.
 */
export async function handle(event: unknown, catalogue: Catalogue, runtime: Runtime): Promise<Handled> {
  if (isLookRequest(event)) return lookAgainAt(event, catalogue, runtime);
  const matched = match(event, catalogue);
  if (matched.outcome !== 'matched') {
    const level = matched.outcome === 'ignored' ? 'info' : 'warn';
    runtime.log[level](`Event ${matched.outcome}.`, { reason: matched.reason });
    runtime.log.count('EventsDropped');
    return { match: matched, resources: [] };
  }
  runtime.log.count('EventsMatched');
  if (matched.passedOver) runtime.log.warn('Resources of the event passed over.', { reasons: matched.passedOver });
  const resources: HandledResource[] = [];
  for (const target of matched.targets) {
    resources.push(...(await handleTarget(target, matched.cause, catalogue, runtime)));
  }
  return { match: matched, resources };
}

export const isLookRequest = (event: unknown): event is LookRequest =>
  typeof event === 'object' && event !== null && 'suture' in event && event.suture === 'look';

async function lookAgainAt({ keys }: LookRequest, catalogue: Catalogue, runtime: Runtime): Promise<Handled> {
  const time = new Date(runtime.clock.now()).toISOString();
  const cause: Cause = { source: 'agenda', eventId: '', eventName: 'agenda', time, origin: 'looks' };
  const targets = keys.map((key): Target => ({ key, controls: [] }));
  return {
    match: { outcome: 'matched', cause, targets },
    resources: await inTurn(keys, (key) => one(key, [], cause, catalogue, runtime)),
  };
}

async function handleTarget(
  { key, controls, lookup }: Target,
  cause: Cause,
  catalogue: Catalogue,
  runtime: Runtime,
): Promise<HandledResource[]> {
  if (!lookup) return [await one(key, controls, cause, catalogue, runtime)];
  const spec = catalogue.types.find(({ name }) => name === key.type);
  const find = spec?.lookups?.[lookup];
  if (!spec || !find) throw new Error(`${key.type} has no lookup ${lookup}: add it to its type in lib/aws.`);
  const ids: string[] = [];
  try {
    for await (const id of find(key.id, runtime.send(key))) ids.push(id);
  } catch (error) {
    return [{ key, error: asError(error) }];
  }
  return inTurn(ids, (id) => one({ ...key, id }, controls, cause, catalogue, runtime));
}

async function one(
  key: ResourceKey,
  controls: readonly string[],
  cause: Cause,
  catalogue: Catalogue,
  runtime: Runtime,
): Promise<HandledResource> {
  try {
    return { key, outcome: await reconcile({ key, controls, cause }, catalogue.controls, runtime) };
  } catch (thrown) {
    const error = asError(thrown);
    runtime.log.error('Resource not handled.', { resource: key.id, type: key.type, error: told(error) });
    return { key, error };
  }
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += SIDE_BY_SIDE) {
    results.push(...(await Promise.all(items.slice(start, start + SIDE_BY_SIDE).map(work))));
  }
  return results;
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
