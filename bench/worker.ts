import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Seen } from './stub.ts';

/**
 * One Lambda process: loads a built bundle, and handles events one after the other as Lambda would.
 * argv: the bundle's folder, the stub's URL, a sample event, the number of warm events. Sends what it measured to its parent.
 * It is bundled before it runs: Node's own TypeScript support would count as our memory.
 */
export interface Measured {
  readonly firstEventMs: number;
  readonly warm: readonly Warm[];
  readonly compliant: readonly Seen[];
  readonly cpuMsPerEvent: number;
  readonly peakRssMB: number;
}
export interface Warm {
  readonly ms: number;
  readonly cpuMs: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly seen: readonly Seen[];
}

const [, , folder = '', stub = '', file = '', countText = '50'] = process.argv;
// Each run has buckets of its own: the stub remembers what an earlier one fixed.
const run = process.pid;
const log = console.log;
console.log = () => {};
const { handler } = (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};
const sample = JSON.parse(readFileSync(file, 'utf8'));
const context = {
  awsRequestId: 'bench',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:suture-bench-s3',
  getRemainingTimeInMillis: () => 60_000,
};
/** Through the bare http module: what the benchmark itself loads would count as ours. */
const seenSince = (): Promise<Seen[]> =>
  new Promise((resolve, reject) => {
    get(`${stub}/__seen`, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    }).on('error', reject);
  });

async function once(bucket: string): Promise<Warm> {
  const event = structuredClone(sample);
  event.detail.requestParameters.bucketName = `${run}-${bucket}`;
  await seenSince();
  const before = process.cpuUsage();
  const from = performance.now();
  await handler(event, context);
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000, start: performance.timeOrigin + from, seen: await seenSince() };
}

const first = await once('first');
// V8 compiles what runs often; a Lambda process handles thousands of events.
for (let n = 0; n < 10; n++) await once(`warming-${n}`);
const warm: Warm[] = [];
for (let n = 0; n < Number(countText); n++) {
  warm.push(await once(`bucket-${n}`));
}
const compliant = await once('bucket-0');
console.log = log;
const measured: Measured = {
  firstEventMs: first.ms,
  warm,
  compliant: compliant.seen,
  cpuMsPerEvent: warm.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / warm.length,
  peakRssMB: process.resourceUsage().maxRSS / 1024,
};
process.send?.(measured, () => process.exit(0));
