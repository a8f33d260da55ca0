import { partitionOf } from '../envelope.ts';
import { text } from '../fields.ts';
import type { ApiCall, Locator, Named } from './locator.ts';

const QUEUE = 'AWS::SQS::Queue';

/** Source: CreateQueue, Amazon SQS API Reference. A colon or a slash is in none, so no ARN and no URL passes. */
const NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.fifo)?$/;
/** The host has several spellings (`sqs.eu-west-1.amazonaws.com`, `eu-west-1.queue.amazonaws.com`, a VPC endpoint's). */
const URL = /^https?:\/\/[^/]+\/(\d{12})\/([^/]+)$/;

const queue = (name: string | undefined): Named | undefined =>
  name !== undefined && NAME.test(name) ? { type: QUEUE, id: name } : undefined;

/** As an ARN, so that the account in the URL is held against the event's. */
function byUrl(url: string | undefined, region: string): Named | undefined {
  const [, account, name] = URL.exec(url ?? '') ?? [];
  return queue(name) && { type: QUEUE, id: `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}` };
}

export const sqs: Locator = {
  source: 'sqs.amazonaws.com',
  namespace: 'sqs',
  types: [QUEUE],
  call({ parameters, response, region }: ApiCall) {
    const url = text(parameters.queueUrl) ?? text(response.queueUrl);
    const found = byUrl(url, region) ?? queue(text(parameters.queueName));
    return found ? [found] : [];
  },
  arn: ({ resource }) => queue(resource),
  // AWS Config's resourceId is the queue's URL.
  id: (type, id) => (type === QUEUE ? queue(URL.exec(id)?.[2] ?? id) : undefined),
  /**
   * Creating a queue that is there already, with the attributes it has, succeeds: success does not prove it new.
   * Source: CreateQueue, Amazon SQS API Reference.
   */
  proves: ({ name }, claimed) => (name === 'CreateQueue' && claimed === 'creates' ? 'changes' : claimed),
};
