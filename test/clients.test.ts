import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { Clients } from '../lib/aws/clients.ts';
import { getBucketAcl, getBucketPolicy, putPublicAccessBlock } from '../lib/aws/s3.ts';
import { classify } from '../lib/engine/errors.ts';
import { type StubAws, s3Error, startStubAws } from './support/stub-aws.ts';

const ACCOUNT = '111122223333';
const where = { account: ACCOUNT, region: 'eu-central-1' };
const bucket = { Bucket: 'scans', ExpectedBucketOwner: ACCOUNT };
const policy = (response: ServerResponse): void => void response.end('{"Statement":[]}');

let stub: StubAws;
let made: Clients[] = [];
beforeAll(async () => {
  stub = await startStubAws();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: stub.url,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  });
});
afterEach(() => {
  for (const clients of made) clients.destroy();
  made = [];
});
afterAll(() => stub.stop());

function clients(env: Record<string, string | undefined> = process.env, requestTimeoutMs = 5_000): Clients {
  const one = new Clients({ account: ACCOUNT, env, requestTimeoutMs });
  made.push(one);
  return one;
}
const sender = (remaining = 60_000, requestTimeoutMs = 5_000) =>
  clients(process.env, requestTimeoutMs).sender(() => remaining)(where);
const thrownBy = (sent: Promise<unknown>): Promise<Error> =>
  sent.then(
    () => Promise.reject(new Error('It was answered.')),
    (error: Error) => error,
  );

test('one client by service and region, for the life of the process', () => {
  const one = clients();
  expect(one.get(S3Client, 'us-east-1')).toBe(one.get(S3Client, 'us-east-1'));
  expect(one.get(S3Client, 'us-east-1')).not.toBe(one.get(S3Client, 'eu-central-1'));
  expect(one.get(SecurityHubClient, 'us-east-1')).not.toBe(one.get(S3Client, 'us-east-1'));
  expect(clients().get(S3Client, 'us-east-1')).not.toBe(one.get(S3Client, 'us-east-1'));
});

test.each([
  ['none', {}, false],
  ['the emulators', { AWS_ENDPOINT_URL: 'http://localhost:1' }, true],
  ['S3 alone', { AWS_ENDPOINT_URL_S3: 'http://localhost:1' }, true],
  ['all, and nothing for S3', { AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL: 'http://localhost:1' }, true],
])('buckets are in the path where the environment names an endpoint: %s', (_name, env, inPath) => {
  expect(clients(env).get(S3Client, 'us-east-1').config.forcePathStyle).toBe(inPath);
});

test('nothing is sent for another account', () => {
  const send = clients().sender(() => 60_000);
  expect(() => send({ account: '123456789012', region: 'us-east-1' })).toThrow(
    'Nothing is sent for account 123456789012: the credentials are those of 111122223333.',
  );
});

test('a call goes to the region of its resource, under our name and version', async () => {
  stub.answer(policy);
  await sender()(getBucketPolicy, bucket);
  const { url, headers } = stub.requests[0]!;
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  expect(url).toBe('/scans/?policy=');
  expect(headers.authorization).toContain('/eu-central-1/s3/aws4_request');
  expect(headers['x-amz-expected-bucket-owner']).toBe(ACCOUNT);
  expect(headers['user-agent']).toContain(` suture/${version}`);
});

describe('errors', () => {
  test('that mean "nothing configured" answer undefined', async () => {
    stub.answer(s3Error(404, 'NoSuchBucketPolicy'));
    await expect(sender()(getBucketPolicy, bucket)).resolves.toBeUndefined();
  });

  test.each([
    [404, 'NoSuchBucket', 'other'],
    [403, 'AccessDenied', 'denied'],
    [301, 'PermanentRedirect', 'other'],
  ])('of the call are thrown as they are, at once: %s %s', async (status, name, kind) => {
    stub.answer(s3Error(status, name));
    const error = await thrownBy(sender()(getBucketPolicy, bucket));
    expect(error).toMatchObject({ name });
    expect(classify(error)).toBe(kind);
    expect(stub.requests).toHaveLength(1);
  });

  test('that the operation does not expect are thrown, though they mean "nothing configured" elsewhere', async () => {
    stub.answer(s3Error(404, 'NoSuchBucketPolicy'));
    await expect(sender()(getBucketAcl, bucket)).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
  });

  test('that pass are tried again', async () => {
    const answers = [s3Error(503, 'SlowDown'), s3Error(500, 'InternalError'), policy];
    stub.answer((response, _request, nth) => answers[nth - 1]!(response));
    await expect(sender()(getBucketPolicy, bucket)).resolves.toMatchObject({ Policy: '{"Statement":[]}' });
    expect(stub.requests).toHaveLength(3);
  });

  test('that do not pass are thrown after three tries', async () => {
    stub.answer(s3Error(503, 'SlowDown'));
    expect(classify(await thrownBy(sender()(getBucketPolicy, bucket)))).toBe('throttled');
    expect(stub.requests).toHaveLength(3);
  });

  test('of the connection are tried again, and then known for what they are', async () => {
    stub.answer((response) => void response.socket?.destroy());
    expect(classify(await thrownBy(sender()(getBucketPolicy, bucket)))).toBe('server');
    expect(stub.requests).toHaveLength(3);
  });
});

describe('time', () => {
  test('an answer that does not come is waited for as long as one request may take', async () => {
    stub.answer((response, _request, nth) => void (nth === 3 && policy(response)));
    await expect(sender(60_000, 200)(getBucketPolicy, bucket)).resolves.toBeDefined();
    expect(stub.requests).toHaveLength(3);
  });

  test('a call ends before the process does, whatever is still missing', async () => {
    stub.answer(() => {});
    const error = await thrownBy(sender(1_050)(getBucketPolicy, bucket));
    expect(error.name).toBe('AbortError');
    expect(classify(error)).toBe('server');
    expect(stub.requests).toHaveLength(1);
  });

  test('an answer that stops half-way is not waited for either', async () => {
    stub.answer((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
    });
    expect(classify(await thrownBy(sender(1_100)(getBucketPolicy, bucket)))).toBe('server');
    expect(stub.requests).toHaveLength(1);
  });

  test('nor is a pause between two tries', async () => {
    stub.answer((response) => {
      response.setHeader('retry-after', '1');
      s3Error(503, 'SlowDown')(response);
    });
    await thrownBy(sender(1_100)(getBucketPolicy, bucket));
    expect(stub.requests.length).toBeLessThan(3);
  });

  test('without a limit from outside a call still ends', async () => {
    stub.answer((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
    });
    expect(classify(await thrownBy(sender(Number.POSITIVE_INFINITY, 40)(getBucketPolicy, bucket)))).toBe('server');
  });

  test.each([1_000, 500, 0, -1])('with %d ms left nothing is sent any more', async (remaining) => {
    stub.answer(policy);
    const block = { ...bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } };
    expect((await thrownBy(sender(remaining)(putPublicAccessBlock, block))).name).toBe('AbortError');
    expect(stub.requests).toHaveLength(0);
  });
});
