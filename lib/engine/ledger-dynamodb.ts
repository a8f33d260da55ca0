import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { ActsOn } from '../aws/op.ts';
import { keyString, type ResourceKey } from '../resource.ts';
import type { Held, Ledger, Released, Taken } from './ledger.ts';
import { addNote, cover, giveBack, hold, setPause, takePauseAway, uncover } from './ledger-changes.ts';
import {
  ALL_SHARDS,
  checkVersion,
  coveredKeys,
  InboxFull,
  type Item,
  keyOf,
  MAX_INBOX,
  N,
  PAUSE_KEY,
  partitionKey,
  pausesOf,
  recordOf,
  S,
  SETTLED_PREFIX,
  settledItem,
  settledOf,
  stateKey,
  stateText,
} from './ledger-items.ts';
import { AGENDA_INDEX } from './ledger-table.ts';
import { type Change, type Refused, update, writeAll } from './ledger-write.ts';
import { merged } from './merged.ts';
import { checkPause, PausedAlready } from './pause.ts';
import type { InboxEntry, Lease, Pauses, ResourceRecord, ResourceState, SettledIntent } from './record.ts';
import type { Clock } from './runtime.ts';

export interface DynamoLedgerOptions {
  /** Name of the table, made as `LEDGER_TABLE` says. */
  readonly table: string;
  /** Judges whether a lease lives: the clock of whoever wants it. `until` has a margin for clocks that differ. */
  readonly clock: Clock;
  /** How long a settled intent stays to be reverted, in days. Evidence stays as long as the law asks, elsewhere. */
  readonly historyDays?: number;
}

/** The ledger in one DynamoDB table. Throttling and lost answers are for the client given to it to send again. */
export class DynamoLedger implements Ledger {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #historyDays: number;

