import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { type AgendaPorts, handOut } from '../lib/agenda.ts';
import type { Ledger } from '../lib/engine/ledger.ts';
import { DynamoLedger } from '../lib/engine/ledger-dynamodb.ts';
import { LEDGER_TABLE } from '../lib/engine/ledger-table.ts';
import { EMPTY_STATE } from '../lib/engine/record.ts';
import type { LookRequest } from '../lib/handle.ts';
import type { ResourceKey, TypeName } from '../lib/resource.ts';
import { workerMiniStack } from './support/emulators.ts';
import { MemoryLedger } from './support/memory-ledger.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const clock = { now: () => NOW, sleep: async () => undefined };
const keyOf = (type: TypeName, id: string): ResourceKey => ({
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type,
  id,
});
const bucket = (id: string): ResourceKey => keyOf('AWS::S3::Bucket', id);
const database = (id: string): ResourceKey => keyOf('AWS::RDS::DBInstance', id);

/** Puts a resource on the agenda, as a run does. @param hold keeps the lease, as a run that is at work or dead */
async function put(ledger: Ledger, key: ResourceKey, at: number, hold = false): Promise<void> {
  const cause = { source: 'agenda', eventId: '', eventName: '', time: '', origin: 'looks' } as const;
  const state = { ...EMPTY_STATE, agenda: { c: { at, why: 'error', cause, tries: 0, since: at } as const } };
  const { record } = await ledger.read(key);
  const taken = await ledger.take(record, { owner: 'run', until: NOW + 60_000 }, state, []);
  if (!taken.ok) throw new Error(taken.why);
  if (!hold) await ledger.release({ key, owner: 'run', covers: [], seen: 0 }, state, []);
}

function setUp(change: Partial<AgendaPorts> = {}) {
  const ledger = new MemoryLedger(clock);
  const given: { family: string; request: LookRequest }[] = [];
  const lines: { level: string; message: string; fields: object }[] = [];
  const line = (level: string) => (message: string, fields: object) => void lines.push({ level, message, fields });
  const ports: AgendaPorts = {
    ledger,
    clock,
    remaining: () => 60_000,
    families: { s3: ['AWS::S3::Bucket', 'AWS::S3::AccessPoint'], rds: ['AWS::RDS::DBInstance'] },
    hand: async (family, request) => void given.push({ family, request }),
    log: { info: line('info'), warn: line('warn'), error: line('error') },
    ...change,
  };
  const ids = (family: string) =>
    given.filter((each) => each.family === family).flatMap(({ request }) => request.keys.map(({ id }) => id));
  return { ledger, ports, given, lines, ids };
}

