import { AddPermissionCommand, CreateTopicCommand, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import control from '../../../functions/sns/topic-tls-only.ts';
import { getTopicAttributes, topic, topicArn } from '../../../lib/aws/sns.ts';
import type { ResourceKey } from '../../../lib/resource.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { Bench } from '../../support/bench.ts';

const NAME = 'discharge-letters';
const KEY: ResourceKey = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::SNS::Topic',
  id: NAME,
};
const TopicArn = 'arn:aws:sns:us-east-1:123456789012:discharge-letters';
const ours = {
  Sid: 'SutureTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 'sns:Publish',
  Resource: TopicArn,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const partner = {
  Sid: 'Partner',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: ['SNS:Publish', 'SNS:Subscribe'],
  Resource: TopicArn,
};
const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2008-10-17', Id: 'x', Statement });

const given =
  (Policy?: string) =>
  async (aws: TestAws): Promise<string> => {
    const Attributes = { DisplayName: 'Letters', ...(Policy && { Policy }) };
    await aws.client(SNSClient).send(new CreateTopicCommand({ Name: NAME, Attributes }));
    return NAME;
  };
async function snapshot(aws: TestAws) {
  const { Attributes = {} } = await aws.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }));
  return { ...Attributes, Policy: JSON.parse(Attributes.Policy ?? 'null') };
}

testControl(control, {
  type: topic,
  // One read, one write, and the read again to verify.
  budget: 3,
  snapshot,
  cases: [
    {
      name: 'as AWS advises',
      given: given(policy(partner, { ...ours, Sid: 'x', Action: 'SNS:Publish' })),
      is: 'COMPLIANT',
    },
    {
      name: 'a new topic, with the policy that SNS gives it',
      given: given(),
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws) => {
        const { Policy } = await snapshot(aws);
        expect(Policy.Statement.at(0)).toMatchObject({ Sid: '__default_statement_ID', Effect: 'Allow' });
        expect(Policy.Statement.slice(1)).toEqual([ours]);
      },
      neighbour: async (aws) => {
        const permission = { Label: 'Later', AWSAccountId: ['111122223333'], ActionName: ['Publish'] };
        await aws.client(SNSClient).send(new AddPermissionCommand({ TopicArn, ...permission }));
      },
    },
    {
      name: "our Sid on somebody else's statement",
      given: given(policy({ ...partner, Sid: ours.Sid })),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: async (aws) =>
        expect((await snapshot(aws)).Policy).toEqual({
          Version: '2008-10-17',
          Id: 'x',
          Statement: [
            { ...partner, Sid: ours.Sid },
            { ...ours, Sid: 'SutureTlsOnly2' },
          ],
        }),
    },
    {
      name: 'as many statements as SNS takes',
      given: given(policy(...Array.from({ length: 100 }, (_, n) => ({ ...partner, Sid: `${n}` })))),
      is: 'MANUAL',
      reason: 'cannot',
    },
  ],
});

const observed = (Policy: string, key = KEY) => {
  const observe = control.observe as (...args: unknown[]) => ReturnType<typeof control.observe>;
  return observe(key, async () => ({ Attributes: { Policy } }), {});
};
const judge = async (Policy: string, key = KEY) =>
  control.evaluate(await observed(Policy, key), { key, settings: {} as never, now: new Date(0) });

describe('a topic', () => {
  test.each<[string, string]>([
    ['sns:Publish', 'COMPLIANT'],
    ['SNS:Pub*', 'COMPLIANT'],
    ['*', 'COMPLIANT'],
    ['sns:Subscribe', 'NON_COMPLIANT'],
  ])('of which %s is denied without TLS: %s', async (Action, status) => {
    expect((await judge(policy({ ...ours, Action }))).status).toBe(status);
  });

  test('with a policy of more bytes than SNS takes', async () => {
    const verdict = await judge(policy({ ...partner, Sid: 'x'.repeat(29_800) }));
    expect(verdict).toMatchObject({ reason: 'cannot', desired: 'manual' });
  });

  test('whose policy cannot be read is neither judged nor rewritten', async () => {
    await expect(observed('[]')).rejects.toThrow('The policy of topic discharge-letters is no object.');
  });

  test('is not left without a policy: SNS has no such topics', async () => {
    const state = await observed(policy(ours));
    expect(() => control.set(state, { 'policy/statement:SutureTlsOnly': null })).toThrow('add one first');
    expect(control.set(state, { 'policy/statement:SutureTlsOnly': ours })).toEqual([]);
  });

  test('in another partition has the ARN of that partition', async () => {
    const verdict = await judge(policy(partner), { ...KEY, partition: 'aws-cn', region: 'cn-north-1' });
    const Resource = 'arn:aws-cn:sns:cn-north-1:123456789012:discharge-letters';
    expect(verdict).toMatchObject({ desired: { 'policy/statement:SutureTlsOnly': { Resource } } });
  });
});

describe('the type', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
    await bench.reset();
  });
  afterAll(() => bench.close());

  test('lists every topic by its name, over all pages', async () => {
    const client = bench.aws.client(SNSClient);
    const names = Array.from({ length: 101 }, (_, n) => `t${n}`);
    for (const Name of names) await client.send(new CreateTopicCommand({ Name }));
    const ids: string[] = [];
    for await (const id of topic.list(bench.process({}).runtime.send(KEY), KEY)) ids.push(id);
    expect(ids.sort()).toEqual(names.sort());
  });

  test('knows a topic that is gone by the error', async () => {
    const input = { TopicArn: topicArn({ ...KEY, id: 'none' }) };
    const error: Error = await bench
      .process({})
      .runtime.send(KEY)(getTopicAttributes, input)
      .then(
        () => new Error('found'),
        (thrown) => thrown,
      );
    expect(getTopicAttributes.gone).toContain(error.name);
    expect(getTopicAttributes.on(input)).toEqual({ type: 'AWS::SNS::Topic', id: 'none' });
  });
});
