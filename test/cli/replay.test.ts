import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  type ServerSideEncryptionConfiguration,
} from '@aws-sdk/client-s3';
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { ACCOUNT, REGION } from '../../emulators/start.ts';
import { testAws } from '../support/aws.ts';
import { workerMoto } from '../support/emulators.ts';
import { json, suture } from './in-process.ts';

const EVENT = 'events/cloudtrail/DeleteBucketPublicAccessBlock.json';
const BUCKET = 'patient-portal-uploads';
const CONTROL = 's3-bucket-public-access-block';
const ENV = ['SUTURE_TABLE', 'SUTURE_EVIDENCE_BUCKET', 'AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_PROFILE'];

let folder: string;
let auto: string;
let aws: ReturnType<typeof testAws>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'suture-replay-'));
  auto = join(folder, 'auto.yml');
  writeFileSync(auto, `controls:\n  ${CONTROL}: auto\n`);
});
beforeEach(async () => {
  const { url } = await workerMoto();
  for (const name of ENV) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
  });
  aws = testAws({ url });
  await aws.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterEach(() => aws.destroy());
afterAll(() => rmSync(folder, { recursive: true }));

const block = () =>
  aws.s3.send(new GetPublicAccessBlockCommand({ Bucket: BUCKET })).then(
    ({ PublicAccessBlockConfiguration }) => PublicAccessBlockConfiguration,
    ({ name }: Error) => name,
  );
const buckets = async () => (await aws.s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name);
const tables = async () => (await aws.client(DynamoDBClient).send(new ListTablesCommand({}))).TableNames;
const items = async () => (await aws.client(DynamoDBClient).send(new ScanCommand({ TableName: 'suture' }))).Items;
const findings = async () => (await aws.client(SecurityHubClient).send(new GetFindingsCommand({}))).Findings ?? [];
const OPEN = 'NoSuchPublicAccessBlockConfiguration';
const CLOSED = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const THEIRS: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse' } }],
};
const of = (answer: { resources: { controls: { control: string }[] }[] }[], control = CONTROL) =>
  answer[0]!.resources[0]!.controls.find((each) => each.control === control);

describe('a dry run', () => {
  test('shows the plan, and writes nothing: not to the bucket, nor a ledger, evidence or finding', async () => {
    const { status, answer } = await json(['replay', EVENT, '--dry-run', '--settings', auto]);
    expect(status).toBe(0);
    expect(answer[0]).toMatchObject({ outcome: 'matched', dryRun: true });
    expect(of(answer)).toEqual({
      control: CONTROL,
      status: 'NON_COMPLIANT',
      decision: 'REMEDIATE',
      reason: expect.stringContaining(BUCKET),
      fix: {
        before: expect.objectContaining({ 'publicAccessBlock/BlockPublicAcls': null }),
        after: expect.objectContaining({ 'publicAccessBlock/BlockPublicAcls': true }),
        calls: [{ op: 's3:PutPublicAccessBlock', input: expect.objectContaining({ Bucket: BUCKET }) }],
      },
    });
    expect(await block()).toBe(OPEN);
    expect(await buckets()).toEqual([BUCKET]);
    expect(await tables()).toEqual([]);
    expect(await findings()).toEqual([]);
  });

  test('shows the plan in report mode too, and says that nothing would be changed', async () => {
    const { answer } = await json(['replay', EVENT, '--dry-run']);
    expect(of(answer)).toMatchObject({ decision: 'REPORT_ONLY', fix: { calls: [{ op: 's3:PutPublicAccessBlock' }] } });
    const { out, err } = await suture(['replay', EVENT, '--dry-run']);
    expect(out).toContain('report mode, so nothing is changed');
    expect(out).toContain('publicAccessBlock/BlockPublicAcls: none -> true');
    expect(err).toContain('SUTURE_TABLE is not set');
  });

  test('reads the ledger that the environment names, and leaves it as it is', async () => {
    await suture(['pause', '--reason', 'migration', '--region', REGION]);
    process.env.SUTURE_TABLE = 'suture';
    const { answer, err } = await json(['replay', EVENT, '--dry-run', '--settings', auto]);
    expect(err).toBe('');
    expect(of(answer)).toMatchObject({ decision: 'PAUSED' });
    await suture(['resume', '--region', REGION]);
    const before = await items();
    const again = await json(['replay', EVENT, '--dry-run', '--settings', auto]);
    expect(of(again.answer)).toMatchObject({ decision: 'REMEDIATE' });
    expect(await items()).toEqual(before);
  });
});

