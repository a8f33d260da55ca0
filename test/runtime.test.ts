import { EvidenceBucket } from '../lib/engine/evidence-s3.ts';
import { SecurityHub } from '../lib/engine/hub.ts';
import { DynamoLedger } from '../lib/engine/ledger-dynamodb.ts';
import { createRuntimeFactory, systemClock } from '../lib/runtime.ts';
import { DEFAULT_SETTINGS } from '../lib/settings.ts';
import { type StubAws, startStubAws } from './support/stub-aws.ts';

const ENV = { SUTURE_TABLE: 'ledger', SUTURE_EVIDENCE_BUCKET: 'evidence', AWS_REGION: 'us-east-1' };
const log = { info() {}, warn() {}, error() {}, count() {} };
const factory = (env: Record<string, string | undefined> = ENV) =>
  createRuntimeFactory({ env, settings: DEFAULT_SETTINGS, types: [], account: '111122223333', log });

test.each(Object.keys(ENV))('without %s nothing starts, and the error names it', (name) => {
  expect(() => factory({ ...ENV, [name]: undefined })).toThrow(`The environment variable ${name} is missing`);
  expect(() => factory({ ...ENV, [name]: '' })).toThrow(name);
});

test('a run has what is its own, and shares what holds nothing of a resource', () => {
  const make = factory();
  const [one, other] = [make(() => 1), make(() => 2)];
  expect(one.ledger).toBeInstanceOf(DynamoLedger);
  expect(one.ledger).toBe(other.ledger);
  expect(one.hub).toBeInstanceOf(SecurityHub);
  expect(one.evidence).toBeInstanceOf(EvidenceBucket);
  expect([one.remaining(), other.remaining()]).toEqual([1, 2]);
  expect(one.newToken()).not.toBe(one.newToken());
  expect(one.clock).toBe(systemClock);
});

describe('on the wire', () => {
  let stub: StubAws;
  beforeAll(async () => {
    stub = await startStubAws();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: stub.url,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
    });
  });
  afterAll(() => stub.stop());

  test('evidence and ledger are in the region of the deployment, wherever the resource is', async () => {
    stub.answer((response) => void response.end('{}'));
    const { evidence, ledger } = factory({ ...process.env, ...ENV })(() => 60_000);
    const key = {
      partition: 'aws',
      account: '111122223333',
      region: 'eu-central-1',
      type: 'AWS::Test::Thing',
      id: 'box',
    } as const;
    await evidence.put({
      v: 1,
      intent: {
        ...{ id: 'i-1', kind: 'remediation', control: 'c', key, openedAt: '2026-01-05T03:00:00.000Z', reason: '' },
        cause: { source: 'agenda', eventId: '', eventName: '', time: '2026-01-05T03:00:00Z', origin: 'looks' },
        ...{ before: {}, after: {}, calls: [] },
      },
      ...{ title: '', hipaa: [], outcome: 'VERIFIED', observed: {}, verifiedAt: '2026-01-05T03:00:02.000Z' },
    });
    await ledger.pauses();
    expect(
      stub.requests.map(({ headers }) => /\/(us-east-1|eu-central-1)\/(\w+)\//.exec(headers.authorization ?? '')?.[0]),
    ).toEqual(['/us-east-1/s3/', '/us-east-1/dynamodb/']);
    expect(stub.requests[0]?.url).toContain('/evidence/');
    expect(stub.requests[1]?.body).toContain('"TableName":"ledger"');
  });
});
