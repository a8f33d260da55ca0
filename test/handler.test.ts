import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageFunctions } from '../lib/build/package.ts';
import { DEFAULT_SETTINGS } from '../lib/settings.ts';

const root = join(__dirname, '..');
/** Nothing listens there: every call fails at once. */
const NOWHERE = 'http://127.0.0.1:1';
const environment = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-central-1',
  AWS_ENDPOINT_URL: NOWHERE,
  SUTURE_TABLE: 'ledger',
  SUTURE_EVIDENCE_BUCKET: 'evidence',
  SUTURE_ROLE_PREFIX: 'arn:aws:iam::123456789012:role/suture-test-',
  SUTURE_FAMILIES: 'rds,s3',
  POWERTOOLS_METRICS_NAMESPACE: 'Suture',
  POWERTOOLS_SERVICE_NAME: 'test',
};
let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'handler-test-'));
  await packageFunctions(root, ['s3'], { out, settings: DEFAULT_SETTINGS });
});
afterAll(() => rm(out, { recursive: true, force: true }));

interface Answer {
  readonly value?: { readonly outcome: string; readonly reason?: string };
  readonly error?: string;
  readonly log: readonly { readonly message?: string; readonly requestId?: string; readonly error?: string }[];
}

/** One invocation of the built S3 function, in a process of its own as Lambda would run it. */
async function invoke(event: object | string, change: Record<string, string> = {}): Promise<Answer> {
  const given =
    typeof event === 'string'
      ? `JSON.parse(readFileSync(${JSON.stringify(join(root, 'events', event))}))`
      : JSON.stringify(event);
  const code = `
    import { readFileSync } from 'node:fs';
    const { handler } = await import(${JSON.stringify(`file://${join(out, 's3', 'index.mjs')}`)});
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 20_000 };
    const answer = await handler(${given}, context).then((value) => ({ value }), (error) => ({ error: error.message }));
    process.stdout.write(\`\n\${JSON.stringify({ answer })}\n\`);
    process.exit(0);`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    env: { PATH: process.env.PATH, ...environment, ...change },
  });
  const lines = `${stdout}\n${stderr}`.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return { ...lines.find(({ answer }) => answer).answer, log: lines.filter(({ answer }) => !answer) };
}

test('what cannot even be recorded is thrown, so that Lambda calls again', async () => {
  const { error, log } = await invoke('cloudtrail/CreateBucket.json');
  expect(error).toBe('1 of 1 resources failed');
  expect(log).toContainEqual(expect.objectContaining({ message: 'Resource not handled.', requestId: 'request-1' }));
});

test('what leads nowhere is recorded once, and no error', async () => {
  const { value, log } = await invoke({ 'detail-type': 'Scheduled Event', source: 'aws.events' });
  expect(value).toMatchObject({ outcome: expect.stringMatching(/^(ignored|malformed)$/), reason: expect.any(String) });
  expect(log.filter(({ message }) => message?.startsWith('Event '))).toHaveLength(1);
});

test('a function does not follow the calls of its own role, and does those of a role that only begins alike', async () => {
  const own = await invoke('cloudtrail/PutBucketPublicAccessBlock-own-role.json', {
    SUTURE_ROLE_PREFIX: 'arn:aws:iam::123456789012:role/suture-',
  });
  expect(own.value).toMatchObject({ outcome: 'ignored' });
  const alike = await invoke('cloudtrail/PutBucketPublicAccessBlock-own-role.json', {
    SUTURE_ROLE_PREFIX: 'arn:aws:iam::123456789012:role/suture-s',
  });
  expect(alike.error).toBe('1 of 1 resources failed');
});

test.each(['SUTURE_TABLE', 'SUTURE_EVIDENCE_BUCKET', 'SUTURE_ROLE_PREFIX'])('without %s it says so', async (name) => {
  expect((await invoke('cloudtrail/CreateBucket.json', { [name]: '' })).error).toContain(name);
});
