import { deleteBucketEncryption, putBucketEncryption } from '../../lib/aws/s3.ts';
import { defineControl } from '../../lib/control.ts';
import { algorithmOf, ENCRYPTION_READS, observeEncryption, setEncryption, toKms } from '../../lib/s3/encryption.ts';

/** What AWS Config's `s3-bucket-server-side-encryption-enabled` accepts. An algorithm unknown to us is not taken on trust. */
const isEncryption = (algorithm: string | undefined): boolean =>
  ['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm ?? '');

export default defineControl({
  id: 's3-bucket-default-encryption',
  title: 'S3 buckets encrypt new objects by default',
  rationale:
    'Whoever stores ePHI must not have to remember to ask for encryption: what a bucket does by default is what happens to every object.',
  limits:
    'SSE-S3 is enough here, as for AWS, also where the settings name a KMS key: s3-bucket-kms-encryption asks for more. S3 itself has set SSE-S3 wherever nothing was configured since January 2023; where nothing is, Suture writes what s3-bucket-kms-encryption would. Objects already stored stay as they are.',
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: { partly: 'Objects written in between stay encrypted.' },
  hipaa: [
    '164.308(a)(1)(ii)(B)',
    '164.312(a)(2)(iv)',
    '164.312(c)(2)',
    '164.312(e)(2)(ii)',
    '164.314(b)(1)',
    '164.314(b)(2)',
    '164.314(b)(2)(i)',
  ],
  mapsTo: { configRules: ['s3-bucket-server-side-encryption-enabled'] },
  resources: ['AWS::S3::Bucket'],
  triggers: [
    {
      source: 's3.amazonaws.com',
      events: { CreateBucket: 'creates', PutBucketEncryption: 'changes', DeleteBucketEncryption: 'opens' },
    },
  ],
  reasons: {
    none: 'Bucket {{bucket}} does not encrypt new objects by default ({{algorithm}}).',
    keyUnusable:
      'Bucket {{bucket}} does not encrypt new objects by default ({{algorithm}}). Suture does not write the key that the settings name: {{wanted}} {{why}}.',
  },
  reads: ENCRYPTION_READS,
  writes: { fix: [putBucketEncryption], revert: [deleteBucketEncryption] },

  observe: (key, call, settings) =>
    observeEncryption(key, call, settings.kmsKeyArn, (rule) => isEncryption(algorithmOf(rule))),

  get: ({ rule }) => ({ encryption: rule }),

  evaluate(state, { settings: { kmsKeyArn }, key }) {
    const algorithm = algorithmOf(state.rule);
    if (isEncryption(algorithm)) return { status: 'COMPLIANT' };
    const data = { bucket: state.bucket.Bucket, algorithm: algorithm ?? 'nothing is configured', wanted: kmsKeyArn };
    const change = toKms(state, kmsKeyArn, key);
    if ('why' in change) {
      return { status: 'NON_COMPLIANT', reason: 'keyUnusable', data: { ...data, why: change.why }, desired: 'manual' };
    }
    return { status: 'NON_COMPLIANT', reason: 'none', data, ...change };
  },

  set: setEncryption,
});