describe('handOut', () => {
  test('groups what is due by family, earliest first; what is not due or being worked on stays', async () => {
    const { ledger, ports, given, lines } = setUp();
    await put(ledger, bucket('second'), NOW - 1_000);
    await put(ledger, database('db'), NOW);
    await put(ledger, bucket('first'), NOW - 2_000);
    await put(ledger, bucket('later'), NOW + 1);
    await put(ledger, bucket('at-work'), NOW - 3_000, true);
    expect(await handOut(ports)).toEqual({ handed: 3, refused: 0, unknown: 0, overdue: 0, left: false });
    expect(given).toEqual([
      { family: 's3', request: { suture: 'look', keys: [bucket('first'), bucket('second')] } },
      { family: 'rds', request: { suture: 'look', keys: [database('db')] } },
    ]);
    expect(lines).toEqual([
      { level: 'info', message: 'Agenda handed out.', fields: expect.objectContaining({ handed: 3 }) },
    ]);
  });

  test('nothing due, nothing sent', async () => {
    const { ports, given } = setUp();
    expect(await handOut(ports)).toEqual({ handed: 0, refused: 0, unknown: 0, overdue: 0, left: false });
    expect(given).toEqual([]);
  });

  test('batches are small enough in number and bytes, and hold each key once', async () => {
    const { ledger, ports, given, ids } = setUp();
    const short = Array.from({ length: 60 }, (_, index) => `b-${index}`);
    const long = Array.from({ length: 30 }, (_, index) => `${index}-${'\u00e9'.repeat(15_000)}`);
    for (const [index, id] of [...short, ...long].entries()) await put(ledger, bucket(id), NOW - 1000 + index);
    expect(await handOut(ports)).toMatchObject({ handed: 90, left: false });
    for (const { request } of given) {
      expect(request.keys.length).toBeLessThanOrEqual(25);
      expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThanOrEqual(256 * 1024);
    }
    expect(ids('s3')).toEqual([...short, ...long]);
  });

  test('a type that nobody judges is said and counted, and keeps nothing from the others', async () => {
    const { ledger, ports, ids, lines } = setUp();
    for (let i = 0; i < 3; i++) await put(ledger, keyOf('AWS::SQS::Queue', `q-${i}`), NOW - 10_000);
    await put(ledger, bucket('b'), NOW);
    expect(await handOut(ports)).toEqual({ handed: 1, refused: 0, unknown: 3, overdue: 0, left: false });
    expect(ids('s3')).toEqual(['b']);
    expect(lines).toContainEqual({
      level: 'error',
      message: expect.any(String),
      fields: { type: 'AWS::SQS::Queue', count: 3 },
    });
  });

  test('a type that two families judge goes to both', async () => {
    const { ledger, ports, ids } = setUp({ families: { s3: ['AWS::S3::Bucket'], macie: ['AWS::S3::Bucket'] } });
    await put(ledger, bucket('b'), NOW);
    await handOut(ports);
    expect([ids('s3'), ids('macie')]).toEqual([['b'], ['b']]);
  });

  test('a function that does not take its own is asked once, the others get theirs, and it is an error', async () => {
    let asked = 0;
    const given: string[] = [];
    const { ledger, ports, lines } = setUp({
      hand: async (family, { keys }) => {
        if (family !== 's3') return void given.push(...keys.map(({ id }) => id));
        asked += 1;
        throw Object.assign(new Error('no such function'), { name: 'ResourceNotFoundException' });
      },
    });
    for (let i = 0; i < 60; i++) await put(ledger, bucket(`b-${i}`), NOW - 100 + i);
    await put(ledger, database('db'), NOW);
    await expect(handOut(ports)).rejects.toThrow('60 due resources could not be handed out');
    expect(given).toEqual(['db']);
    expect(asked).toBe(1);
    expect(lines).toContainEqual({
      level: 'error',
      message: expect.any(String),
      fields: { family: 's3', error: 'ResourceNotFoundException' },
    });
  });

  test('one family is given what it can finish; a second one behind it gets its share', async () => {
    const { ledger, ports, ids, lines } = setUp();
    for (let i = 0; i < 510; i++) await put(ledger, bucket(`b-${i}`), NOW - 1000 + i);
    await put(ledger, database('db'), NOW);
    expect(await handOut(ports)).toEqual({ handed: 501, refused: 0, unknown: 0, overdue: 0, left: true });
    expect(ids('s3')).toHaveLength(500);
    expect(ids('rds')).toEqual(['db']);
    expect(lines).toEqual([
      { level: 'warn', message: expect.stringContaining('stays due'), fields: expect.anything() },
    ]);
  });

  test('what is due for long is handed out once in fifteen minutes, and does not push the rest out', async () => {
    let now = NOW;
    const { ledger, ports, given, ids } = setUp({ clock: { now: () => now } });
    const stuck = Array.from({ length: 600 }, (_, index) => `stuck-${index}`);
    for (const id of stuck) await put(ledger, bucket(id), NOW - 20 * 60_000);
    await put(ledger, bucket('fresh'), NOW);
    const first = await handOut(ports);
    expect(first).toMatchObject({ overdue: 600, refused: 0, left: false });
    expect(first.handed).toBeLessThan(100);
    expect(ids('s3')).toContain('fresh');
    for (let minute = 1; minute < 15; minute++) {
      now += 60_000;
      await handOut(ports);
    }
    const handed = given.flatMap(({ request }) => request.keys.map(({ id }) => id)).filter((id) => id !== 'fresh');
    expect(handed.sort()).toEqual(stuck.sort());
  });

  test('stops before its time is over, with what it has handed out', async () => {
    let calls = 0;
    const { ledger, ports, ids } = setUp({ remaining: () => 60_000 - 10_000 * calls++ });
    for (let i = 0; i < 20; i++) await put(ledger, bucket(`b-${i}`), NOW - 100 + i);
    expect(await handOut(ports)).toMatchObject({ handed: 6, left: true });
    expect(ids('s3')).toEqual(['b-0', 'b-1', 'b-2', 'b-3', 'b-4', 'b-5']);
  });
});

test('the function itself: from the table to the function of the family', async () => {
  const invoked: { path: string | undefined; type: unknown; body: unknown }[] = [];
  const lambda = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    invoked.push({ path: request.url, type: request.headers['x-amz-invocation-type'], body: JSON.parse(body) });
    response.writeHead(202).end();
  });
  await new Promise<void>((done) => lambda.listen(0, '127.0.0.1', done));
  const { url } = await workerMiniStack();
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'test' },
  });
  try {
    await client.send(new CreateTableCommand({ TableName: 'ledger', ...LEDGER_TABLE }));
    await put(new DynamoLedger(client, { table: 'ledger', clock }), bucket('b'), Date.now() - 1_000);
    jest.replaceProperty(process, 'env', {
      ...process.env,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: '123456789012',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: url,
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${(lambda.address() as AddressInfo).port}`,
    });
    const { handler } = await import('../functions/agenda/index.ts');
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    await expect(handler({}, context)).rejects.toThrow('lacks SUTURE_STAGE');
    Object.assign(process.env, { SUTURE_STAGE: 'test', SUTURE_TABLE: 'ledger' });
    expect(await handler({}, context)).toEqual({ handed: 1, refused: 0, unknown: 0, overdue: 0, left: false });
    expect(invoked).toEqual([
      {
        path: '/2015-03-31/functions/suture-test-s3/invocations',
        type: 'Event',
        body: { suture: 'look', keys: [bucket('b')] },
      },
    ]);
  } finally {
    jest.restoreAllMocks();
    client.destroy();
    lambda.closeAllConnections();
    lambda.close();
  }
});
