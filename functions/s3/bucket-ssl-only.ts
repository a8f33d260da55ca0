import { bucketRef, deleteBucketPolicy, getBucketPolicy, getBucketWebsite, putBucketPolicy } from '../../lib/aws/s3.ts';
import { defineControl } from '../../lib/control.ts';
import { readPolicy } from '../../lib/policy/parse.ts';
import { getTlsOnly, judgeTlsOnly, REASONS, setTlsOnly, type TlsOnly } from '../../lib/policy/tls-only.ts';
import type { ResourceKey } from '../../lib/resource.ts';

/** The quota: Amazon S3 User Guide, "Bucket policies": 20 KB. */
const rule = ({ partition, id }: ResourceKey): TlsOnly => ({
  resource: `Bucket ${id}`,
  arns: [`arn:${partition}:s3:::${id}`, `arn:${partition}:s3:::${id}/*`],
  action: 's3:*',
  most: { bytes: 20_480 },
});

export default defineControl({
  id: 's3-bucket-ssl-only',
  title: 'S3 buckets refuse requests without TLS',
  rationale:
    'S3 answers plain HTTP too, and a client that uses it sends and receives ePHI readable for everybody on the way. A statement that denies such requests to everybody holds whatever other policies allow.',
  limits:
    "Adds one statement to the bucket's policy and leaves the others alone. S3 takes a policy only as a whole: what somebody else writes in the moment between our reading and our writing is lost. A statement that only allows requests with TLS does not count, as for AWS. A bucket that serves a website is left to a person: website endpoints have no TLS. A policy that would pass S3's 20 KB, or that names a deleted user or role, is not written.",
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: [
    '164.308(a)(1)(ii)(B)',
    '164.312(a)(2)(iv)',
    '164.312(c)(2)',
    '164.312(e)(1)',
    '164.312(e)(2)(i)',
    '164.312(e)(2)(ii)',
    '164.314(b)(1)',
    '164.314(b)(2)',
    '164.314(b)(2)(i)',
  ],
  mapsTo: { configRules: ['s3-bucket-ssl-requests-only'], securityHub: ['S3.5'] },
  resources: ['AWS::S3::Bucket'],
  triggers: [
    {
      source: 's3.amazonaws.com',
      events: { CreateBucket: 'creates', PutBucketPolicy: 'changes', DeleteBucketPolicy: 'opens' },
    },
  ],
  reasons: REASONS,
  reads: [getBucketPolicy, getBucketWebsite],
  writes: { fix: [putBucketPolicy], revert: [deleteBucketPolicy] },

  async observe(key, call) {
    const bucket = bucketRef(key);
    const [policy, website] = await Promise.all([call(getBucketPolicy, bucket), call(getBucketWebsite, bucket)]);
    return { bucket, policy: readPolicy(policy?.Policy, `bucket ${key.id}`), website: website !== undefined };
  },

  get: ({ policy }) => getTlsOnly(policy),

  evaluate: ({ policy, website }, { key }) =>
    judgeTlsOnly(policy, rule(key), website ? ['visitors of its website, which S3 serves without TLS only'] : []),

  set({ bucket, policy }, slots) {
    const text = setTlsOnly(policy, slots);
    if (text === undefined) return [];
    if (text === null) return [{ op: deleteBucketPolicy, input: bucket }];
    return [{ op: putBucketPolicy, input: { ...bucket, Policy: text } }];
  },
});
