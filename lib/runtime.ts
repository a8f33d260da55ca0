import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Clients } from './aws/clients.ts';
import type { AnyTypeSpec } from './aws/type.ts';
import { EvidenceBucket } from './engine/evidence-s3.ts';
import { SecurityHub } from './engine/hub.ts';
import { DynamoLedger } from './engine/ledger-dynamodb.ts';
import { type Clock, type Log, type Runtime, WRITE_TIMEOUT_MS } from './engine/runtime.ts';
import type { Settings } from './settings.ts';

export interface RuntimeOptions {
  /** `SUTURE_TABLE`, `SUTURE_EVIDENCE_BUCKET`, `AWS_REGION`, and the SDK's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  readonly types: readonly AnyTypeSpec[];
  /** The account that the credentials are of. */
  readonly account: string;
  readonly log: Log;
}

export const systemClock: Clock = { now: () => Date.now(), sleep: (ms) => sleep(ms) };

/**
 * The real outside of the engine. Clients are made once and shared by all runs of the process.
 * @returns what makes the runtime of one run, given the ms that are left to it
 * @throws when the environment lacks a name, saying which
 */
export function createRuntimeFactory({
  env,
  settings,
  types,
  account,
  log,
}: RuntimeOptions): (remaining: () => number) => Runtime {
  const table = needed(env, 'SUTURE_TABLE', 'the name of the ledger table');
  const bucket = needed(env, 'SUTURE_EVIDENCE_BUCKET', 'the name of the evidence bucket');
  const region = needed(env, 'AWS_REGION', 'the region of ledger and evidence');
  const clients = new Clients({ account, env, requestTimeoutMs: WRITE_TIMEOUT_MS });
  const ledger = new DynamoLedger(clients.get(DynamoDBClient, region), { table, clock: systemClock });
  return (remaining) => {
    const send = clients.sender(remaining);
    return {
      settings,
      send,
      ledger,
      // Evidence stays in the home region of the deployment, wherever the resource is.
      evidence: new EvidenceBucket(({ account: owner }) => send({ account: owner, region }), bucket, settings.evidence),
      hub: new SecurityHub(send, types, log),
      clock: systemClock,
      remaining,
      newToken: randomUUID,
      log,
    };
  };
}

function needed(env: RuntimeOptions['env'], name: string, what: string): string {
  const value = env[name];
  if (!value) throw new Error(`The environment variable ${name} is missing: ${what}, an output of the deployed stack.`);
  return value;
}
