import { bucketRef, deletePublicAccessBlock, getPublicAccessBlock, putPublicAccessBlock } from '../../lib/aws/s3.ts';
import { defineControl } from '../../lib/control.ts';
import { FLAGS, getBlock, setBlock, turnOn } from '../../lib/s3/public-access-block.ts';

export default defineControl({
  id: 's3-bucket-public-access-block',
  title: 'S3 buckets block public access',
  rationale:
    'One careless policy or ACL publishes every object of a bucket. With all four switches of its own public access block on, S3 refuses such a policy or ACL and ignores one that is already there.',
  limits:
    "Looks at the bucket's own block only, as AWS's rule does: a block on the account, which is the stronger one, does not count here. Policies and ACLs stay as they are; S3 no longer acts on their public parts, nor on grants to other accounts in a policy that is public.",
  severity: 'HIGH',
  // A missing block exposes nothing by itself. Whether a policy or an ACL does would take three more reads, during which
  // the bucket stays open; nobody needs the block off who did not publish something, so it counts as exposed.
  exposure: true,
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: ['164.308(a)(3)(i)', '164.308(a)(4)(ii)(A)', '164.308(a)(4)(ii)(C)', '164.312(a)(1)', '164.312(e)(1)'],
  mapsTo: {
    configRules: ['s3-bucket-level-public-access-prohibited'],
    securityHub: ['S3.8'],
    guardDuty: [
      'Policy:S3/BucketBlockPublicAccessDisabled',
      'Policy:S3/BucketAnonymousAccessGranted',
      'Policy:S3/BucketPublicAccessGranted',
    ],
  },
  resources: ['AWS::S3::Bucket'],
  triggers: [
    {
      source: 's3.amazonaws.com',
      events: {
        CreateBucket: 'creates',
        PutBucketPublicAccessBlock: 'changes',
        DeleteBucketPublicAccessBlock: 'opens',
      },
    },
  ],
  reasons: {
    none: 'Bucket {{bucket}} has no public access block: a policy or an ACL could publish it.',
    partly: 'The public access block of bucket {{bucket}} leaves {{flags}} off.',
  },
  reads: [getPublicAccessBlock],
  writes: { fix: [putPublicAccessBlock], revert: [deletePublicAccessBlock] },

  async observe(key, call) {
    const bucket = bucketRef(key);
    const answer = await call(getPublicAccessBlock, bucket);
    return { bucket, block: answer?.PublicAccessBlockConfiguration };
  },

  get: ({ block }) => getBlock(block),

  evaluate({ bucket: { Bucket: bucket }, block }) {
    const off = FLAGS.filter((flag) => block?.[flag] !== true);
    if (off.length === 0) return { status: 'COMPLIANT' };
    return {
      status: 'NON_COMPLIANT',
      reason: block ? 'partly' : 'none',
      data: { bucket, flags: off.join(', ') },
      desired: { ...turnOn(off), 'publicAccessBlock/allOff': null },
    };
  },

  set: ({ bucket, block }, slots) => setBlock(bucket, block, slots),
});
