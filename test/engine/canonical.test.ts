import { canonical, freeze, plain, same } from '../../lib/engine/canonical.ts';

it('equal values have one text, whatever the order of their keys', () => {
  expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
  expect(canonical(undefined)).toBe('null');
  expect(canonical(['b', 'a'])).toBe('["b","a"]');
});

it('plain is what is left after storing', () => {
  expect(plain(undefined)).toBeNull();
  expect(plain({ a: undefined, at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
});

it.each([
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined }, {}, true],
  [undefined, null, true],
  [null, false, false],
  [['a', 'b'], ['b', 'a'], false],
  ['1', 1, false],
])('same(%j, %j) is %s', (a, b, expected) => expect(same(a, b)).toBe(expected));

it('freezes all that a value holds, once, also where it holds itself, and leaves bytes alone', () => {
  const inner = { list: [{ deep: true }], bytes: new Uint8Array(2) };
  const value: Record<string, unknown> = { inner };
  value.self = value;
  expect(freeze(value)).toBe(value);
  expect(() => inner.list.push({ deep: false })).toThrow(TypeError);
  expect(() => {
    inner.list[0]!.deep = false;
  }).toThrow(TypeError);
  inner.bytes[0] = 1;
  expect(inner.bytes[0]).toBe(1);
  expect([freeze(null), freeze(1), freeze(undefined)]).toEqual([null, 1, undefined]);
});
