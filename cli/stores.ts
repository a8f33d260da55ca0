import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  S3Client,
} from '@aws-sdk/client-s3';
import { LEDGER_TABLE } from '../lib/engine/ledger-table.ts';
import { type Io, Refusal } from './io.ts';

/** Names of what Suture keeps its records in. */
export interface Stores {
  readonly SUTURE_TABLE: string;
  readonly SUTURE_EVIDENCE_BUCKET: string;
}
type Name = keyof Stores;

const OUTPUT: Readonly<Record<Name, string>> = {
  SUTURE_TABLE: "the ledger's table, output SutureTable of the deployed stack",
  SUTURE_EVIDENCE_BUCKET: "the evidence's bucket, output SutureEvidenceBucket of the deployed stack",
};

/** For a name that a command does not need, and to which it sends nothing. */
export const UNUSED: Stores = { SUTURE_TABLE: 'unused', SUTURE_EVIDENCE_BUCKET: 'unused' };

/**
 * The stores as the environment names them. An emulator on this machine has no deployment that could have made them:
 * there, what is not named is made.
 * @throws Refusal saying what is missing and where to find it
 */
export async function findStores(io: Io, needed: readonly Name[], account: string, region: string): Promise<Stores> {
  const { SUTURE_TABLE, SUTURE_EVIDENCE_BUCKET } = io.env;
  const named = { ...(SUTURE_TABLE && { SUTURE_TABLE }), ...(SUTURE_EVIDENCE_BUCKET && { SUTURE_EVIDENCE_BUCKET }) };
  const missing = needed.filter((name) => !io.env[name]);
  if (missing.length === 0) return { ...UNUSED, ...named };
  if (!isEmulated(io.env)) {
    throw new Refusal(
      [
        'Suture changes nothing without its records, and the environment does not say where they are:',
        ...missing.map((name) => `  ${name} is not set: ${OUTPUT[name]}`),
        "To read them: aws cloudformation describe-stacks --stack-name suture-<stage> --query 'Stacks[0].Outputs'",
        'replay --dry-run needs neither, and writes nothing.',
      ].join('\n'),
    );
  }
  const own: Stores = { SUTURE_TABLE: 'suture', SUTURE_EVIDENCE_BUCKET: `suture-evidence-${account}-${region}` };
  const make = { SUTURE_TABLE: makeTable, SUTURE_EVIDENCE_BUCKET: makeBucket };
  for (const name of missing) {
    if (await make[name](own[name], region))
      io.err(`The emulator at the endpoint had no ${name}: ${own[name]} was made there.`);
  }
  return { ...UNUSED, ...own, ...named };
}

function isEmulated({ AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3 }: Io['env']): boolean {
  return [AWS_ENDPOINT_URL_DYNAMODB || AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL].every(
    (url) => url && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname),
  );
}

/** @returns whether it was not there */
async function makeTable(TableName: string, region: string): Promise<boolean> {
  const client = new DynamoDBClient({ region });
  try {
    await client.send(new CreateTableCommand({ TableName, ...LEDGER_TABLE }));
    await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName });
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  } finally {
    client.destroy();
  }
}

/** @returns whether it was not there */
async function makeBucket(Bucket: string, region: string): Promise<boolean> {
  const client = new S3Client({ region, forcePathStyle: true });
  const where = { LocationConstraint: region as BucketLocationConstraint };
  try {
    // Asked first: in us-east-1 creating a bucket that one already owns succeeds.
    await client.send(new HeadBucketCommand({ Bucket }));
    return false;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await client.send(
      new CreateBucketCommand({
        Bucket,
        ObjectLockEnabledForBucket: true,
        ...(region !== 'us-east-1' && { CreateBucketConfiguration: where }),
      }),
    );
    return true;
  } finally {
    client.destroy();
  }
}
