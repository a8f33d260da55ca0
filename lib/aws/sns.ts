import {
  GetTopicAttributesCommand,
  ListTopicsCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import type { ResourceKey } from '../resource.ts';
import { type ActsOn, pages, service } from './op.ts';
import { defineType } from './type.ts';

/** Names of IAM actions: Service Authorization Reference, "Amazon SNS". Names of errors: Amazon SNS API Reference. */
const sns = service('sns', SNSClient);
const TYPE = 'AWS::SNS::Topic';
const onTopic = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:*',
  on: ({ TopicArn }: { TopicArn: string | undefined }): ActsOn | undefined => {
    const id = TopicArn?.split(':').at(-1);
    return id ? { type: TYPE, id } : undefined;
  },
  gone: ['NotFoundException'],
};

export const getTopicAttributes = sns.read('GetTopicAttributes', GetTopicAttributesCommand, {
  ...onTopic,
  iam: ['sns:GetTopicAttributes'],
});
export const setTopicAttributes = sns.write('SetTopicAttributes', SetTopicAttributesCommand, {
  ...onTopic,
  iam: ['sns:SetTopicAttributes'],
});
export const listTopics = sns.read('ListTopics', ListTopicsCommand, { iam: ['sns:ListTopics'] });

export const topicArn = ({ partition, region, account, id }: ResourceKey): string =>
  `arn:${partition}:sns:${region}:${account}:${id}`;

/** The id is the topic's name, the last part of its ARN. */
export const topic = defineType({
  name: TYPE,
  asff: 'AwsSnsTopic',
  arn: topicArn,
  deletedBy: { source: 'sns.amazonaws.com', events: ['DeleteTopic'] },
  reads: [listTopics],
  async *list(call) {
    const page = (NextToken: string | undefined) => call(listTopics, { NextToken });
    for await (const { Topics = [] } of pages(page, ({ NextToken }) => NextToken)) {
      for (const { TopicArn } of Topics) if (TopicArn) yield TopicArn.split(':').at(-1)!;
    }
  },
});
