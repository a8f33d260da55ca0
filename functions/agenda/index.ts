import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { type HandedOut, handOut } from '../../lib/agenda.ts';
import { DynamoLedger } from '../../lib/engine/ledger-dynamodb.ts';
import { createLog } from '../../lib/log.ts';
import { FAMILIES } from '../families.ts';

/** A request that hangs is given up and sent again while there is time for it. */
const requestHandler = { requestTimeout: 5_000, connectionTimeout: 2_000, throwOnRequestTimeout: true };
const dynamodb = new DynamoDBClient({ requestHandler });
const lambda = new LambdaClient({ requestHandler });
const log = createLog();
const clock = { now: () => Date.now(), sleep: (ms: number) => sleep(ms) };

/**
 * Each minute: hands what is due to the functions that judge it, `suture-<stage>-<family>`.
 * Environment: `SUTURE_STAGE`, `SUTURE_TABLE`.
 */
export async function handler(_event: unknown, context: Context): Promise<HandedOut> {
  const stage = needed('SUTURE_STAGE');
  log.begin(context.awsRequestId);
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
    log,
  });
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`The environment of this function lacks ${name}: deploy it with functions/generated.yml.`);
  return value;
}
