import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { partition } from '@aws-sdk/core/client';
import type { ResourceKey } from '../resource.ts';
import { type ActsOn, pages, service } from './op.ts';
import { defineType } from './type.ts';

/**
 * Sends to its region's own endpoint. The SDK would take the host of the queue's URL for the endpoint, and then whoever
 * forges a URL chooses where signed requests go.
 */
class Queues extends SQSClient {
  constructor(config: SQSClientConfig) {
    super({ ...config, useQueueUrlAsEndpoint: false });
  }
}

/** Names of IAM actions: Service Authorization Reference, "Amazon SQS". Names of errors: Amazon SQS API Reference. */
const sqs = service('sqs', Queues);
const TYPE = 'AWS::SQS::Queue';
const onQueue = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:*',
  on: ({ QueueUrl }: { QueueUrl: string | undefined }): ActsOn | undefined => {
    const id = QueueUrl?.split('/').at(-1);
    return id ? { type: TYPE, id } : undefined;
  },
  // The second is what the older protocol calls it, and what the SDK may still show.
  gone: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
};

export const getQueueAttributes = sqs.read('GetQueueAttributes', GetQueueAttributesCommand, {
  ...onQueue,
  iam: ['sqs:GetQueueAttributes'],
});
export const setQueueAttributes = sqs.write('SetQueueAttributes', SetQueueAttributesCommand, {
  ...onQueue,
  iam: ['sqs:SetQueueAttributes'],
});
/** Without `MaxResults` SQS answers 1,000 queues and does not page. */
export const listQueues = sqs.read('ListQueues', ListQueuesCommand, { iam: ['sqs:ListQueues'] });

/** The id is the queue's name: its URL has several spellings, and one queue has one key. */
export const queueUrl = ({ region, account, id }: ResourceKey): string =>
  `https://sqs.${region}.${partition(region).dnsSuffix}/${account}/${id}`;

export const queue = defineType({
  name: TYPE,
  asff: 'AwsSqsQueue',
  arn: ({ partition: name, region, account, id }) => `arn:${name}:sqs:${region}:${account}:${id}`,
  deletedBy: { source: 'sqs.amazonaws.com', events: ['DeleteQueue'] },
  reads: [listQueues],
  async *list(call) {
    const page = (NextToken: string | undefined) => call(listQueues, { MaxResults: 1000, NextToken });
    for await (const { QueueUrls = [] } of pages(page, ({ NextToken }) => NextToken)) {
      for (const url of QueueUrls) yield url.split('/').at(-1)!;
    }
  },
});
