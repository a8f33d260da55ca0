import { DescribeKeyCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import {
  CreateDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  BatchImportFindingsCommand,
  BatchUpdateFindingsCommand,
  EnableSecurityHubCommand,
  GetFindingsCommand,
  ListMembersCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { clients } from './aws.ts';
import { Bench } from './bench.ts';
import { at, type FaultRule, notFoundOnceAfterCreates, staleOnceAfterWrites } from './proxy.ts';

let bench: Bench;
let run: ReturnType<typeof clients>;
beforeAll(async () => {
  bench = await Bench.open();
  run = clients({ url: bench.proxy.url, run: 'run' });
});
beforeEach(() => bench.reset());
afterAll(async () => {
  run.destroy();
  await bench.close();
});

const Bucket = 'charts';
const tag = (Value: string) => new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'k', Value }] } });
const tagged = async () =>
  (await run.of(S3Client).send(new GetBucketTaggingCommand({ Bucket }))).TagSet?.map(({ Value }) => Value).join();
const error = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('it did not fail'),
    (thrown: Error) => thrown,
  );
const operations = () => bench.proxy.calls.map(({ operation, kind }) => `${kind} ${operation}`);

test("records what runs call, by operation, and nothing of the test's own", async () => {
  await bench.aws.s3.send(new CreateBucketCommand({ Bucket }));
  await run.of(S3Client).send(tag('a'));
  await run.of(S3Client).send(new HeadBucketCommand({ Bucket }));
  await run.of(RDSClient).send(new DescribeDBInstancesCommand({}));
  await run.of(KMSClient).send(new ListKeysCommand({}));
  await run.of(SecurityHubClient).send(new EnableSecurityHubCommand({}));
  await run.of(S3Client).send(new DeleteBucketCommand({ Bucket }));
  expect(operations()).toEqual([
    'write s3:PutBucketTagging',
    'read s3:HeadBucket',
    'read rds:DescribeDBInstances',
    'read kms:ListKeys',
    'write securityhub:EnableSecurityHub',
    'write s3:DeleteBucket',
  ]);
});

test.each([
  ['s3', () => run.of(S3Client).send(new HeadBucketCommand({ Bucket })), 503],
  ['rds', () => run.of(RDSClient).send(new DescribeDBInstancesCommand({})), 'Throttling'],
  ['kms', () => run.of(KMSClient).send(new ListKeysCommand({})), 'ThrottlingException'],
  ['securityhub', () => run.of(SecurityHubClient).send(new GetFindingsCommand({})), 'ThrottlingException'],
])('throttles %s as %s does', async (_service, call, sign) => {
  bench.proxy.disturb(at({ 1: { kind: 'throttle' } }));
  const thrown = (await error(call())) as Error & { $metadata?: { httpStatusCode?: number } };
  expect([thrown.name, thrown.$metadata?.httpStatusCode]).toContain(sign);
});

test("an injected error has the service's form", async () => {
  bench.proxy.disturb(at({ 1: { kind: 'error', status: 404, code: 'DBInstanceNotFound' } }));
  const DBInstanceIdentifier = 'db';
  const thrown = await error(run.of(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })));
  expect(thrown.name).toBe('DBInstanceNotFoundFault');
});

test('a read after a write is stale once, and only where there was an earlier answer', async () => {
  await bench.aws.s3.send(new CreateBucketCommand({ Bucket }));
  await run.of(S3Client).send(tag('before'));
  bench.proxy.disturb(staleOnceAfterWrites());
  expect(await tagged()).toBe('before');
  await run.of(S3Client).send(tag('after'));
  expect(await tagged()).toBe('before');
  expect(await tagged()).toBe('after');
});

test('what was just created is not found once, and then it is', async () => {
  bench.proxy.disturb(notFoundOnceAfterCreates());
  const DBParameterGroupName = 'just-made';
  const rds = run.of(RDSClient);
  await rds.send(
    new CreateDBParameterGroupCommand({ DBParameterGroupName, DBParameterGroupFamily: 'postgres14', Description: 'x' }),
  );
  const look = () => rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName }));
  expect((await error(look())).name).toBe('DBParameterGroupNotFoundFault');
  expect((await look()).DBParameterGroups).toHaveLength(1);
});

test.each([
  [false, 'before'],
  [true, 'after'],
])('a connection reset with effect %s leaves the tag %s', async (effect, value) => {
  await bench.aws.s3.send(new CreateBucketCommand({ Bucket }));
  await run.of(S3Client).send(tag('before'));
  bench.proxy.disturb(at({ 2: { kind: 'reset', effect } }));
  expect(await error(run.of(S3Client).send(tag('after')))).toMatchObject({ code: 'ECONNRESET' });
  expect(await tagged()).toBe(value);
});

