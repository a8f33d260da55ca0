import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controls, types } from '../functions/catalog.ts';
import type { ResourceTypeSpec } from '../lib/aws/type.ts';
import { reconcile } from '../lib/engine/reconcile.ts';
import type { Runtime } from '../lib/engine/runtime.ts';
import { handle } from '../lib/handle.ts';
import { failure, green, lidded, strict, thing, World } from './engine/world.ts';
import { MemoryLedger } from './support/memory-ledger.ts';

const own = [green, lidded, strict];
const type: ResourceTypeSpec = {
  name: 'AWS::Test::Thing',
  asff: 'Other',
  arn: ({ id }) => `arn:aws:test:::${id}`,
  deletedBy: { source: 'test.amazonaws.com', events: [] },
  reads: [],
  async *list() {},
  lookups: {},
};
const look = (keys: object[]) => ({ suture: 'look', keys });

it('the agenda has what is due looked at, and one that fails keeps no other back', async () => {
  const w = new World((clock) => new MemoryLedger(clock));
  w.make('box', { color: 'grey' });
  w.make('tin', { color: 'grey' });
  const catalogue = { controls: own, types: [type], ownRoles: [] };
  const runtime = w.runtime();
  for (const id of ['box', 'tin']) {
    await reconcile({ key: thing(id), controls: [green.id], cause: w.cause() }, own, runtime);
    w.things.get(id)!.color = 'red';
  }
  w.clock.advance(60_000);
  const failing: Runtime = {
    ...runtime,
    ledger: {
      ...runtime.ledger,
      read: (key) => (key.id === 'box' ? Promise.reject(failure('InternalServerError')) : runtime.ledger.read(key)),
    },
  };
  const { resources } = await handle(look([thing('box'), thing('tin')]), catalogue, failing);
  expect(resources.map(({ key, error }) => [key.id, error?.name])).toEqual([
    ['box', 'InternalServerError'],
    ['tin', undefined],
  ]);
  expect([w.things.get('box')!.color, w.things.get('tin')!.color]).toEqual(['red', 'green']);
});

it('what leads nowhere is logged once, with its reason, and touches nothing', async () => {
  const w = new World((clock) => new MemoryLedger(clock));
  const said: unknown[] = [];
  const runtime = { ...w.runtime(), log: { ...w.runtime().log, warn: (...all: unknown[]) => void said.push(all) } };
  const { match, resources } = await handle({ nonsense: true }, { controls, types, ownRoles: [] }, runtime);
  expect(match.outcome).toBe('malformed');
  expect(resources).toEqual([]);
  expect(said).toEqual([['Event malformed.', { reason: expect.any(String) }]]);
  expect(w.sent).toEqual([]);
  expect(w.metrics).toEqual({ EventsDropped: 1 });
});

it('what an event names and we do not look at is logged with why', async () => {
  const w = new World((clock) => new MemoryLedger(clock));
  const said: [string, { reasons?: string[] }][] = [];
  const runtime = {
    ...w.runtime(),
    send: () => () => Promise.reject(failure('AccessDenied')),
    log: { ...w.runtime().log, warn: (message: string, fields: object) => void said.push([message, fields]) },
  } as unknown as Runtime;
  const event = JSON.parse(readFileSync(join(__dirname, '../events/securityhub/action-several.json'), 'utf8'));
  await handle(event, { controls, types, ownRoles: [] }, runtime);
  expect(said).toContainEqual([
    'Resources of the event passed over.',
    { reasons: [expect.stringContaining('111122223333')] },
  ]);
});
