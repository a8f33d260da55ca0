import type { ServerResponse } from 'node:http';
import { CreateBucketCommand, GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ACCOUNT, REGION } from '../../emulators/start.ts';
import { Clients } from '../../lib/aws/clients.ts';
import { type Evidence, evidenceKey } from '../../lib/engine/evidence.ts';
import { EvidenceBucket } from '../../lib/engine/evidence-s3.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../lib/settings.ts';
import { type TestAws, testAws } from '../support/aws.ts';
import { workerMoto } from '../support/emulators.ts';
import { type StubAws, s3Error, startStubAws } from '../support/stub-aws.ts';
import { thing } from './world.ts';

const BUCKET = 'suture-evidence';
const key = { ...thing('two words/box'), account: ACCOUNT };
const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  v: 1,
  intent: {
    id: '20260105T030000000Z-000000000001',
    kind: 'remediation',
    control: 'test-thing-green',
    key,
    openedAt: '2026-01-05T03:00:00.000Z',
    cause: { source: 'agenda', eventId: '', eventName: 'agenda', time: '2026-01-05T03:00:00Z', origin: 'looks' },
    reason: 'box is red.',
    before: { lid: null, color: 'red' },
    after: { lid: 'shut', color: 'green' },
    calls: [],
  },
  title: 'Things are green',
  hipaa: ['164.312(a)(1)'],
  outcome: 'VERIFIED',
  observed: { color: 'green', lid: 'shut' },
  verifiedAt: '2026-01-05T03:00:02.000Z',
  ...change,
});
const KEY = `evidence/${ACCOUNT}/us-east-1/2026/01/05/20260105T030000000Z-000000000001.json`;

const opened: Clients[] = [];
/** The true one, sent with the product's own clients to whatever the environment names. */
function store(settings: Settings['evidence'] = DEFAULT_SETTINGS.evidence): EvidenceBucket {
  const clients = new Clients({ account: ACCOUNT, env: process.env, requestTimeoutMs: 5_000 });
  opened.push(clients);
  return new EvidenceBucket(
    clients.sender(() => 60_000),
    BUCKET,
    settings,
  );
}
beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
});
afterAll(() => {
  for (const clients of opened) clients.destroy();
});

test('objects sort by account, region and day', () => {
  expect(evidenceKey(evidence())).toBe(KEY);
});

describe('in S3', () => {
  let aws: TestAws & { destroy(): void };
  beforeEach(async () => {
    const { url } = await workerMoto();
    process.env.AWS_ENDPOINT_URL = url;
    aws = testAws({ url });
  });
  afterEach(() => aws.destroy());
  const bucket = (ObjectLockEnabledForBucket: boolean) =>
    aws.s3.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket }));
  async function kept() {
    const { Body, ...head } = await aws.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
    return { ...head, text: await Body!.transformToString() };
  }

  test('it is locked for six years, whatever the bucket does by default', async () => {
    await bucket(true);
    await store().put(evidence());
    expect(await kept()).toMatchObject({
      ContentType: 'application/json',
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: new Date('2032-01-06T03:00:02.000Z'),
    });
  });

  test("mode and retention are the settings'", async () => {
    await bucket(true);
    await store({ retentionDays: 1, lockMode: 'COMPLIANCE' }).put(evidence());
    expect(await kept()).toMatchObject({
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: new Date('2026-01-06T03:00:02.000Z'),
    });
  });

  test('equal evidence is equal text: the keys are sorted', async () => {
    await bucket(true);
    await store().put(evidence());
    const { text } = await kept();
    expect(JSON.parse(text)).toEqual(evidence());
    expect(text.indexOf('"color":"red"')).toBeLessThan(text.indexOf('"lid":null'));
    expect(text.startsWith('{"hipaa":')).toBe(true);
  });

  test('it is written once: a second run of the same intent changes nothing and is content', async () => {
    await bucket(true);
    await store().put(evidence());
    await store().put(evidence({ verifiedAt: '2026-01-05T04:00:00.000Z' }));
    const { Versions } = await aws.s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    expect(Versions).toHaveLength(1);
    expect((await kept()).text).toContain('"verifiedAt":"2026-01-05T03:00:02.000Z"');
  });

  test('a bucket without Object Lock is refused: it would keep nothing', async () => {
    await bucket(false);
    await expect(store().put(evidence())).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('what S3 may answer', () => {
  let stub: StubAws;
  beforeAll(async () => {
    stub = await startStubAws();
    process.env.AWS_ENDPOINT_URL = stub.url;
  });
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL = stub.url;
  });
  afterAll(() => stub.stop());
  const ok = (response: ServerResponse): void => void response.end();

  test('it is asked for a whole object, once, in our own account', async () => {
    stub.answer(ok);
    await store().put(evidence());
    const [{ method, url, headers }] = stub.requests as [StubAws['requests'][number]];
    expect(`${method} ${url}`).toMatch(`PUT /${BUCKET}/${KEY}`);
    expect(headers).toMatchObject({
      'if-none-match': '*',
      'x-amz-expected-bucket-owner': ACCOUNT,
      // Object Lock asks for a checksum; this one is the SDK's default.
      'x-amz-checksum-crc32': expect.any(String),
    });
    expect(headers.authorization).toContain(`/${REGION}/s3/`);
  });

  test('already there', async () => {
    stub.answer(s3Error(412, 'PreconditionFailed'));
    await store().put(evidence());
    expect(stub.requests).toHaveLength(1);
  });

  test('somebody else is writing it just now: once more', async () => {
    const answers = [s3Error(409, 'ConditionalRequestConflict'), s3Error(412, 'PreconditionFailed')];
    stub.answer((response, _request, nth) => answers[nth - 1]!(response));
    await store().put(evidence());
    expect(stub.requests).toHaveLength(2);
  });

  test('and is still writing it: that is not durable', async () => {
    stub.answer(s3Error(409, 'ConditionalRequestConflict'));
    await expect(store().put(evidence())).rejects.toMatchObject({ name: 'ConditionalRequestConflict' });
    expect(stub.requests).toHaveLength(2);
  });

  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [409, 'OperationAborted'],
  ])('%s %s is not durable', async (status, name) => {
    stub.answer(s3Error(status, name));
    await expect(store().put(evidence())).rejects.toMatchObject({ name });
    expect(stub.requests).toHaveLength(1);
  });
});
