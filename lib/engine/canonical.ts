import { isDeepStrictEqual } from 'node:util';

/** JSON text with sorted keys: equal values give equal texts. `undefined` members are left out, as JSON does. */
export const canonical = (value: unknown): string => JSON.stringify(value ?? null, sortedKeys);

const sortedKeys = (_key: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : value;

/** What is left of a value when it is stored and read again; `undefined` becomes `null`. */
export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value ?? null));

/** Equal as stored values: key order and absent against `undefined` make no difference. */
export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

/** Freezes a value and all it holds, so that a judgement that changes what it judges fails at once. */
export function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value) && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}
