import { readArn } from '../arn.ts';
import { text } from '../fields.ts';
import type { Locator, Named } from './locator.ts';

const TOPIC = 'AWS::SNS::Topic';

/** Source: CreateTopic, Amazon SNS API Reference. A colon is in none, so no ARN passes, nor a subscription's `topic:id`. */
const NAME = /^(?=.{1,256}$)[A-Za-z0-9_-]+(?:\.fifo)?$/;

const topic = (name: string | undefined): Named | undefined =>
  name !== undefined && NAME.test(name) ? { type: TOPIC, id: name } : undefined;

export const sns: Locator = {
  source: 'sns.amazonaws.com',
  namespace: 'sns',
  types: [TOPIC],
  call({ parameters, response }) {
    const arn = text(parameters.topicArn) ?? text(response.topicArn);
    if (arn) return arn.startsWith('arn:') ? [{ type: TOPIC, id: arn }] : [];
    const found = topic(text(parameters.name));
    return found ? [found] : [];
  },
  arn: ({ resource }) => topic(resource),
  // AWS Config's resourceId is the topic's ARN.
  id(type, id) {
    const arn = readArn(id);
    if (type !== TOPIC || (arn && arn.service !== 'sns')) return undefined;
    return topic(arn?.resource ?? id);
  },
  /** Creating a topic that is there already succeeds: success does not prove it new. Source: CreateTopic, Amazon SNS API Reference. */
  proves: ({ name }, claimed) => (name === 'CreateTopic' && claimed === 'creates' ? 'changes' : claimed),
};
