import { namedByArn, namedById } from '../../lib/triggers/locate/index.ts';
import { sns } from '../../lib/triggers/locate/sns.ts';
import { sqs } from '../../lib/triggers/locate/sqs.ts';

const QUEUE = 'AWS::SQS::Queue';
const TOPIC = 'AWS::SNS::Topic';
const call = (name: string, parameters: object, response: object = {}, region = 'eu-west-1') =>
  ({ name, region, parameters, response }) as never;
const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

describe('which queue a call is about', () => {
  const arn = 'arn:aws:sqs:eu-west-1:123456789012:orders';
  test.each<[string, string[]]>([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/orders', [arn]],
    ['https://eu-west-1.queue.amazonaws.com/123456789012/orders', [arn]],
    ['https://vpce-0a1b2c3d-x.sqs.eu-west-1.vpce.amazonaws.com/123456789012/orders.fifo', [`${arn}.fifo`]],
    ['http://localhost:4566/123456789012/orders', [arn]],
    ['https://sqs.eu-west-1.amazonaws.com/12345678901/orders', []],
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/orders/more', []],
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/or:ders', []],
    [`https://sqs.eu-west-1.amazonaws.com/123456789012/${'x'.repeat(81)}`, []],
    ['orders', []],
    ['HIDDEN_DUE_TO_SECURITY_REASONS', []],
  ])('%s', (queueUrl, expected) => {
    expect(ids(sqs.call(call('SetQueueAttributes', { queueUrl })))).toEqual(expected);
    expect(ids(sqs.call(call('CreateQueue', {}, { queueUrl })))).toEqual(expected);
  });

  test('in the partition of its region', () => {
    const queueUrl = 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders';
    const found = sqs.call(call('SetQueueAttributes', { queueUrl }, {}, 'cn-north-1'));
    expect(ids(found)).toEqual(['arn:aws-cn:sqs:cn-north-1:123456789012:orders']);
  });

  test('by the name, where a creation answered nothing', () => {
    expect(sqs.call(call('CreateQueue', { queueName: 'orders' }))).toEqual([{ type: QUEUE, id: 'orders' }]);
  });

  test.each<[string, string | undefined]>([
    ['https://sqs.eu-west-1.amazonaws.com/123456789012/orders', 'orders'],
    ['orders', 'orders'],
    [arn, undefined],
    ['https://sqs.eu-west-1.amazonaws.com/orders', undefined],
  ])('AWS Config names it %s', (id, expected) => {
    expect(namedById(QUEUE, id)?.id).toBe(expected);
    expect(sqs.id('AWS::S3::Bucket', id)).toBeUndefined();
  });

  test('an ARN', () => expect(namedByArn(arn)?.named).toEqual({ type: QUEUE, id: 'orders' }));
});

describe('which topic a call is about', () => {
  const arn = 'arn:aws:sns:eu-west-1:123456789012:letters';
  test.each<[object, object, string[]]>([
    [{ topicArn: arn }, {}, [arn]],
    [{ name: 'letters' }, { topicArn: arn }, [arn]],
    [{ name: 'letters.fifo' }, {}, ['letters.fifo']],
    [{ name: 'let:ters' }, {}, []],
    [{ name: 'x'.repeat(257) }, {}, []],
    [{ topicArn: 'letters' }, {}, []],
    [{}, {}, []],
  ])('%j, %j', (parameters, response, expected) => {
    expect(ids(sns.call(call('CreateTopic', parameters, response)))).toEqual(expected);
  });

  test.each<[string, string | undefined]>([
    [arn, 'letters'],
    ['letters', 'letters'],
    [`${arn}:6b0e71bd-7e97-4d97-80ce-4a0994e55286`, undefined],
    ['arn:aws:sqs:eu-west-1:123456789012:letters', undefined],
  ])('AWS Config names it %s', (id, expected) => {
    expect(namedById(TOPIC, id)?.id).toBe(expected);
    expect(sns.id('AWS::S3::Bucket', id)).toBeUndefined();
  });

  test("an ARN, and not a subscription's", () => {
    expect(namedByArn(arn)?.named).toEqual({ type: TOPIC, id: 'letters' });
    expect(namedByArn(`${arn}:6b0e71bd-7e97-4d97-80ce-4a0994e55286`)).toBeUndefined();
  });
});

test.each([
  [sqs, 'CreateQueue', 'SetQueueAttributes'],
  [sns, 'CreateTopic', 'SetTopicAttributes'],
] as const)('a creation that succeeds proves nothing new', (locator, creation, other) => {
  expect(locator.proves?.(call(creation, {}), 'creates')).toBe('changes');
  expect(locator.proves?.(call(creation, {}), 'looks')).toBe('looks');
  expect(locator.proves?.(call(other, {}), 'creates')).toBe('creates');
});