test.each([false, true])('a killed run is never answered again; effect of its last call: %s', async (effect) => {
  await bench.aws.s3.send(new CreateBucketCommand({ Bucket }));
  const doomed = clients({ url: bench.proxy.url, run: 'doomed' });
  const kill: FaultRule = ({ run: who }) => (who === 'doomed' ? { kind: 'kill', effect } : undefined);
  bench.proxy.disturb(kill);
  let answers = 0;
  const count = () => {
    answers++;
  };
  void doomed.of(S3Client).send(tag('last')).then(count, count);
  while (bench.proxy.calls.length === 0) await new Promise(setImmediate);
  bench.proxy.disturb(undefined);
  void doomed.of(S3Client).send(tag('beyond')).then(count, count);
  if (effect) while ((await tagged().catch(() => '')) !== 'last') await new Promise(setImmediate);
  const now = await tagged().catch(({ name }: Error) => name);
  expect(now).toBe(effect ? 'last' : 'NoSuchTagSet');
  expect(answers).toBe(0);
  expect(bench.proxy.calls.filter(({ run: who }) => who === 'doomed')).toHaveLength(1);
  doomed.destroy();
});

test('an operation that moto lacks is an error that says so', async () => {
  const thrown = await error(run.of(SecurityHubClient).send(new ListMembersCommand({ MaxResults: 1 })));
  const page = await error(
    (async () => {
      const response = await fetch(`${bench.proxy.url}/no-such-thing`, {
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/securityhub/aws4_request, x' },
      });
      throw new Error(await response.text());
    })(),
  );
  expect(`${thrown.message} ${page.message}`).toContain('not emulated: securityhub:GET /no-such-thing');
});

test("IAM's refusal reaches a service that speaks JSON as that service's error", async () => {
  await bench.enforce(['kms:ListKeys']);
  const send = bench.process({}).runtime.send({ account: '', region: '' });
  const op = (command: unknown) => ({ client: KMSClient, command, name: 'kms:x', kind: 'read', none: [] }) as never;
  await expect(send(op(ListKeysCommand), {} as never)).resolves.toBeDefined();
  expect((await error(send(op(DescribeKeyCommand), { KeyId: 'k' } as never))).name).toMatch(/AccessDenied/);
});

describe('fakes', () => {
  test('a policy for everybody is public, one for an account is not, none is an error', async () => {
    const { s3 } = bench.aws;
    const status = new GetBucketPolicyStatusCommand({ Bucket });
    const policy = (Principal: unknown) =>
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }],
        }),
      });
    await s3.send(new CreateBucketCommand({ Bucket }));
    expect((await error(s3.send(status))).name).toBe('NoSuchBucketPolicy');
    await s3.send(policy('*'));
    expect((await s3.send(status)).PolicyStatus?.IsPublic).toBe(true);
    await s3.send(policy({ AWS: 'arn:aws:iam::111122223333:root' }));
    expect((await s3.send(status)).PolicyStatus?.IsPublic).toBe(false);
  });

  test('a finding is found by its id with the workflow it was given, until the account is reset', async () => {
    const hub = bench.aws.client(SecurityHubClient);
    await hub.send(new EnableSecurityHubCommand({}));
    const ProductArn = 'arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default';
    const finding = (Id: string) => ({
      ...{ SchemaVersion: '2018-10-08', Id, ProductArn, GeneratorId: 'g', AwsAccountId: '123456789012' },
      ...{ CreatedAt: '2026-01-01T00:00:00Z', UpdatedAt: '2026-01-01T00:00:00Z', Title: 't', Description: 'd' },
      ...{ Severity: { Label: 'LOW' as const }, Types: ['T'], Resources: [{ Type: 'Other', Id: 'r' }] },
    });
    await hub.send(new BatchImportFindingsCommand({ Findings: [finding('a'), finding('b')] }));
    const update = await hub.send(
      new BatchUpdateFindingsCommand({
        FindingIdentifiers: [
          { Id: 'a', ProductArn },
          { Id: 'c', ProductArn },
        ],
        Workflow: { Status: 'RESOLVED' },
      }),
    );
    expect(update.UnprocessedFindings).toMatchObject([{ FindingIdentifier: { Id: 'c' } }]);
    const get = (Id: string) =>
      hub.send(new GetFindingsCommand({ Filters: { Id: [{ Value: Id, Comparison: 'EQUALS' }] } }));
    expect((await get('a')).Findings).toMatchObject([{ Id: 'a', Workflow: { Status: 'RESOLVED' } }]);
    expect((await get('b')).Findings).toMatchObject([{ Id: 'b' }]);
    await bench.reset();
    await hub.send(new EnableSecurityHubCommand({}));
    expect((await get('a')).Findings).toEqual([]);
  });
});
