import fc from 'fast-check';
import { match } from '../../lib/triggers/index.ts';
import { index, sample } from './samples.ts';
import { context } from './stand-ins.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = readonly (string | number)[];

const pathsOf = (value: Json, path: Path = []): readonly Path[] => [
  path,
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, inner]) =>
        pathsOf(inner, [...path, Array.isArray(value) ? Number(name) : name]),
      )
    : []),
];

const DROP = Symbol('drop');
/** The ways in which exporters, old services and attackers bend a field. */
const BENDS: readonly ((value: Json) => Json | typeof DROP)[] = [
  () => DROP,
  () => null,
  () => '',
  () => 'null',
  () => ({}),
  () => [],
  () => 42,
  () => 'HIDDEN_DUE_TO_SECURITY_REASONS',
  () => '__proto__',
  () => '111122223333',
  () => 'arn:aws:s3:::somebody-elses',
  () => 'arn:aws:rds:eu-west-1:111122223333:db:somebody-elses',
  () => 'arn:aws:rds:us-east-1:123456789012:snapshot:rds:ehr-2026-03-04',
  () => 'db-J6QZ2K4W7T3XMVN5RHLPEYBDCA',
  (value) => JSON.stringify(value),
  (value) => [value],
  (value) => [value, value],
];

function bend(value: Json, [head, ...rest]: Path, how: (value: Json) => Json | typeof DROP): Json | typeof DROP {
  if (head === undefined) return how(value);
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, Json>;
  const inner = bend(copy[head] ?? null, rest, how);
  if (inner !== DROP) copy[head] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(head), 1);
  else delete copy[head];
  return copy as Json;
}

const bent = fc.constantFrom(...index.samples.map(({ file }) => file)).chain((file) => {
  const event = sample(file) as Json;
  const bends = fc.record({ path: fc.constantFrom(...pathsOf(event)), how: fc.constantFrom(...BENDS) });
  return fc.array(bends, { minLength: 1, maxLength: 4 }).map((all) =>
    all.reduce<Json>((now, { path, how }) => {
      const then = bend(now, path, how);
      return then === DROP ? null : then;
    }, event),
  );
});

describe('an event with fields dropped, emptied, hidden, stringified or wrapped', () => {
  test('never throws, and never leads into another account, another partition or to no control', () => {
    fc.assert(
      fc.property(bent, (event) => {
        const found = match(event, context);
        if (found.outcome !== 'matched') return expect(found.reason).not.toBe('');
        const envelope = event as { account: string; region: string };
        expect(found.targets.length).toBeGreaterThan(0);
        expect(Number.isNaN(Date.parse(found.cause.time))).toBe(false);
        for (const { key, controls } of found.targets) {
          expect(key.account).toBe([envelope.account].flat()[0]);
          expect(key.partition).toBe(
            /^(us-gov|cn)-/.exec(key.region) ? `aws-${key.region.startsWith('cn') ? 'cn' : 'us-gov'}` : 'aws',
          );
          expect(key.id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
          expect(controls.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('never leads to a bucket or a database that the event does not name', () => {
    fc.assert(
      fc.property(bent, (event) => {
        const found = match(event, context);
        if (found.outcome !== 'matched') return;
        const words = JSON.stringify(event).toLowerCase();
        for (const { key } of found.targets) expect(words).toContain(key.id.toLowerCase());
      }),
      { numRuns: 1000 },
    );
  });

  test('any JSON at all is answered', () => {
    fc.assert(fc.property(fc.jsonValue(), (event) => expect(match(event, context).outcome).toBe('malformed')));
  });
});
