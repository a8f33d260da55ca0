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
  id: 's3-bucket-no-public-read',
  title: 'S3 buckets cannot be read by the public',
  rationale:
    'Whoever finds the name of a bucket with ePHI that the public may read has the ePHI: no password, no trace of who it was.',
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
    configRules: ['s3-bucket-public-read-prohibited'],
    securityHub: ['S3.2'],
    guardDuty: [
      'Policy:S3/BucketBlockPublicAccessDisabled',
      'Policy:S3/BucketAnonymousAccessGranted',
      'Policy:S3/BucketPublicAccessGranted',
      'Exfiltration:S3/AnomalousBehavior',
      'Exfiltration:S3/MaliciousIPCaller',
      'Discovery:S3/MaliciousIPCaller',
      'UnauthorizedAccess:S3/TorIPCaller',
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
  reasons: publicReasons('read'),
  reads: PUBLIC_READS,
  writes: PUBLIC_WRITES,

  observe: observePublicAccess,
  get: getPublicAccess,
  evaluate: (state, { key }) => evaluatePublicAccess('read', state, key),
  set: setPublicAccess,
});
