import { coveredKeys, settledItem, stateText } from '../../lib/engine/ledger-items.ts';
import { merged } from '../../lib/engine/merged.ts';
import { EMPTY_STATE, type SettledIntent } from '../../lib/engine/record.ts';
import type { ResourceKey } from '../../lib/resource.ts';

const key: ResourceKey = {
  partition: 'aws-us-gov',
  account: '123456789012',
  region: 'us-gov-west-1',
  type: 'AWS::RDS::DBInstance',
  id: 'db',
};
const group = (id: string) => ({ type: 'AWS::RDS::DBParameterGroup', id }) as const;
const cause = { source: 'agenda', eventId: '', eventName: '', time: '', origin: 'looks' } as const;

test('objects are leased once each, in one order for everybody, beside the resource itself', () => {
  const covers = [group('b'), { type: key.type, id: 'db' }, group('a'), group('b')];
  expect(coveredKeys(key, covers)).toEqual([
    { ...key, ...group('a') },
    { ...key, ...group('b') },
  ]);
});

test('the notes that wait count against the size of an item', () => {
  const note = { controls: ['c'.repeat(390 * 1024)], cause };
  expect(stateText(key, EMPTY_STATE, [])).toBe(JSON.stringify(EMPTY_STATE));
  expect(() => stateText(key, EMPTY_STATE, [note])).toThrow(/bytes/);
});

test('a settled intent stays for as many days as it can be reverted', () => {
  const settled: SettledIntent = {
    id: 'i-1',
    kind: 'remediation',
    control: 'control',
    key,
    openedAt: '2026-03-01T12:00:00.000Z',
    cause,
    reason: '',
    before: {},
    after: {},
    calls: [],
    settledAt: '2026-03-01T12:00:00.000Z',
    outcome: 'VERIFIED',
  };
  const item = settledItem(key, settled, 90);
  expect(item.expires).toEqual({ N: String(Date.parse('2026-05-30T12:00:00Z') / 1000) });
  expect(item.sk).toEqual({ S: 'intent#2026-03-01T12:00:00.000Z#i-1' });
});

describe('merged', () => {
  const closed: string[] = [];
  async function* stream(name: string, ...values: number[]) {
    try {
      yield* values;
    } finally {
      closed.push(name);
    }
  }
  beforeEach(() => closed.splice(0));
  const read = async (limit: number, ...streams: AsyncIterable<number>[]) => {
    const found: number[] = [];
    for await (const value of merged(streams, (each) => each, limit)) found.push(value);
    return found;
  };

  test('is lowest first until all are at their end', async () => {
    expect(await read(9, stream('a', 1, 4, 6), stream('b'), stream('c', 2, 3, 5))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('closes what it leaves', async () => {
    expect(await read(2, stream('a', 1, 2, 3, 4), stream('b', 9, 10))).toEqual([1, 2]);
    expect(closed.sort()).toEqual(['a', 'b']);
  });
});
