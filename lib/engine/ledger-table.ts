import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** Sparse: only a resource with something to look at again is in it. Keys: `due` (a shard), `lookAt` (ms since the epoch). */
export const AGENDA_INDEX = 'agenda';

/** The attribute DynamoDB's time to live reads, in seconds since the epoch. */
export const TTL_ATTRIBUTE = 'expires';

/** The ledger's table but for its name: what deployment, tests and demo create. Encryption and recovery are the deployment's. */
export const LEDGER_TABLE = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'S' },
    { AttributeName: 'lookAt', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: AGENDA_INDEX,
      KeySchema: [
        { AttributeName: 'due', KeyType: 'HASH' },
        { AttributeName: 'lookAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
} satisfies Omit<CreateTableCommandInput, 'TableName'>;