describe('a replay', () => {
  test('in report mode changes nothing, and tells Security Hub', async () => {
    const { status, answer, err } = await json(['replay', EVENT]);
    expect(status).toBe(0);
    expect(of(answer)).toMatchObject({
      decision: 'REPORT_ONLY',
      finding: { compliance: 'FAILED', text: expect.stringContaining('Report mode') },
    });
    expect(await block()).toBe(OPEN);
    expect(await findings()).toMatchObject([{ GeneratorId: `suture/${CONTROL}`, Compliance: { Status: 'FAILED' } }]);
    expect(err).toContain('The emulator at the endpoint had no SUTURE_TABLE: suture was made there.');
    expect((await json(['replay', EVENT])).err).toBe('');
  });

  test('in auto mode closes the hole, keeps evidence, and says how to take it back; revert does', async () => {
    const { status, answer } = await json(['replay', EVENT, '--settings', auto]);
    expect(status).toBe(0);
    const closed = of(answer) as unknown as { fix: { intent: string } };
    expect(closed).toMatchObject({ status: 'COMPLIANT', finding: { compliance: 'PASSED' } });
    expect(await block()).toEqual(CLOSED);
    const evidence = await aws.s3.send(new ListObjectsV2Command({ Bucket: `suture-evidence-${ACCOUNT}-${REGION}` }));
    expect(evidence.Contents).toEqual([expect.objectContaining({ Key: expect.stringContaining(closed.fix.intent) })]);

    const back = ['revert', CONTROL, BUCKET, '--region', REGION, '--reason', 'portal is down', '--settings', auto];
    const planned = await json([...back, '--dry-run']);
    expect(planned).toMatchObject({ status: 0, answer: { status: 'planned' } });
    expect(await block()).toEqual(CLOSED);
    const reverted = await json(back);
    expect(reverted).toMatchObject({
      status: 0,
      answer: {
        status: 'reverted',
        intents: [
          { reverts: { intent: closed.fix.intent, reason: 'portal is down', by: expect.stringContaining(ACCOUNT) } },
        ],
      },
    });
    expect(await block()).toBe(OPEN);
    expect(of((await json(['replay', EVENT, '--settings', auto])).answer)).toMatchObject({ decision: 'EXEMPT' });
    expect(await json(back)).toMatchObject({ status: 1, answer: { status: 'nothing' } });
  });

  test('what somebody changed since is not taken back, and the difference is shown', async () => {
    const file = join(folder, 'encryption.json');
    const kms = join(folder, 'kms.yml');
    writeFileSync(file, JSON.stringify(eventAbout(ACCOUNT, BUCKET, 'DeleteBucketEncryption')));
    writeFileSync(kms, 'controls:\n  s3-bucket-kms-encryption: auto\n');
    expect((await suture(['replay', file, '--settings', kms])).out).toContain('fixed, and read back');
    await aws.s3.send(new PutBucketEncryptionCommand({ Bucket: BUCKET, ServerSideEncryptionConfiguration: THEIRS }));
    const revert = ['revert', 's3-bucket-kms-encryption', BUCKET, '--region', REGION, '--reason', 'x'];
    const { status, out } = await suture(revert);
    expect(status).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(
      /^refused: .* encryption now: .*aws:kms:dsse.* Suture's value: .*"aws:kms".* before: none$/,
    );
    const { ServerSideEncryptionConfiguration } = await aws.s3.send(new GetBucketEncryptionCommand({ Bucket: BUCKET }));
    expect(ServerSideEncryptionConfiguration).toMatchObject(THEIRS);
  });

  test('for a reader: who, what was changed slot by slot, and the way back', async () => {
    const { out } = await suture(['replay', EVENT, '--settings', auto], { width: 60 });
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain('DeleteBucketPublicAccessBlock by arn:aws:iam::123456789012:user/backup-operator');
    expect(text).toContain('fixed, and read back: COMPLIANT');
    expect(text).toContain('publicAccessBlock/BlockPublicAcls: none -> true');
    expect(text).toContain(`npx suture revert ${CONTROL} ${BUCKET} --region us-east-1 --reason`);
    const tooWide = out
      .split('\n')
      .filter((line) => line.length > 60 && line.trim().includes(' ') && !line.includes('npx'));
    expect(tooWide).toEqual([]);
  });

  test('a resource that cannot be judged is no success', async () => {
    const gone = join(folder, 'gone.json');
    writeFileSync(gone, JSON.stringify(eventAbout(ACCOUNT, 'not-there-anywhere')));
    const { status, answer } = await json(['replay', gone]);
    expect(status).toBe(1);
    expect(of(answer)).toMatchObject({ status: 'UNKNOWN', reason: expect.stringContaining('NoSuchBucket') });
  });

  test('of an event that leads nowhere asks AWS nothing', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    const { status, answer } = await json(['replay', 'events/cloudtrail/GetBucketAcl.json']);
    expect(status).toBe(0);
    expect(answer).toMatchObject([{ outcome: 'ignored', targets: [], resources: [] }]);
    expect((await json(['replay', 'events/cloudtrail/PutBucketPolicy-no-bucket.json'])).status).toBe(1);
  });

  test('stopped by Ctrl-C, later events are left', async () => {
    const stop = new AbortController();
    const out: string[] = [];
    const { status, err } = await suture(['replay', EVENT, EVENT], {
      interruptible: () => stop.signal,
      out(line) {
        out.push(line);
        stop.abort();
      },
    });
    expect(status).toBe(1);
    expect(out).toHaveLength(1);
    expect(err).toContain('1 of 2 events were not replayed');
  });

  test('stopped by Ctrl-C while it looks, begins no write', async () => {
    const stop = new AbortController();
    const moto = process.env.AWS_ENDPOINT_URL!;
    const writes: string[] = [];
    const between = createServer((incoming, answer) => {
      const { method, url: path = '', headers } = incoming;
      if (path.includes('publicAccessBlock')) stop.abort();
      if (method === 'PUT' && path.startsWith(`/${BUCKET}`)) writes.push(path);
      const outgoing = request(`${moto}${path}`, { method, headers }, (from) => {
        answer.writeHead(from.statusCode!, from.headers);
        from.pipe(answer);
      });
      incoming.pipe(outgoing);
    });
    await once(between.listen(0, '127.0.0.1'), 'listening');
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
    try {
      const { answer } = await json(['replay', EVENT, '--settings', auto], { interruptible: () => stop.signal });
      expect(of(answer)).toMatchObject({ status: 'NON_COMPLIANT', decision: 'LATER' });
      expect(writes).toEqual([]);
      expect(await block()).toBe(OPEN);
    } finally {
      between.closeAllConnections();
      between.close();
    }
  });
});

