import {
  BatchGetItemCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  GetPublicAccessBlockCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type AwsSecurityFinding, BatchImportFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';

/**
 * The calls of one fix and nothing else: what the SDK alone costs on this machine, beside which Suture's CPU is read.
 * The bodies are about as long as Suture's.
 */
const config = { forcePathStyle: true, requestHandler: { requestTimeout: 5_000 } };
const s3 = new S3Client(config);
const dynamodb = new DynamoDBClient(config);
const hub = new SecurityHubClient(config);
const ledger = 'ledger';
const text = (length: number) => ({ S: 'x'.repeat(length) });
const set = (length: number) => ({ UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': text(length) } });
const finding: AwsSecurityFinding = {
  SchemaVersion: '2018-10-08',
  Id: 'finding',
  ProductArn: 'product',
  GeneratorId: 'generator',
  AwsAccountId: '123456789012',
  CreatedAt: '2026-01-01T00:00:00Z',
  UpdatedAt: '2026-01-01T00:00:00Z',
  Title: 'title',
  Description: 'x'.repeat(400),
  Resources: [{ Type: 'AwsS3Bucket', Id: 'bucket' }],
  ProductFields: Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`field-${n}`, 'x'.repeat(60)])),
};
const flags = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

export async function handler(event: { detail: { requestParameters: { bucketName: string } } }): Promise<void> {
  const { bucketName: Bucket } = event.detail.requestParameters;
  const Key = { pk: { S: Bucket }, sk: { S: 'state' } };
  const read = () => s3.send(new GetPublicAccessBlockCommand({ Bucket }));
  await Promise.all([
    dynamodb.send(
      new BatchGetItemCommand({
        RequestItems: { [ledger]: { Keys: [Key, { ...Key, sk: { S: 'pause' } }], ConsistentRead: true } },
      }),
    ),
    read().catch((error: Error) => {
      if (error.name !== 'NoSuchPublicAccessBlockConfiguration') throw error;
    }),
  ]);
  await dynamodb.send(new UpdateItemCommand({ TableName: ledger, Key, ...set(2_500) }));
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: flags }));
  await read();
  await Promise.all([
    hub.send(new BatchImportFindingsCommand({ Findings: [finding] })),
    s3.send(new PutObjectCommand({ Bucket: 'evidence', Key: Bucket, Body: 'x'.repeat(1_800), IfNoneMatch: '*' })),
  ]);
  const TransactItems = [
    { Update: { TableName: ledger, Key, ...set(600) } },
    { Put: { TableName: ledger, Item: { ...Key, sk: { S: 'intent' }, body: text(2_000) } } },
  ];
  await dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
}
