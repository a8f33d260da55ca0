import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Item } from './ledger-items.ts';
import type { Clock } from './runtime.ts';

/** One conditional change of one item. */
export interface Change {
  readonly key: Item;
  /** Attributes to set; `undefined` takes one away. */
  readonly fields: Readonly<Record<string, AttributeValue | undefined>>;
  /** Further assignments, in DynamoDB's language, `#name` for an attribute. */
  readonly also?: string;
  readonly when?: string;
  /** The values of `also` and `when`, without their colons. */
  readonly values?: Readonly<Record<string, AttributeValue>>;
  /** Attributes whose names `#name` cannot spell, without the hash. */
  readonly names?: Readonly<Record<string, string>>;
}

/** The items whose condition failed, by their place among the writes; `undefined` for one that is not there at all. */
export type Refused = ReadonlyMap<number, Item | undefined>;

/** Every attribute goes by a placeholder: `region`, `owner`, `partition` and more are reserved words. */
export function update(table: string, { key, fields, also, when, values = {}, names = {} }: Change): Update {
  const entries = Object.entries(fields).map(([name, value], index) => ({ name, value, as: `f${index}` }));
  const set = entries.filter(({ value }) => value !== undefined).map(({ as }) => `#${as} = :${as}`);
  if (also) set.push(also);
  const remove = entries.filter(({ value }) => value === undefined).map(({ as }) => `#${as}`);
  const spelled = [...`${also ?? ''} ${when ?? ''}`.matchAll(/#(\w+)/g)].map(([hash, name = '']) => [hash, name]);
  return {
    TableName: table,
    Key: key,
    UpdateExpression: [
      ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
      ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
    ].join(' '),
    ...(when && { ConditionExpression: when, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ExpressionAttributeNames: {
      ...Object.fromEntries(spelled),
      ...Object.fromEntries(Object.entries(names).map(([as, name]) => [`#${as}`, name])),
      ...Object.fromEntries(entries.map(({ as, name }) => [`#${as}`, name])),
    },
    ...withValues({
      ...values,
      ...Object.fromEntries(entries.flatMap(({ as, value }) => (value === undefined ? [] : [[as, value]]))),
    }),
  };
}

/** DynamoDB refuses an empty map of values. */
const withValues = (values: Readonly<Record<string, AttributeValue>>) => {
  const entries = Object.entries(values).map(([name, value]) => [`:${name}`, value]);
  return entries.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(entries) } : {};
};

/** Most writes that DynamoDB takes in one transaction. */
const MAX_WRITES = 100;
/** A transaction that meets another on one of its items is sent again so often: together under three seconds. */
const ATTEMPTS = 7;
const LONGEST_WAIT_MS = 800;

/**
 * Writes all or nothing: one plain update where one is enough, else one transaction.
 * @returns the items whose condition failed, or nothing when all is written
 * @throws when it is not known that nothing was written, and when it could not be written for another reason
 */
export async function writeAll(
  client: DynamoDBClient,
  clock: Clock,
  first: Update,
  ...others: readonly TransactWriteItem[]
): Promise<Refused | undefined> {
  if (others.length >= MAX_WRITES) {
    throw new Error(
      `${others.length + 1} ledger writes belong together, and DynamoDB takes ${MAX_WRITES} in one transaction.`,
    );
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await (others.length === 0
        ? client.send(new UpdateItemCommand(first))
        : client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: first }, ...others] })));
      return undefined;
    } catch (error) {
      const refused = refusedBy(error);
      if (refused) return refused;
      if (attempt === ATTEMPTS || !isConflict(error)) throw error;
    }
    await clock.sleep(Math.random() * Math.min(LONGEST_WAIT_MS, 25 * 2 ** attempt));
  }
}

function refusedBy(error: unknown): Refused | undefined {
  if (error instanceof ConditionalCheckFailedException) return new Map([[0, error.Item]]);
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const refused = (error.CancellationReasons ?? []).flatMap(({ Code, Item }, index) =>
    Code === 'ConditionalCheckFailed' ? [[index, Item] as const] : [],
  );
  return refused.length > 0 ? new Map(refused) : undefined;
}

/** Reasons for which a transaction was cancelled, and may succeed a moment later. The SDK does not send it again by itself. */
const PASSING = new Set(['None', 'TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

function isConflict(error: unknown): boolean {
  if (error instanceof TransactionConflictException) return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const reasons = error.CancellationReasons ?? [];
  return reasons.length > 0 && reasons.every(({ Code }) => PASSING.has(Code ?? 'None'));
}
