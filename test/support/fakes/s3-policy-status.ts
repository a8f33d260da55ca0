import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import type { EmulationGap } from '../gap.ts';
import { errorAnswer, xmlAnswer } from '../wire.ts';

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}
const everybody = (principal: unknown): boolean =>
  principal === '*' ||
  (typeof principal === 'object' && principal !== null && [Object.values(principal)].flat(2).includes('*'));

/** S3's definition, simplified to what tests need: an Allow for everybody without any condition is public. */
function isPublic(policy: string): boolean {
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  return [statements].flat().some((one) => one.Effect === 'Allow' && everybody(one.Principal) && !one.Condition);
}

export const s3PolicyStatusGaps: readonly EmulationGap[] = [
  {
    service: 's3',
    operation: 'GetBucketPolicyStatus',
    reason: 'moto answers nothing; S3 says whether the policy is public (S3 User Guide, "The meaning of public").',
    async learnt({ s3 }) {
      const Bucket = 'gap-policy-status';
      await s3.send(new CreateBucketCommand({ Bucket }));
      const Statement = [
        { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
      ];
      await s3.send(
        new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
      );
      const { PolicyStatus } = await s3.send(new GetBucketPolicyStatusCommand({ Bucket }));
      return PolicyStatus?.IsPublic === true;
    },
    async fake(call, { aws }) {
      const Bucket = new URL(call.url, 'http://s3').pathname.split('/')[1];
      try {
        const { Policy = '{}' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket }));
        return xmlAnswer(`<PolicyStatus><IsPublic>${isPublic(Policy)}</IsPublic></PolicyStatus>`);
      } catch (error) {
        if (error instanceof Error && ['NoSuchBucketPolicy', 'NoSuchBucket'].includes(error.name))
          return errorAnswer(call, 404, error.name, error.message);
        throw error;
      }
    },
  },
];
