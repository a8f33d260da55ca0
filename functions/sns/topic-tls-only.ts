import { getTopicAttributes, setTopicAttributes, topicArn } from '../../lib/aws/sns.ts';
import { defineControl } from '../../lib/control.ts';
import { readPolicy } from '../../lib/policy/parse.ts';
import { getTlsOnly, judgeTlsOnly, REASONS, setTlsOnly, type TlsOnly } from '../../lib/policy/tls-only.ts';
import type { ResourceKey } from '../../lib/resource.ts';

/**
 * SNS takes no `sns:*` in a topic's policy; publishing is what carries data. The quotas (30 KB, read strictly, and 100
 * statements): Amazon SNS Developer Guide, "Amazon SNS API permissions: Actions and resources reference".
 */
const rule = (key: ResourceKey): TlsOnly => ({
  resource: `Topic ${key.id}`,
  arns: [topicArn(key)],
  action: 'sns:Publish',
  most: { bytes: 30_000, statements: 100 },
});

export default defineControl({
  id: 'sns-topic-tls-only',
  title: 'SNS topics refuse to be published to without TLS',
  rationale:
    'Where SNS is spoken to in plain HTTP, what is published, ePHI among it, crosses the network readable. A statement that denies publishing without TLS to everybody holds whatever other policies allow.',
  limits:
    "Adds one statement to the topic's policy and leaves the others alone. SNS takes a policy only as a whole: what somebody else writes in the moment between our reading and our writing is lost. How the topic delivers to its subscribers is another matter. A policy that would pass SNS's 30 KB or 100 statements, or that names a deleted user or role, is not written.",
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: ['164.312(e)(1)', '164.312(e)(2)(i)', '164.312(e)(2)(ii)'],
  mapsTo: {},
  resources: ['AWS::SNS::Topic'],
  triggers: [
    {
      source: 'sns.amazonaws.com',
      events: {
        CreateTopic: 'creates',
        SetTopicAttributes: 'changes',
        AddPermission: 'changes',
        RemovePermission: 'changes',
      },
    },
  ],
  reasons: REASONS,
  reads: [getTopicAttributes],
  writes: { fix: [setTopicAttributes], revert: [] },

  async observe(key, call) {
    const TopicArn = topicArn(key);
    const { Attributes } = await call(getTopicAttributes, { TopicArn });
    return { TopicArn, policy: readPolicy(Attributes?.Policy || undefined, `topic ${key.id}`) };
  },

  get: ({ policy }) => getTlsOnly(policy),

  evaluate: ({ policy }, { key }) => judgeTlsOnly(policy, rule(key)),

  set({ TopicArn, policy }, slots) {
    const text = setTlsOnly(policy, slots);
    if (text === undefined) return [];
    if (text === null)
      throw new Error(
        `A topic always has a policy, and without our statement ${TopicArn} would have none: add one first.`,
      );
    return [{ op: setTopicAttributes, input: { TopicArn, AttributeName: 'Policy', AttributeValue: text } }];
  },
});
