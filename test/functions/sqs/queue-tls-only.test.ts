import { AddPermissionCommand, CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import control from '../../../functions/sqs/queue-tls-only.ts';
import { getQueueAttributes, queue, queueUrl } from '../../../lib/aws/sqs.ts';
import type { ResourceKey } from '../../../lib/resource.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { Bench } from '../../support/bench.ts';

const NAME = 'lab-orders';
const KEY: ResourceKey = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::SQS::Queue',
  id: NAME,
};
const ARN = 'arn:aws:sqs:us-east-1:123456789012:lab-orders';
const ours = {
  Sid: 'SutureTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 'sqs:*',
  Resource: ARN,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const partner = {
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'sqs:SendMessage',
  Resource: ARN,
};
const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Id: 'lab', Statement });

const given =
  (Policy?: string) =>
  async (aws: TestAws): Promise<string> => {
    const Attributes = { VisibilityTimeout: '77', ...(Policy && { Policy }) };
    await aws.client(SQSClient).send(new CreateQueueCommand({ QueueName: NAME, Attributes }));
    return NAME;
  };
/** What may not change beside the policy, and the policy without regard to how it is spaced. */
async function snapshot(aws: TestAws) {
  const { Attributes: { Policy, VisibilityTimeout, MessageRetentionPeriod } = {} } = await aws
    .client(SQSClient)
    .send(new GetQueueAttributesCommand({ QueueUrl: queueUrl(KEY), AttributeNames: ['All'] }));
  return { Policy: Policy ? JSON.parse(Policy) : null, VisibilityTimeout, MessageRetentionPeriod };
}
const shows =
  (...Statement: object[]) =>
  async (aws: TestAws) =>
    expect(await snapshot(aws)).toMatchObject({ Policy: { Statement }, VisibilityTimeout: '77' });

testControl(control, {
  type: queue,
  // One read, one write, and the read again to verify.
  budget: 3,
  snapshot,
  cases: [
    { name: 'a statement of its own kind', given: given(policy({ ...ours, Sid: 'x' })), is: 'COMPLIANT' },
    { name: 'a new queue', given: given(), is: 'DRIFTED', reason: 'open', shows: shows(ours) },
    {
      name: 'a policy of others: one statement is added, and theirs stay',
      given: given(policy(partner, { ...partner, Sid: 'Partner2' })),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: shows(partner, { ...partner, Sid: 'Partner2' }, ours),
      neighbour: async (aws) => {
        const permission = { Label: 'Later', AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] };
        await aws.client(SQSClient).send(new AddPermissionCommand({ QueueUrl: queueUrl(KEY), ...permission }));
      },
    },
    {
      name: 'as many statements as SQS takes',
      given: given(policy(...Array.from({ length: 20 }, (_, n) => ({ ...partner, Sid: `${n}` })))),
      is: 'MANUAL',
      reason: 'cannot',
    },
  ],
});

const observed = (Policy: string | undefined, key = KEY) => {
  const observe = control.observe as (...args: unknown[]) => ReturnType<typeof control.observe>;
  return observe(key, async () => ({ Attributes: Policy === undefined ? undefined : { Policy } }), {});
};
const judge = async (Policy: string | undefined, key = KEY) =>
  control.evaluate(await observed(Policy, key), { key, settings: {} as never, now: new Date(0) });

describe('a queue', () => {
  test.each([undefined, ''])('without a policy (%p)', async (text) => {
    expect(await judge(text)).toMatchObject({
      reason: 'open',
      data: { resource: 'Queue lab-orders', gap: 'it has no policy' },
    });
  });

  test('of which only sending is denied without TLS still hands out its messages', async () => {
    expect(await judge(policy({ ...ours, Action: 'sqs:SendMessage' }))).toMatchObject({ reason: 'open' });
  });

  test('with a policy of more bytes than SQS takes', async () => {
    expect(await judge(policy({ ...partner, Sid: 'x'.repeat(7_800) }))).toMatchObject({
      reason: 'cannot',
      desired: 'manual',
    });
  });

  test('whose policy cannot be read is neither judged nor rewritten', async () => {
    await expect(observed('{')).rejects.toThrow('The policy of queue lab-orders is not JSON.');
  });

  test('has no policy when our statement was all it had', async () => {
    const state = await observed(policy(ours));
    expect(control.set(state, { 'policy/statement:SutureTlsOnly': null })).toMatchObject([
      { input: { QueueUrl: queueUrl(KEY), Attributes: { Policy: '' } } },
    ]);
    expect(control.set(state, { 'policy/statement:SutureTlsOnly': ours })).toEqual([]);
  });

  test.each([
    ['aws-cn', 'cn-north-1', 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/lab-orders'],
    ['aws-us-gov', 'us-gov-west-1', 'https://sqs.us-gov-west-1.amazonaws.com/123456789012/lab-orders'],
  ])('in %s has the ARN and the URL of that partition', async (partition, region, url) => {
    const key = { ...KEY, partition, region };
    expect((await observed(undefined, key)).QueueUrl).toBe(url);
    expect(await judge(undefined, key)).toMatchObject({
      desired: {
        'policy/statement:SutureTlsOnly': { Resource: `arn:${partition}:sqs:${region}:123456789012:lab-orders` },
      },
    });
  });
});

describe('the type', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
    await bench.reset();
  });
  afterAll(() => bench.close());

  test('lists every queue by its name', async () => {
    const client = bench.aws.client(SQSClient);
    for (const QueueName of ['a', 'b']) await client.send(new CreateQueueCommand({ QueueName }));
    const ids: string[] = [];
    for await (const id of queue.list(bench.process({}).runtime.send(KEY), KEY)) ids.push(id);
    expect(ids.sort()).toEqual(['a', 'b']);
  });

  test('asks for more pages, which SQS gives only to who names a size', async () => {
    const asked: unknown[] = [];
    const call = async (_op: unknown, input: { NextToken?: string }) => {
      asked.push(input);
      return input.NextToken ? { QueueUrls: ['https://x/1/b'] } : { QueueUrls: ['https://x/1/a'], NextToken: 'more' };
    };
    const ids: string[] = [];
    for await (const id of queue.list(call as never, KEY)) ids.push(id);
    expect(ids).toEqual(['a', 'b']);
    expect(asked).toEqual([{ MaxResults: 1000 }, { MaxResults: 1000, NextToken: 'more' }]);
  });

  test('knows a queue that is gone by the error', async () => {
    const call = bench.process({}).runtime.send(KEY);
    const input = { QueueUrl: queueUrl({ ...KEY, id: 'none' }) };
    const error: Error = await call(getQueueAttributes, input).then(
      () => new Error('found'),
      (thrown) => thrown,
    );
    expect(getQueueAttributes.gone).toContain(error.name);
    expect(getQueueAttributes.on(input)).toEqual({ type: 'AWS::SQS::Queue', id: 'none' });
  });

  test('sends to the endpoint of its region, whatever host a URL names', async () => {
    const client = new getQueueAttributes.client({ region: 'us-east-1' });
    expect((client as unknown as SQSClient).config.useQueueUrlAsEndpoint).toBe(false);
  });
});
