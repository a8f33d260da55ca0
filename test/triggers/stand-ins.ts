import type { AnyTypeSpec } from '../../lib/aws/type.ts';
import type { AnyControl, Origin } from '../../lib/control.ts';
import type { MatchContext } from '../../lib/triggers/index.ts';

/** Only what routing reads; anything else that is touched is a fault of the code under test. */
const only = <T extends object>(known: Partial<T>): T =>
  new Proxy(known as T, {
    get(target, name) {
      if (name in target) return target[name as keyof T];
      throw new Error(`Routing read ${String(name)}, which it must not need.`);
    },
  });

const control = (
  id: string,
  type: `AWS::${string}::${string}`,
  source: `${string}.amazonaws.com`,
  events: Record<string, Origin>,
): AnyControl => only<AnyControl>({ id, resources: [type], triggers: [{ source, events }] });

const bucket = (id: string, events: Record<string, Origin>) =>
  control(id, 'AWS::S3::Bucket', 's3.amazonaws.com', { CreateBucket: 'creates', ...events });
const PUBLIC: Record<string, Origin> = {
  PutBucketAcl: 'changes',
  PutBucketPolicy: 'changes',
  PutBucketPublicAccessBlock: 'changes',
  DeleteBucketPublicAccessBlock: 'opens',
};
const ENCRYPTION: Record<string, Origin> = { PutBucketEncryption: 'changes', DeleteBucketEncryption: 'opens' };

export const bucketType = only<AnyTypeSpec>({
  name: 'AWS::S3::Bucket',
  asff: 'AwsS3Bucket',
  deletedBy: { source: 's3.amazonaws.com', events: ['DeleteBucket'] },
});
export const databaseType = only<AnyTypeSpec>({
  name: 'AWS::RDS::DBInstance',
  asff: 'AwsRdsDbInstance',
  deletedBy: { source: 'rds.amazonaws.com', events: ['DeleteDBInstance'] },
});

/** Six controls with the triggers of the real ones, so that what is tested is routing and not the catalogue. */
export const context: MatchContext = {
  controls: [
    bucket('s3-bucket-kms-encryption', ENCRYPTION),
    bucket('s3-bucket-default-encryption', ENCRYPTION),
    bucket('s3-bucket-no-public-read', PUBLIC),
    bucket('s3-bucket-no-public-write', PUBLIC),
    bucket('s3-bucket-public-access-block', {
      PutBucketPublicAccessBlock: 'changes',
      DeleteBucketPublicAccessBlock: 'opens',
    }),
    control('rds-postgres-tls-required', 'AWS::RDS::DBInstance', 'rds.amazonaws.com', {
      CreateDBInstance: 'creates',
      ModifyDBInstance: 'changes',
      ModifyDBParameterGroup: 'changes',
      ResetDBParameterGroup: 'opens',
      RestoreDBInstanceFromDBSnapshot: 'restores',
      RestoreDBInstanceToPointInTime: 'restores',
      CreateDBInstanceReadReplica: 'restores',
      PromoteReadReplica: 'restores',
      RebootDBInstance: 'looks',
      StartDBInstance: 'looks',
    }),
  ],
  types: [bucketType, databaseType],
  ownRoles: ['arn:aws:iam::123456789012:role/suture-s3', 'arn:aws:iam::123456789012:role/suture-rds'],
};
