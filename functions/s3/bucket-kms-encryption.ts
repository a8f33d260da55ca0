import { deleteBucketEncryption, putBucketEncryption } from '../../lib/aws/s3.ts';
import { defineControl } from '../../lib/control.ts';
import {
  algorithmOf,
  ENCRYPTION_READS,
  isKms,
  keyOf,
  namesKey,
  observeEncryption,
  setEncryption,
  toKms,
  usesKey,
} from '../../lib/s3/encryption.ts';

export default defineControl({
  id: 's3-bucket-kms-encryption',
  title: 'S3 buckets encrypt new objects with a KMS key',
  rationale:
    "S3 encrypts every object, but with keys it keeps to itself. A KMS key adds a policy on who may decrypt ePHI, a record of every use, and, where the settings name the organisation's own key, a switch that makes the data unreadable.",
  limits:
    'Objects already stored keep their encryption. An S3 Bucket Key that is off is no drift, as for AWS; a bucket that Suture changes gets one, except with dual-layer encryption, which has none. Without a key in the settings every KMS key is accepted, also one of another account or one that is disabled. An alias is followed to its key when the bucket is looked at, not when the alias moves.',
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: { partly: 'Objects written in between stay encrypted with the KMS key.' },
  hipaa: ['164.312(a)(2)(iv)', '164.312(e)(2)(ii)', '164.314(b)(1)', '164.314(b)(2)', '164.314(b)(2)(i)'],
  mapsTo: { configRules: ['s3-default-encryption-kms'], securityHub: ['S3.17'] },
  resources: ['AWS::S3::Bucket'],
  triggers: [
    {
      source: 's3.amazonaws.com',
      events: { CreateBucket: 'creates', PutBucketEncryption: 'changes', DeleteBucketEncryption: 'opens' },
    },
  ],
  reasons: {
    notKms: 'Bucket {{bucket}} encrypts new objects with {{algorithm}}, not with a KMS key.',
    otherKey: 'Bucket {{bucket}} encrypts new objects with the KMS key {{key}}, not with {{wanted}}.',
    keyUnusable:
      'Bucket {{bucket}} encrypts new objects with {{algorithm}} and key {{key}}. Suture does not write the key that the settings name: {{wanted}} {{why}}.',
  },
  reads: ENCRYPTION_READS,
  writes: { fix: [putBucketEncryption], revert: [deleteBucketEncryption] },

  observe: (key, call, settings) =>
    observeEncryption(
      key,
      call,
      settings.kmsKeyArn,
      (rule) => isKms(rule) && (!settings.kmsKeyArn || namesKey(rule, settings.kmsKeyArn, key)),
    ),

  get: ({ rule }) => ({ encryption: rule }),

  evaluate(state, { settings: { kmsKeyArn }, key }) {
    const { bucket, rule } = state;
    if (isKms(rule) && (!kmsKeyArn || usesKey(state, kmsKeyArn, key))) return { status: 'COMPLIANT' };
    const data = {
      bucket: bucket.Bucket,
      algorithm: algorithmOf(rule) ?? 'nothing',
      key: keyOf(rule) ?? (isKms(rule) ? 'aws/s3' : 'none'),
      wanted: kmsKeyArn,
    };
    const change = toKms(state, kmsKeyArn, key);
    if ('why' in change) {
      return { status: 'NON_COMPLIANT', reason: 'keyUnusable', data: { ...data, why: change.why }, desired: 'manual' };
    }
    return { status: 'NON_COMPLIANT', reason: isKms(rule) ? 'otherKey' : 'notKms', data, ...change };
  },

  set: setEncryption,
});
