import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { type HandedOut, handOut } from '../../lib/agenda.ts';
import { DynamoLedger } from '../../lib/engine/ledger-dynamodb.ts';
import { FAMILIES } from '../families.ts';

const dynamodb = new DynamoDBClient({});
const lambda = new LambdaClient({});
const logger = new Logger();
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };

/**
 * Each minute: hands what is due to the functions that judge it, `suture-<stage>-<family>`.
 * Environment: `SUTURE_STAGE`, `SUTURE_TABLE`.
 */
export async function handler(_event: unknown, context: Context): Promise<HandedOut> {
  const stage = needed('SUTURE_STAGE');
  return handOut({
    ledger: new DynamoLedger(dynamodb, { table: needed('SUTURE_TABLE'), clock }),
    clock,
    remaining: () => context.getRemainingTimeInMillis(),
    families: FAMILIES,
    hand: async (family, request) => {
      await lambda.send(
        new InvokeCommand({
          FunctionName: `suture-${stage}-${family}`,
          InvocationType: 'Event',
          Payload: JSON.stringify(request),
        }),
      );
    },
    log: {
      info: (message, fields) => logger.info(message, { ...fields }),
      warn: (message, fields) => logger.warn(message, { ...fields }),
      error: (message, fields) => logger.error(message, { ...fields }),
    },
  });
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`The environment of this function lacks ${name}: deploy it with functions/generated.yml.`);
  return value;
}