const eventAbout = (account: string, bucket: string, eventName = 'DeleteBucketPublicAccessBlock') => ({
  ...{ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.s3', account, region: REGION, resources: [] },
  detail: {
    ...{ eventSource: 's3.amazonaws.com', eventName, eventID: 'e', awsRegion: REGION },
    ...{ eventTime: '2026-03-04T09:12:31Z', userIdentity: { type: 'Root' }, requestParameters: { bucketName: bucket } },
  },
});

describe('refused, before anything is done', () => {
  test('events of another account than the credentials', async () => {
    const foreign = join(folder, 'foreign.json');
    writeFileSync(foreign, JSON.stringify(eventAbout('111122223333', BUCKET)));
    const { status, out, err } = await suture(['replay', EVENT, foreign, '--settings', auto]);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/credentials are those of account 123456789012 .* about account 111122223333/);
    expect(await block()).toBe(OPEN);
    const arn = 'arn:aws:rds:us-east-1:111122223333:db:portal';
    expect((await suture(['revert', 'rds-postgres-tls-required', arn, '--reason', 'x'])).err).toContain('111122223333');
  });

  test('without a deployment and without an emulator: what is missing and how to get it', async () => {
    process.env.AWS_ENDPOINT_URL_STS = process.env.AWS_ENDPOINT_URL;
    delete process.env.AWS_ENDPOINT_URL;
    try {
      process.env.SUTURE_TABLE = 'ledger';
      const { status, out, err } = await suture(['replay', EVENT]);
      expect({ status, out }).toEqual({ status: 1, out: '' });
      expect(err).toContain('SUTURE_EVIDENCE_BUCKET is not set');
      expect(err).toContain('SutureEvidenceBucket');
      expect(err).toContain('--dry-run');
      expect(err).not.toContain('SUTURE_TABLE is not set');
    } finally {
      delete process.env.AWS_ENDPOINT_URL_STS;
    }
  });

  test.each([
    [['revert', CONTROL, 'not/a/bucket', '--region', REGION, '--reason', 'x'], 'is about AWS::S3::Bucket'],
    [['revert', CONTROL, BUCKET, '--reason', 'x'], 'Say where'],
    [['revert', CONTROL, BUCKET, '--region', REGION, '--reason', ' '], '--reason is empty'],
    [['revert', CONTROL, BUCKET, '--region', REGION], "required option '--reason <text>'"],
    [['revert', CONTROL, BUCKET, '--region', REGION, '--reason', 'x', '--days', '0'], 'whole number from 1'],
    [['pause', '--control', 's3-bucket', '--reason', 'x', '--region', REGION], 'There is no control s3-bucket'],
    [['pause', '--reason', 'x'], 'Set AWS_REGION'],
    [['resume', '--region', REGION], 'Everything is not paused'],
    [['replay', EVENT, '--settings', 'nowhere.yml'], 'The settings cannot be read'],
  ])('%j', async (args, why) => {
    const { status, out, err } = await suture(args);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(why);
  });
});

describe('pause and resume', () => {
  test('by whom and why is kept; a second one does not take its place; resume lifts it', async () => {
    const one = ['--control', CONTROL, '--region', REGION];
    const { status, answer } = await json(['pause', ...one, '--reason', 'migration']);
    expect(status).toBe(0);
    expect(answer.pauses).toEqual({
      [CONTROL]: { by: expect.stringContaining(ACCOUNT), reason: 'migration', at: expect.any(String) },
    });
    const second = await suture(['pause', ...one, '--reason', 'another']);
    expect(second).toMatchObject({ status: 1, err: expect.stringContaining('migration') });
    expect(of((await json(['replay', EVENT, '--settings', auto])).answer)).toMatchObject({ decision: 'PAUSED' });
    expect((await json(['resume', ...one])).answer).toEqual({ pauses: {} });
    expect(of((await json(['replay', EVENT, '--settings', auto])).answer)).toMatchObject({ status: 'COMPLIANT' });
  });
});
