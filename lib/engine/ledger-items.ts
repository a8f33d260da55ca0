import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { ActsOn } from '../aws/op.ts';
import { digest, keyString, type ResourceKey, type TypeName } from '../resource.ts';
import {
  EMPTY_STATE,
  type InboxEntry,
  type Pauses,
  RECORD_VERSION,
  type ResourceRecord,
  type ResourceState,
  type SettledIntent,
} from './record.ts';

/*
 * The ledger's items and how they are read.
 *
 *   resource  pk resource#<key string>  sk state               v gen owner until inbox body due lookAt expires keep took released
 *   settled   pk resource#<key string>  sk intent#<time>#<id>  v control outcome intent expires
 *   pauses    pk pause                  sk pause               v control:<id or *>
 *
 * State, intents and inbox entries are JSON text: what comes back is what went in, whatever their values hold.
 */
export type Item = Record<string, AttributeValue>;

export const S = (text: string): AttributeValue => ({ S: text });
export const N = (number: number): AttributeValue => ({ N: String(number) });

/** Key of the item that holds who paused what. */
export const PAUSE_KEY: Item = { pk: S('pause'), sk: S('pause') };
export const PAUSE_PREFIX = 'control:';
export const SETTLED_PREFIX = 'intent#';
const RESOURCE_PREFIX = 'resource#';
const DAY_S = 86_400;

/**
 * An item that holds nothing is kept for its generation, until no run can be alive that has read an earlier one. Were it
 * deleted at once, a late run would find its generation matching on an item begun anew.
 */
export const EMPTY_DAYS = 30;

/** An `expires` that never comes (the end of the year 9999), in seconds since the epoch. */
export const NEVER = 253_402_300_799;

/** DynamoDB takes 400 KB per item; the rest is left for other attributes and for what others leave in the inbox. */
export const MAX_ITEM_BYTES = 380 * 1024;

/** So many notes wait for one holder at most: they count against the item's size. */
export const MAX_INBOX = 100;

/** The agenda's index is split, so that a backfill's thousands of entries do not fall on one partition. */
const SHARDS = 8;
export const ALL_SHARDS: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => `due#${shard}`);

/** Something in the ledger was written by a newer Suture than this one. It is left alone. */
export class RecordTooNew extends Error {
  override readonly name = 'RecordTooNew';
}

/** The record of a resource does not fit into one item. */
export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge';
}

/** The holder of a lease has more notes waiting than an item can carry: to be tried again. */
export class InboxFull extends Error {
  override readonly name = 'InboxFull';
}

export const partitionKey = (key: ResourceKey): string => RESOURCE_PREFIX + keyString(key);
export const stateKey = (key: ResourceKey): Item => ({ pk: S(partitionKey(key)), sk: S('state') });
export const shardOf = (key: ResourceKey): string => `due#${Number.parseInt(digest(keyString(key), 8), 16) % SHARDS}`;

/** The resource whose partition this is. */
export function keyOf(pk: string): ResourceKey {
  const [partition = '', account = '', region = '', type = '', ...id] = pk.slice(RESOURCE_PREFIX.length).split('|');
  return { partition, account, region, type: type as TypeName, id: id.join('|') };
}

/** Keys of the objects a plan writes besides the resource itself: once each, in the order in which everybody takes them. */
export function coveredKeys(key: ResourceKey, covers: readonly ActsOn[]): ResourceKey[] {
  const { partition, account, region } = key;
  const keys = covers.map(({ type, id }): ResourceKey => ({ partition, account, region, type, id }));
  const others = new Map(keys.map((each) => [keyString(each), each]));
  others.delete(keyString(key));
  return [...others].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** When to look again, ms since the epoch: the earliest time on the agenda. */
export function earliest({ agenda }: ResourceState): number | undefined {
  const times = Object.values(agenda).map(({ at }) => at);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Holds nothing that a later run would miss. */
export const isEmpty = (state: ResourceState): boolean =>
  state.missingSince === undefined &&
  [state.intents, state.findings, state.agenda, state.exemptions].every((part) => Object.keys(part).length === 0) &&
  Object.values(state.fixes).every((times) => times.length === 0);

export const secondsAfterDays = (ms: number, days: number): number => Math.floor(ms / 1000) + days * DAY_S;

/** @throws RecordTooLarge before anything is sent, so that the resource and the reason are named */
export function stateText(key: ResourceKey, state: ResourceState, inbox: readonly InboxEntry[]): string {
  const text = JSON.stringify(state);
  checkSize(`The record of ${keyString(key)}`, text, ...inbox.map((entry) => JSON.stringify(entry)));
  return text;
}

export function settledItem(key: ResourceKey, settled: SettledIntent, days: number): Item {
  const text = JSON.stringify(settled);
  checkSize(`Intent ${settled.id} of ${keyString(key)}`, text);
  const settledAt = Date.parse(settled.settledAt);
  return {
    pk: S(partitionKey(key)),
    sk: S(`${SETTLED_PREFIX}${new Date(settledAt).toISOString()}#${settled.id}`),
    v: N(RECORD_VERSION),
    control: S(settled.control),
    outcome: S(settled.outcome),
    intent: S(text),
    expires: N(secondsAfterDays(settledAt, days)),
  };
}

export function checkSize(what: string, ...texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= MAX_ITEM_BYTES) return;
  throw new RecordTooLarge(
    `${what} has ${bytes} bytes, and the ledger holds ${MAX_ITEM_BYTES} in one item: nothing was stored or changed. ` +
      'Look at what its open intents carry; the configuration of this resource has to be repaired by hand.',
  );
}

/** A resource's record from its item; one that is not there is generation 0. @throws RecordTooNew */
export function recordOf(key: ResourceKey, item: Item | undefined): ResourceRecord {
  checkVersion(`The record of ${keyString(key)}`, item);
  const owner = item?.owner?.S;
  return {
    key,
    gen: Number(item?.gen?.N ?? 0),
    ...(owner !== undefined && { lease: { owner, until: Number(item?.until?.N) } }),
    inbox: (item?.inbox?.L ?? []).map((entry): InboxEntry => JSON.parse(entry.S ?? 'null')),
    state: { ...EMPTY_STATE, ...JSON.parse(item?.body?.S ?? '{}') },
  };
}

/** @throws RecordTooNew */
export function settledOf(item: Item): SettledIntent {
  checkVersion(`Intent ${item.sk?.S} of ${item.pk?.S}`, item);
  return JSON.parse(item.intent?.S ?? 'null');
}

/** @throws RecordTooNew */
export function pausesOf(item: Item | undefined): Pauses {
  checkVersion('The record of what is paused', item);
  return Object.fromEntries(
    Object.entries(item ?? {})
      .filter(([name]) => name.startsWith(PAUSE_PREFIX))
      .map(([name, flag]) => [name.slice(PAUSE_PREFIX.length), JSON.parse(flag.S ?? 'null')]),
  );
}

/** @throws RecordTooNew */
export function checkVersion(what: string, item: Item | undefined): void {
  const version = Number(item?.v?.N ?? 0);
  if (version <= RECORD_VERSION) return;
  throw new RecordTooNew(
    `${what} has version ${version}, and this Suture knows ${RECORD_VERSION}: it was written by a newer one and is left alone. ` +
      'Upgrade this deployment, or this command line, to the version that wrote it.',
  );
}
