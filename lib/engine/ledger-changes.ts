import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ResourceKey } from '../resource.ts';
import type { Held } from './ledger.ts';
import {
  EMPTY_DAYS,
  earliest,
  isEmpty,
  MAX_INBOX,
  N,
  NEVER,
  PAUSE_KEY,
  PAUSE_PREFIX,
  S,
  secondsAfterDays,
  shardOf,
  stateKey,
  stateText,
} from './ledger-items.ts';
import type { Change } from './ledger-write.ts';
import {
  type InboxEntry,
  type Lease,
  type Pauses,
  RECORD_VERSION,
  type ResourceRecord,
  type ResourceState,
} from './record.ts';

/* Every write of the ledger's protocol: what it changes, and on which condition. */

/** A lease may be taken: it is nobody's, ours, or has run out. */
const FREE = '(attribute_not_exists(#owner) OR #owner = :me OR #until < :now)';

/** Nothing that a newer Suture wrote is written over. */
const KNOWN_VERSION = '(attribute_not_exists(#v) OR #v <= :v)';

type Fields = Record<string, AttributeValue | undefined>;

/** For whoever reads the table. */
const readable = ({ partition, account, region, type, id }: ResourceKey): Fields => ({
  partition: S(partition),
  account: S(account),
  region: S(region),
  type: S(type),
  id: S(id),
});

const leasedTo = (lease: Lease | undefined): Fields => ({
  owner: lease && S(lease.owner),
  until: lease && N(lease.until),
});

const dueAt = (key: ResourceKey, at: number | undefined): Fields => ({
  due: at === undefined ? undefined : S(shardOf(key)),
  lookAt: at === undefined ? undefined : N(at),
});

/**
 * Nobody can do anything about a resource while its lease lives, so it is not due before: the agenda never hands out what
 * is being worked on. From then on it is, whatever its agenda says, so that whoever died over it is found.
 */
const dueWhileHeld = (key: ResourceKey, { until }: Lease): Fields => dueAt(key, until);

/** `keep` is what a later cover takes for `expires`: whoever covers an item does not know whether it holds anything. */
const kept = (): Fields => ({ keep: N(NEVER), expires: undefined });
const forgotten = (now: number): Fields => ({
  keep: undefined,
  expires: N(secondsAfterDays(now, EMPTY_DAYS)),
});

/**
 * Takes or renews the lease and stores the state. The generation fences off a write of ours that was held up on its way:
 * it finds that something has been stored since, even where we are still the owner.
 */
export const hold = ({ key, gen }: ResourceRecord, lease: Lease, body: string, nonce: string, now: number): Change => ({
  key: stateKey(key),
  fields: {
    ...readable(key),
    ...leasedTo(lease),
    ...dueWhileHeld(key, lease),
    ...kept(),
    v: N(RECORD_VERSION),
    gen: N(gen + 1),
    body: S(body),
    took: S(nonce),
  },
  when: `${gen === 0 ? 'attribute_not_exists(#pk)' : '#gen = :gen'} AND ${FREE}`,
  values: { ...(gen > 0 && { gen: N(gen) }), me: S(lease.owner), now: N(now) },
});

/** Stores the state and gives the lease back, unless there are notes that were not seen. */
export const giveBack = ({ key, owner, seen }: Held, state: ResourceState, nonce: string, now: number): Change => ({
  key: stateKey(key),
  fields: {
    ...leasedTo(undefined),
    ...dueAt(key, earliest(state)),
    ...(isEmpty(state) ? forgotten(now) : kept()),
    body: S(stateText(key, state, [])),
    released: S(nonce),
    inbox: undefined,
  },
  // The item is there, or the condition fails; an emulator may ask in the other order.
  also: '#gen = if_not_exists(#gen, :zero) + :one',
  when: '#owner = :me AND (attribute_not_exists(#inbox) OR size(#inbox) <= :seen)',
  values: { me: S(owner), seen: N(seen), zero: N(0), one: N(1) },
});

/** Leaves a note to a living holder; should it die, the agenda finds the note when the lease ends. */
export const addNote = (key: ResourceKey, owner: string, entry: InboxEntry, now: number): Change => ({
  key: stateKey(key),
  fields: { ...kept(), due: S(shardOf(key)) },
  also: '#inbox = list_append(if_not_exists(#inbox, :none), :entry), #lookAt = #until',
  when: '#owner = :owner AND #until >= :now AND (attribute_not_exists(#inbox) OR size(#inbox) < :most)',
  values: {
    owner: S(owner),
    now: N(now),
    most: N(MAX_INBOX),
    none: { L: [] },
    entry: { L: [S(JSON.stringify(entry))] },
  },
});

/** A change of generation on covering and again on giving back: nobody acts on what they read of it before or meanwhile. */
const COVERED = '#gen = if_not_exists(#gen, :zero) + :one, #expires = if_not_exists(#keep, :expires)';
const coveredValues = (now: number): Record<string, AttributeValue> => ({
  zero: N(0),
  one: N(1),
  expires: N(secondsAfterDays(now, EMPTY_DAYS)),
});

/** Leases an object that a plan writes besides its resource. */
export const cover = (object: ResourceKey, lease: Lease, now: number): Change => ({
  key: stateKey(object),
  fields: { ...readable(object), ...leasedTo(lease) },
  also: `#v = if_not_exists(#v, :v), ${COVERED}`,
  when: `${FREE} AND ${KNOWN_VERSION}`,
  values: { ...coveredValues(now), v: N(RECORD_VERSION), me: S(lease.owner), now: N(now) },
});

/** @param wake somebody left a note on it, which we, not working on it, have not seen */
export const uncover = (object: ResourceKey, owner: string, now: number, wake: boolean): Change => ({
  key: stateKey(object),
  fields: { ...leasedTo(undefined), ...(wake && dueAt(object, now)) },
  also: COVERED,
  when: wake ? '#owner = :me' : '#owner = :me AND attribute_not_exists(#inbox)',
  values: { ...coveredValues(now), me: S(owner) },
});

/** The same pause again is no other pause: an answer may have been lost. */
export function setPause(control: string, flag: Pauses[string]): Change {
  const text = S(JSON.stringify(flag));
  return {
    key: PAUSE_KEY,
    fields: { v: N(RECORD_VERSION), [PAUSE_PREFIX + control]: text },
    when: `${KNOWN_VERSION} AND (attribute_not_exists(#flag) OR #flag = :flag)`,
    values: { v: N(RECORD_VERSION), flag: text },
    names: { flag: PAUSE_PREFIX + control },
  };
}

export const takePauseAway = (control: string): Change => ({
  key: PAUSE_KEY,
  fields: { v: N(RECORD_VERSION), [PAUSE_PREFIX + control]: undefined },
  when: KNOWN_VERSION,
  values: { v: N(RECORD_VERSION) },
});
