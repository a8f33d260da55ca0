import type { Origin } from '../control.ts';
import { keyString, type ResourceKey, type TypeName } from '../resource.ts';
import type { Envelope } from './envelope.ts';
import type { Named } from './locate/locator.ts';
import type { MatchContext, Target } from './match.ts';

/** Every control of a type: where an event says that something is wrong, and not what. */
export const controlsOf = (type: TypeName, { controls }: MatchContext): readonly string[] =>
  controls.filter(({ resources }) => resources.includes(type)).map(({ id }) => id);

/** The controls that name this CloudTrail call, each with what it says the call proves. */
export const listenersOf = (source: string, event: string, { controls }: MatchContext) =>
  controls.flatMap(({ id, resources, triggers }) => {
    const origins = triggers.filter((trigger) => trigger.source === source && Object.hasOwn(trigger.events, event));
    return origins.length > 0 ? [{ id, resources, origin: weakest(origins.map(({ events }) => events[event]!)) }] : [];
  });

/** The types whose resources this CloudTrail call deletes. */
export const deletedBy = (source: string, event: string, { types }: MatchContext): readonly TypeName[] =>
  types
    .filter((type) => type.deletedBy.source === source && type.deletedBy.events.includes(event))
    .map(({ name }) => name);

/** From what licenses a fix least to what licenses it most. */
const STRENGTH: readonly Origin[] = ['looks', 'restores', 'changes', 'opens', 'creates'];

/** Where controls claim different things of one call, the claim that licenses least: one event has one cause. */
export const weakest = (origins: readonly Origin[]): Origin =>
  STRENGTH.find((origin) => origins.includes(origin)) ?? 'looks';

/** The full identity of what an event names, in the envelope's account and, unless it says another, in its region. */
export const keyOf = ({ type, id, region }: Named, envelope: Envelope): ResourceKey => ({
  partition: envelope.partition,
  account: envelope.account,
  region: region ?? envelope.region,
  type,
  id,
});

/** The same resource named twice, by two findings or twice in one, is one target. */
export function merged(targets: readonly Target[]): readonly Target[] {
  const byKey = new Map<string, Target>();
  for (const target of targets) {
    const name = `${target.lookup ?? ''} ${keyString(target.key)}`;
    const before = byKey.get(name);
    byKey.set(name, before ? { ...before, controls: [...new Set([...before.controls, ...target.controls])] } : target);
  }
  return [...byKey.values()];
}