  constructor(client: DynamoDBClient, { table, clock, historyDays = 90 }: DynamoLedgerOptions) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
    this.#historyDays = historyDays;
  }

  async read(key: ResourceKey): Promise<{ record: ResourceRecord; pauses: Pauses }> {
    const [item, pauses] = await this.#getAll([stateKey(key), PAUSE_KEY]);
    return { record: recordOf(key, item), pauses: pausesOf(pauses) };
  }

  async take(record: ResourceRecord, lease: Lease, state: ResourceState, covers: readonly ActsOn[]): Promise<Taken> {
    const { key, gen, inbox } = record;
    const now = this.#clock.now();
    const nonce = randomUUID();
    const body = stateText(key, state, inbox);
    const objects = coveredKeys(key, covers);
    const own = hold(record, lease, body, nonce, now);
    const refused = await this.#write(own, ...objects.map((object) => this.#update(cover(object, lease, now))));
    const taken: Taken = { ok: true, record: { key, gen: gen + 1, lease, inbox, state: JSON.parse(body) } };
    if (!refused) return taken;
    if (refused.has(0)) {
      const item = refused.get(0);
      // The answer to the first attempt was lost, and the SDK has sent it again.
      if (item?.took?.S === nonce && item.owner?.S === lease.owner) return taken;
      checkVersion(`The record of ${keyString(key)}`, item);
      return ownedByAnother(item, lease.owner, now) ?? { ok: false, why: 'moved' };
    }
    const first = Math.min(...refused.keys());
    const { type, id } = objects[first - 1]!;
    checkVersion(`The record of ${type} ${id}`, refused.get(first));
    return { ok: false, why: 'covered', object: { type, id } };
  }

  async release(held: Held, state: ResourceState, settled: readonly SettledIntent[]): Promise<Released> {
    const { key, owner } = held;
    const now = this.#clock.now();
    const nonce = randomUUID();
    const own = giveBack(held, state, nonce, now);
    const history = settled.map(
      (each): TransactWriteItem => ({
        Put: { TableName: this.#table, Item: settledItem(key, each, this.#historyDays) },
      }),
    );
    let objects = coveredKeys(key, held.covers).map((object) => ({ object, wake: false }));
    for (;;) {
      const uncovers = objects.map(({ object, wake }) => this.#update(uncover(object, owner, now, wake)));
      const refused = await this.#write(own, ...uncovers, ...history);
      if (!refused) return { ok: true };
      if (refused.has(0)) return notReleased(held, nonce, refused.get(0));
      // An object whose lease ran out and went to another is theirs now. One still ours has a note: the agenda is to see it.
      objects = objects.flatMap((each, index) => {
        if (!refused.has(index + 1)) return [each];
        return refused.get(index + 1)?.owner?.S === owner && !each.wake ? [{ ...each, wake: true }] : [];
      });
    }
  }

  async leave(key: ResourceKey, owner: string, entry: InboxEntry): Promise<boolean> {
    const now = this.#clock.now();
    const refused = await this.#write(addNote(key, owner, entry, now));
    if (!refused) return true;
    const item = refused.get(0);
    if (item?.owner?.S !== owner || Number(item.until?.N) < now) return false;
    throw new InboxFull(
      `${keyString(key)} is being worked on, and ${MAX_INBOX} notes already wait there; this one has to come again.`,
    );
  }

  async *history(key: ResourceKey): AsyncIterable<SettledIntent> {
    const items = this.#query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': S(partitionKey(key)), ':prefix': S(SETTLED_PREFIX) },
      ScanIndexForward: false,
      ConsistentRead: true,
    });
    for await (const item of items) yield settledOf(item);
  }

  async *due(now: number, limit: number): AsyncIterable<ResourceKey> {
    const shards = ALL_SHARDS.map((shard) =>
      this.#query({
        IndexName: AGENDA_INDEX,
        KeyConditionExpression: 'due = :due AND lookAt <= :now',
        ExpressionAttributeValues: { ':due': S(shard), ':now': N(now) },
        Limit: Math.min(Math.max(limit, 1), 100),
      }),
    );
    for await (const item of merged(shards, ({ lookAt }) => Number(lookAt?.N), limit)) yield keyOf(item.pk?.S ?? '');
  }

  async pause(control: string, flag: Pauses[string]): Promise<void> {
    const refused = await this.#write(setPause(control, checkPause(control, flag)));
    if (refused) throw new PausedAlready(control, pausesOf(refused.get(0))[control]!);
  }

  async resume(control: string): Promise<void> {
    const refused = await this.#write(takePauseAway(control));
    if (refused) pausesOf(refused.get(0));
  }

  async pauses(): Promise<Pauses> {
    return pausesOf(await this.#get(PAUSE_KEY));
  }

  /** In one request, since every fix waits for it. What DynamoDB leaves out of a batch is asked for by itself. */
  async #getAll(keys: readonly Item[]): Promise<(Item | undefined)[]> {
    const table = this.#table;
    const { Responses, UnprocessedKeys } = await this.#client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...keys], ConsistentRead: true } } }),
    );
    const of = (items: readonly Item[] | undefined, key: Item): Item | undefined =>
      items?.find(({ pk, sk }) => pk?.S === key.pk?.S && sk?.S === key.sk?.S);
    return Promise.all(
      keys.map((key) => (of(UnprocessedKeys?.[table]?.Keys, key) ? this.#get(key) : of(Responses?.[table], key))),
    );
  }

  async #get(key: Item): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetItemCommand({ TableName: this.#table, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  async *#query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item> {
    let from: Item | undefined;
    do {
      const page = await this.#client.send(
        new QueryCommand({ ...input, TableName: this.#table, ExclusiveStartKey: from }),
      );
      yield* page.Items ?? [];
      from = page.LastEvaluatedKey;
    } while (from);
  }

  #update(change: Change): TransactWriteItem {
    return { Update: update(this.#table, change) };
  }

  #write(change: Change, ...others: readonly TransactWriteItem[]): Promise<Refused | undefined> {
    return writeAll(this.#client, this.#clock, update(this.#table, change), ...others);
  }
}

function ownedByAnother(item: Item | undefined, me: string, now: number): Taken | undefined {
  const owner = item?.owner?.S;
  if (owner === undefined || owner === me || Number(item?.until?.N) < now) return undefined;
  return { ok: false, why: 'owned', owner };
}

function notReleased({ key, owner }: Held, nonce: string, item: Item | undefined): Released {
  // The answer to the first attempt was lost, and the SDK has sent it again.
  if (item?.released?.S === nonce) return { ok: true };
  if (item?.owner?.S !== owner) return { ok: false, why: 'lost' };
  return { ok: false, why: 'inbox', record: recordOf(key, item) };
}
