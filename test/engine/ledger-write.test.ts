import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { N, S } from '../../lib/engine/ledger-items.ts';
import { update, writeAll } from '../../lib/engine/ledger-write.ts';

const $metadata = {};
const message = '';
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({ $metadata, message, CancellationReasons: codes.map((Code) => ({ Code })) });
const one = update('t', { key: { pk: S('a') }, fields: { x: N(1) }, when: '#x = :y', values: { y: N(0) } });
const two = { Update: one };

/** A client that answers as told, then well; and how long was waited in between. */
function answering(...errors: Error[]) {
  const sent: unknown[] = [];
  const waits: number[] = [];
  const client = {
    send: async (command: unknown) => {
      sent.push(command);
      const error = errors.shift();
      if (error) throw error;
      return {};
    },
  } as unknown as DynamoDBClient;
  const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  return { client, clock, sent, waits };
}

describe('writeAll', () => {
  test.each([
    ['a transaction', [cancelled('TransactionConflict', 'None'), cancelled('None', 'ThrottlingError')], [two]],
    ['a plain write', [new TransactionConflictException({ $metadata, message })], []],
  ])('sends %s again that met another transaction', async (_, errors, others) => {
    const expected = errors.length;
    const { client, clock, sent, waits } = answering(...errors);
    expect(await writeAll(client, clock, one, ...others)).toBeUndefined();
    expect(sent).toHaveLength(expected + 1);
    expect(waits).toHaveLength(expected);
  });

  test('gives up on a conflict that does not end, within three seconds', async () => {
    const { client, clock, waits } = answering(...Array<Error>(50).fill(cancelled('TransactionConflict', 'None')));
    await expect(writeAll(client, clock, one, two)).rejects.toThrow(TransactionCanceledException);
    expect(waits.length).toBeGreaterThan(3);
    expect(waits.reduce((sum, ms) => sum + ms)).toBeLessThan(3_000);
  });

  test('a condition that failed is an answer, also beside a conflict', async () => {
    const Item = { owner: S('me') };
    const plain = answering(new ConditionalCheckFailedException({ $metadata, message, Item }));
    expect(await writeAll(plain.client, plain.clock, one)).toEqual(new Map([[0, Item]]));
    expect(plain.sent).toEqual([expect.any(UpdateItemCommand)]);
    const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'ConditionalCheckFailed', Item }];
    const both = answering(new TransactionCanceledException({ $metadata, message, CancellationReasons }));
    expect(await writeAll(both.client, both.clock, one, two)).toEqual(new Map([[1, Item]]));
    expect(both.waits).toEqual([]);
  });

  test.each([
    ['a request that is wrong', cancelled('None', 'ValidationError')],
    ['a cancellation that says nothing', new TransactionCanceledException({ $metadata, message })],
    ['anything else', Object.assign(new Error('no'), { name: 'AccessDeniedException' })],
  ])('%s is thrown at once', async (_, error) => {
    const { client, clock, sent } = answering(error);
    await expect(writeAll(client, clock, one, two)).rejects.toBe(error);
    expect(sent).toHaveLength(1);
  });

  test('more than DynamoDB takes together is refused before it is sent', async () => {
    const { client, clock, sent } = answering();
    await expect(writeAll(client, clock, one, ...Array(100).fill(two))).rejects.toThrow(/^101 ledger writes .* 100/);
    expect(sent).toEqual([]);
  });
});
