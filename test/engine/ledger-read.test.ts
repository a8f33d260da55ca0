import { type BatchGetItemCommandOutput, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoLedger } from '../../lib/engine/ledger-dynamodb.ts';
import { type Item, N, PAUSE_KEY, PAUSE_PREFIX, S, stateKey } from '../../lib/engine/ledger-items.ts';
import { thing } from './world.ts';

const key = thing();
const state: Item = { ...stateKey(key), v: N(1), gen: N(7) };
const pause: Item = {
  ...PAUSE_KEY,
  v: N(1),
  [`${PAUSE_PREFIX}*`]: S('{"by":"me","reason":"drill","at":"2026-01-05T03:00:00Z"}'),
};

/** DynamoDB with these two items: it answers the batch as told, and each item that is asked for by itself. */
function ledger(batch: Partial<BatchGetItemCommandOutput> | Error, single: (key: Item) => Item | Error) {
  const asked: unknown[] = [];
  const send = async (command: { input: { Key?: Item } }) => {
    asked.push(command);
    const answer = command instanceof GetItemCommand ? single(command.input.Key as Item) : batch;
    if (answer instanceof Error) throw answer;
    return command instanceof GetItemCommand ? { Item: answer } : answer;
  };
  const clock = { now: () => 0, sleep: async () => {} };
  return { asked, ledger: new DynamoLedger({ send } as unknown as DynamoDBClient, { table: 'ledger', clock }) };
}
const never = (): Item => {
  throw new Error('asked for by itself');
};

test('record and pause flags come in one request, in whatever order', async () => {
  const { ledger: both, asked } = ledger({ Responses: { ledger: [pause, state] } }, never);
  const { record, pauses } = await both.read(key);
  expect(record.gen).toBe(7);
  expect(Object.keys(pauses)).toEqual(['*']);
  expect(asked).toHaveLength(1);
});

test('what is not there is a new record and no pause', async () => {
  const { record, pauses } = await ledger({ Responses: { ledger: [] } }, never).ledger.read(key);
  expect(record.gen).toBe(0);
  expect(pauses).toEqual({});
});

test('a pause flag that DynamoDB left out of the batch is asked for by itself: left out is not absent', async () => {
  const left = { UnprocessedKeys: { ledger: { Keys: [PAUSE_KEY] } } };
  const { ledger: throttled } = ledger({ Responses: { ledger: [state] }, ...left }, () => pause);
  expect(Object.keys((await throttled.read(key)).pauses)).toEqual(['*']);
});

test('a pause flag that cannot be read at all is an error', async () => {
  const left = { UnprocessedKeys: { ledger: { Keys: [PAUSE_KEY] } } };
  const denied = Object.assign(new Error('throttled'), { name: 'ProvisionedThroughputExceededException' });
  await expect(ledger({ Responses: { ledger: [state] }, ...left }, () => denied).ledger.read(key)).rejects.toBe(denied);
  await expect(ledger(denied, never).ledger.read(key)).rejects.toBe(denied);
});
