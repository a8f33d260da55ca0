import { getQueueAttributes, queue, queueUrl, setQueueAttributes } from '../../lib/aws/sqs.ts';
import { defineControl } from '../../lib/control.ts';
import { readPolicy } from '../../lib/policy/parse.ts';
import { getTlsOnly, judgeTlsOnly, REASONS, setTlsOnly, type TlsOnly } from '../../lib/policy/tls-only.ts';
import type { ResourceKey } from '../../lib/resource.ts';

/** The quotas: Amazon SQS Developer Guide, "Amazon SQS policy quotas". */
const rule = (key: ResourceKey): TlsOnly => ({
  resource: `Queue ${key.id}`,
  arns: [queue.arn(key)],
  action: 'sqs:*',
  most: { bytes: 8_192, statements: 20 },
});

export default defineControl({
  id: 'sqs-queue-tls-only',
  title: 'SQS queues refuse requests without TLS',
  rationale:
    'Where SQS is spoken to in plain HTTP, the messages of a queue, ePHI among them, cross the network readable. A statement that denies such requests to everybody holds whatever other policies allow.',
  limits:
    "Adds one statement to the queue's policy and leaves the others alone. SQS takes a policy only as a whole: what somebody else writes in the moment between our reading and our writing is lost. SQS may take a minute to heed a change. A policy that would pass SQS's 8,192 bytes or 20 statements, or that names a deleted user or role, is not written.",
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: ['164.312(e)(1)', '164.312(e)(2)(i)', '164.312(e)(2)(ii)'],
  mapsTo: {},
  resources: ['AWS::SQS::Queue'],
  triggers: [
    {
      source: 'sqs.amazonaws.com',
      events: {
        CreateQueue: 'creates',
        SetQueueAttributes: 'changes',
        AddPermission: 'changes',
        RemovePermission: 'changes',
      },
    },
  ],
  reasons: REASONS,
  reads: [getQueueAttributes],
  writes: { fix: [setQueueAttributes], revert: [] },

  async observe(key, call) {
    const QueueUrl = queueUrl(key);
    const { Attributes } = await call(getQueueAttributes, { QueueUrl, AttributeNames: ['Policy'] });
    return { QueueUrl, policy: readPolicy(Attributes?.Policy || undefined, `queue ${key.id}`) };
  },

  get: ({ policy }) => getTlsOnly(policy),

  evaluate: ({ policy }, { key }) => judgeTlsOnly(policy, rule(key)),

  set({ QueueUrl, policy }, slots) {
    const text = setTlsOnly(policy, slots);
    // An empty text takes the policy away.
    return text === undefined
      ? []
      : [{ op: setQueueAttributes, input: { QueueUrl, Attributes: { Policy: text ?? '' } } }];
  },
});
