import { defineControl } from '../../lib/control.ts';
import {
  evaluatePublicAccess,
  getPublicAccess,
  observePublicAccess,
  PUBLIC_LIMITS,
  PUBLIC_READS,
  PUBLIC_WRITES,
  publicReasons,
  setPublicAccess,
} from '../../lib/s3/public-access.ts';

export default defineControl({
  id: 's3-bucket-no-public-write',
  title: 'S3 buckets cannot be written by the public',
  rationale:
    'Whoever may write to a bucket can replace or delete ePHI, plant files that staff will open, and, by its ACL, let everybody else in.',
  limits: PUBLIC_LIMITS,
  severity: 'CRITICAL',
  exposure: true,
  impact: 'may-reject-clients',
  reverts: {
    partly: 'S3 takes no public grant into an ACL while the public access block refuses it or ACLs are disabled.',
  },
  hipaa: [
    '164.308(a)(1)(ii)(B)',
    '164.308(a)(3)(i)',
    '164.308(a)(4)(ii)(A)',
    '164.308(a)(4)(ii)(C)',
    '164.312(a)(1)',
    '164.312(e)(1)',
    '164.314(b)(1)',
    '164.314(b)(2)',
  ],
  mapsTo: {
    configRules: ['s3-bucket-public-write-prohibited'],
    securityHub: ['S3.3'],
    guardDuty: [
      'Policy:S3/BucketBlockPublicAccessDisabled',
      'Policy:S3/BucketAnonymousAccessGranted',
      'Policy:S3/BucketPublicAccessGranted',
      'Impact:S3/AnomalousBehavior.Write',
      'Impact:S3/AnomalousBehavior.Permission',
    ],
  },
  resources: ['AWS::S3::Bucket'],
  triggers: [
    {
      source: 's3.amazonaws.com',
      events: {
        CreateBucket: 'creates',
        PutBucketAcl: 'changes',
        PutBucketPolicy: 'changes',
        PutBucketPublicAccessBlock: 'changes',
        DeleteBucketPublicAccessBlock: 'opens',
      },
    },
  ],
  reasons: publicReasons('write'),
  reads: PUBLIC_READS,
  writes: PUBLIC_WRITES,

  observe: observePublicAccess,
  get: getPublicAccess,
  evaluate: (state, { key }) => evaluatePublicAccess('write', state, key),
  set: setPublicAccess,
});
