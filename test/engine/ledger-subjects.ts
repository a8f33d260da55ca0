import { randomUUID } from 'node:crypto';
import {
  type BatchGetItemCommandInput,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Ledger } from '../../lib/engine/ledger.ts';
import { DynamoLedger } from '../../lib/engine/ledger-dynamodb.ts';
import { type Item, N, NEVER, PAUSE_KEY, stateKey } from '../../lib/engine/ledger-items.ts';
import { LEDGER_TABLE } from '../../lib/engine/ledger-table.ts';
import type { Clock } from '../../lib/engine/runtime.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';

/** DynamoDB ends a page at 1 MB, MiniStack never does: the pages are made small instead. */
const PAGE = 7;

/** What lies in the table of one resource, as far as the protocol does not tell. */
export interface Peek {
  readonly gen: number;
  readonly lookAt: number | undefined;
  /** Seconds since the epoch; `undefined` when it stays for good. */
  readonly expires: number | undefined;
}

/** One implementation of the ledger, and the hands to do to it what time and the network do. */
export interface Subject {
  readonly ledger: Ledger;
  /** The answer to the next write is lost, and it is sent a second time. */
  loseNextAnswer(): void;
  /** How many requests were sent, where there are any. */
  readonly requests: readonly string[];
  peek(key: ResourceKey): Promise<Peek | undefined>;
  /** What time to live does. */
  expire(key: ResourceKey): Promise<void>;
  /** Makes it a record of a newer Suture. */
  fromTheFuture(key: ResourceKey): Promise<void>;
  /** Makes what is paused a record of a newer Suture. */
  pausesFromTheFuture(): Promise<void>;
  close(): void;
}

export function memorySubject(clock: Clock): Promise<Subject> {
  const ledger = new MemoryLedger(clock);
  return Promise.resolve({
    ledger,
    requests: [],
    loseNextAnswer: () => ledger.loseNextAnswer(),
    peek: async (key) => {
      const item = ledger.item(key);
      return item && { gen: item.gen, lookAt: item.lookAt, expires: item.expires };
    },
    expire: async (key) => {
      for (const [pk, item] of ledger.items) if (item === ledger.item(key)) ledger.items.delete(pk);
    },
    fromTheFuture: async (key) => {
      const item = ledger.item(key);
      if (item) item.v = 2;
    },
    pausesFromTheFuture: async () => {
      ledger.pausesVersion = 2;
    },
    close: () => undefined,
  });
}

/** @param endpoint of an emulated DynamoDB */
export async function dynamoSubject(clock: Clock, endpoint: string): Promise<Subject> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'test' },
    maxAttempts: 3,
  });
  const table = `ledger-${randomUUID()}`;
  await client.send(new CreateTableCommand({ TableName: table, ...LEDGER_TABLE }));
  const requests: string[] = [];
  let lose = false;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        requests.push(commandName);
        if (!lose || !/Update|Transact/.test(commandName)) return next(args);
        lose = false;
        await next(args).catch(() => undefined);
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
    { step: 'finalizeRequest', priority: 'low', name: 'loseAnswers' },
  );
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        const { IndexName, ConsistentRead } = { IndexName: undefined, ConsistentRead: undefined, ...args.input };
        // MiniStack always answers with what was written last; DynamoDB only when it is asked to, and never from an index.
        const batch =
          commandName === 'BatchGetItemCommand' ? (args.input as BatchGetItemCommandInput).RequestItems : {};
        const reads = [
          ...(/^(Get|Query)/.test(commandName) && !IndexName ? [ConsistentRead] : []),
          ...Object.values(batch ?? {}).map((each) => each.ConsistentRead),
        ];
        if (reads.some((consistent) => !consistent)) throw new Error('an eventually consistent read');
        return next(commandName === 'QueryCommand' ? { ...args, input: { ...args.input, Limit: PAGE } } : args);
      },
    { step: 'initialize', name: 'asDynamoDb' },
  );
  const makeNewer = async (Key: Item): Promise<void> => {
    const v = { ':v': N(2) };
    await client.send(
      new UpdateItemCommand({ TableName: table, Key, UpdateExpression: 'SET v = :v', ExpressionAttributeValues: v }),
    );
  };
  const at = (key: ResourceKey) => ({ TableName: table, Key: stateKey(key) });
  return {
    ledger: new DynamoLedger(client, { table, clock }),
    requests,
    loseNextAnswer: () => {
      lose = true;
    },
    peek: async (key) => {
      const { Item } = await client.send(new GetItemCommand({ ...at(key), ConsistentRead: true }));
      if (!Item) return undefined;
      // The index is sparse by both attributes: one without the other would be a resource that is never found, or a leak.
      if ((Item.due === undefined) !== (Item.lookAt === undefined)) throw new Error('due and lookAt belong together');
      const expires = Item.expires && Number(Item.expires.N);
      return {
        gen: Number(Item.gen?.N),
        lookAt: Item.lookAt && Number(Item.lookAt.N),
        expires: expires === NEVER ? undefined : expires,
      };
    },
    expire: async (key) => {
      await client.send(new DeleteItemCommand(at(key)));
    },
    fromTheFuture: (key) => makeNewer(stateKey(key)),
    pausesFromTheFuture: () => makeNewer(PAUSE_KEY),
    close: () => client.destroy(),
  };
}
