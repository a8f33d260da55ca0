import { putEvidence } from '../engine/evidence-s3.ts';
import { AGENDA_INDEX, LEDGER_TABLE, TTL_ATTRIBUTE } from '../engine/ledger-table.ts';
import type { Settings } from '../settings.ts';
import { alarms } from './alarms.ts';
import {
  ACCOUNT,
  functionName,
  getAtt,
  type Intrinsic,
  PARTITION,
  policy,
  REGION,
  type Resource,
  type Resources,
  ref,
  type Statement,
  sub,
  type Text,
  URL_SUFFIX,
} from './cloudformation.ts';

/** Logical ids of what all functions share. */
export const SHARED = {
  key: 'SutureKey',
  table: 'SutureLedger',
  bucket: 'SutureEvidence',
  queue: 'SutureDeadLetters',
} as const;

const service = (principal: Text) => ({ Service: principal });
const ruleArns = sub(`arn:${PARTITION}:events:${REGION}:${ACCOUNT}:rule/${functionName('*')}`);

/** Key, ledger, evidence, dead letters: kept when the stack is deleted wherever they hold what an auditor may ask for. */
export const sharedResources = ({ evidence }: Settings): Resources => ({
  [SHARED.key]: key,
  [SHARED.table]: {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ...LEDGER_TABLE,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: getAtt(SHARED.key) },
      DeletionProtectionEnabled: true,
    },
  },
  [SHARED.bucket]: {
    Type: 'AWS::S3::Bucket',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: evidence.lockMode, Days: evidence.retentionDays } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: getAtt(SHARED.key) },
          },
        ],
      },
    },
  },
  [`${SHARED.bucket}Policy`]: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref(SHARED.bucket),
      PolicyDocument: policy(tlsOnly('s3:*', [getAtt(SHARED.bucket), objects]), {
        // Each intent's evidence is written once: a put that would replace an object must be refused by S3.
        Sid: 'WriteOnce',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: objects,
        Condition: { Null: { 's3:if-none-match': 'true' } },
      }),
    },
  },
  [SHARED.queue]: {
    Type: 'AWS::SQS::Queue',
    Properties: { KmsMasterKeyId: getAtt(SHARED.key), MessageRetentionPeriod: FOURTEEN_DAYS },
  },
  [`${SHARED.queue}Policy`]: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(SHARED.queue)],
      PolicyDocument: policy(tlsOnly('sqs:*', getAtt(SHARED.queue)), {
        Sid: 'UndeliveredEvents',
        Effect: 'Allow',
        Principal: service('events.amazonaws.com'),
        Action: 'sqs:SendMessage',
        Resource: getAtt(SHARED.queue),
        Condition: { ArnLike: { 'aws:SourceArn': ruleArns } },
      }),
    },
  },
  ...alarms(SHARED.queue, getAtt(SHARED.key)),
});

/** SQS keeps a message no longer. */
const FOURTEEN_DAYS = 1_209_600;
const objects = sub(`\${${SHARED.bucket}.Arn}/*`);

const tlsOnly = (action: string, resource: Intrinsic | readonly Intrinsic[]): Statement => ({
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: action,
  Resource: resource,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** One key for table, evidence, queue, alarms and logs. The account's own policies say who may use it; services only for what is ours. */
const key: Resource = {
  Type: 'AWS::KMS::Key',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    Description: `Suture: ledger, evidence, dead letters, alarms and logs (${functionName('*')})`,
    EnableKeyRotation: true,
    KeyPolicy: policy(
      {
        Sid: 'AccountPolicies',
        Effect: 'Allow',
        Principal: { AWS: sub(`arn:${PARTITION}:iam::${ACCOUNT}:root`) },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: service(sub(`logs.${REGION}.${URL_SUFFIX}`)),
        Action: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Resource: '*',
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': sub(
              `arn:${PARTITION}:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/${functionName('*')}`,
            ),
          },
        },
      },
      {
        Sid: 'UndeliveredEvents',
        Effect: 'Allow',
        Principal: service('events.amazonaws.com'),
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
        Condition: { ArnLike: { 'aws:SourceArn': ruleArns } },
      },
      {
        Sid: 'Alarms',
        Effect: 'Allow',
        Principal: service('cloudwatch.amazonaws.com'),
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
      },
    ),
  },
};

/** The ledger, as a function of a family uses it. */
export const ledgerStatement: Statement = {
  Sid: 'Ledger',
  Effect: 'Allow',
  Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
  Resource: getAtt(SHARED.table),
};
/** What is due: the index holds keys only. */
export const agendaStatement: Statement = {
  Sid: 'Agenda',
  Effect: 'Allow',
  Action: 'dynamodb:Query',
  Resource: sub(`\${${SHARED.table}.Arn}/index/${AGENDA_INDEX}`),
};
/** Evidence can be added; who listens to events can neither read it nor take it away. */
export const evidenceStatement: Statement = {
  Sid: 'Evidence',
  Effect: 'Allow',
  Action: [...putEvidence.iam],
  Resource: objects,
};
export const findingStatements: readonly Statement[] = [
  {
    Sid: 'Findings',
    Effect: 'Allow',
    Action: 'securityhub:BatchImportFindings',
    Resource: sub(`arn:${PARTITION}:securityhub:${REGION}:${ACCOUNT}:product/${ACCOUNT}/default`),
  },
  {
    Sid: 'FindingWorkflow',
    Effect: 'Allow',
    Action: 'securityhub:BatchUpdateFindings',
    Resource: sub(`arn:${PARTITION}:securityhub:${REGION}:${ACCOUNT}:hub/default`),
  },
];
/** Dead letters of the function's own asynchronous invocations. */
export const deadLetterStatement: Statement = {
  Sid: 'DeadLetters',
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: getAtt(SHARED.queue),
};
export const keyStatement = (...actions: readonly string[]): Statement => ({
  Sid: 'Key',
  Effect: 'Allow',
  Action: actions,
  Resource: getAtt(SHARED.key),
});
export const logStatement = (name: string): Statement => ({
  Sid: 'Logs',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: sub(`arn:${PARTITION}:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/${functionName(name)}:*`),
});
