import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  ModifyDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  GetBucketAclCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { TestAws } from '../test/support/aws.ts';

/** One thing that goes wrong in the hospital: how its account comes to be so, and the event that tells of it. */
export interface Scene {
  /** What happened, in words. */
  readonly title: string;
  readonly resource: string;
  /** Sample in `events/cloudtrail` that has the event's true shape. */
  readonly event: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Controls that are to have told Security Hub of it before the scene is over. */
  readonly tells: readonly string[];
  readonly happens: (aws: TestAws) => Promise<void>;
}

const ALL_FLAGS = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery';

/** A bucket as the hospital makes them: encrypted, and blocked unless the scene needs it open. */
async function makeBucket(
  { s3 }: TestAws,
  Bucket: string,
  { blocked = true, algorithm = 'aws:kms' as 'aws:kms' | 'AES256' } = {},
): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: algorithm };
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
    }),
  );
  if (blocked) await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: ALL_FLAGS }));
}

async function makeDatabase({ rds }: TestAws, DBInstanceIdentifier: string, group?: string): Promise<void> {
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      EngineVersion: '14.12',
      DBInstanceClass: 'db.t4g.medium',
      AllocatedStorage: 20,
      MasterUsername: 'postgres',
      MasterUserPassword: 'not-a-secret',
      ...(group && { DBParameterGroupName: group }),
    }),
  );
}

export const scenes: readonly Scene[] = [
  {
    title: 'A contractor makes X-ray images readable by everybody',
    resource: 'radiology-images',
    event: 'PutBucketAcl',
    parameters: { bucketName: 'radiology-images', 'x-amz-acl': 'public-read', acl: '' },
    tells: ['s3-bucket-no-public-read'],
    async happens(aws) {
      await makeBucket(aws, 'radiology-images', { blocked: false });
      await aws.s3.send(new PutBucketAclCommand({ Bucket: 'radiology-images', ACL: 'public-read' }));
    },
  },
  {
    title: 'An intake form needs uploads "just for today"',
    resource: 'patient-uploads',
    event: 'PutBucketAcl',
    parameters: { bucketName: 'patient-uploads', 'x-amz-acl': 'public-read-write', acl: '' },
    tells: ['s3-bucket-no-public-write', 's3-bucket-no-public-read'],
    async happens(aws) {
      await makeBucket(aws, 'patient-uploads', { blocked: false });
      // Not the canned ACL: moto shows only the first permission of each of its grants.
      const { Owner, Grants = [] } = await aws.s3.send(new GetBucketAclCommand({ Bucket: 'patient-uploads' }));
      const everybody = { Type: 'Group' as const, URI: 'http://acs.amazonaws.com/groups/global/AllUsers' };
      const open = (['READ', 'WRITE'] as const).map((Permission) => ({ Grantee: everybody, Permission }));
      await aws.s3.send(
        new PutBucketAclCommand({
          Bucket: 'patient-uploads',
          AccessControlPolicy: { Owner, Grants: [...Grants, ...open] },
        }),
      );
    },
  },
  {
    title: 'A policy publishes discharge letters',
    resource: 'discharge-letters',
    event: 'PutBucketPolicy',
    parameters: { bucketName: 'discharge-letters', policy: '' },
    tells: ['s3-bucket-no-public-read'],
    async happens(aws) {
      await makeBucket(aws, 'discharge-letters', { blocked: false });
      const statement = {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::discharge-letters/*',
      };
      await aws.s3.send(
        new PutBucketPolicyCommand({
          Bucket: 'discharge-letters',
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
        }),
      );
    },
  },
  {
    title: 'A clean-up script removes a public access block',
    resource: 'billing-exports',
    event: 'DeleteBucketPublicAccessBlock',
    parameters: { bucketName: 'billing-exports', publicAccessBlock: '' },
    tells: ['s3-bucket-public-access-block'],
    happens: (aws) => makeBucket(aws, 'billing-exports', { blocked: false }),
  },
  {
    title: 'Lab results go back to the key that S3 keeps by itself',
    resource: 'lab-results',
    event: 'PutBucketEncryption',
    parameters: { bucketName: 'lab-results', encryption: '' },
    tells: ['s3-bucket-kms-encryption'],
    happens: (aws) => makeBucket(aws, 'lab-results', { algorithm: 'AES256' }),
  },
  {
    title: 'The same on a bucket that receives access logs: KMS would stop them, so a person is asked',
    resource: 'access-logs',
    event: 'PutBucketEncryption',
    parameters: { bucketName: 'access-logs', encryption: '' },
    tells: ['s3-bucket-kms-encryption'],
    async happens(aws) {
      await makeBucket(aws, 'access-logs', { algorithm: 'AES256' });
      await aws.s3.send(
        new PutBucketAclCommand({
          Bucket: 'access-logs',
          GrantWrite: `uri="${LOG_DELIVERY}"`,
          GrantReadACP: `uri="${LOG_DELIVERY}"`,
        }),
      );
    },
  },
  {
    title: 'TLS is switched off for the records database',
    resource: 'ehr',
    event: 'ModifyDBParameterGroup',
    parameters: { dBParameterGroupName: 'ehr-postgres14' },
    tells: ['rds-postgres-tls-required'],
    async happens(aws) {
      const group = { DBParameterGroupName: 'ehr-postgres14' };
      await aws.rds.send(
        new CreateDBParameterGroupCommand({ ...group, DBParameterGroupFamily: 'postgres14', Description: 'EHR' }),
      );
      await makeDatabase(aws, 'ehr', 'ehr-postgres14');
      await aws.rds.send(
        new ModifyDBParameterGroupCommand({
          ...group,
          Parameters: [{ ParameterName: 'rds.force_ssl', ParameterValue: '0', ApplyMethod: 'immediate' }],
        }),
      );
    },
  },
  {
    title: 'A new database on the default group, which nobody can change: it gets one of its own',
    resource: 'patient-portal',
    event: 'CreateDBInstance',
    parameters: { dBInstanceIdentifier: 'patient-portal', engine: 'postgres' },
    tells: ['rds-postgres-tls-required'],
    happens: (aws) => makeDatabase(aws, 'patient-portal'),
  },
];
