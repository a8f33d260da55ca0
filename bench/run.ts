import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { controls } from '../functions/catalog.ts';
import { bundle } from '../lib/build/bundle.ts';
import { functionNames, packageFunctions } from '../lib/build/package.ts';
import { NODE_OPTIONS } from '../lib/deploy/functions.ts';
import { DEFAULT_SETTINGS, type Mode } from '../lib/settings.ts';
import type { Seen } from './stub.ts';
import type { Measured } from './worker.ts';

/**
 * npm run bench: one CreateBucket event through the built S3 function, against a stub of AWS with a fixed latency.
 * Prints a table, or JSON when stdout is no terminal. Measures; judges nothing but the targets beside the figures.
 */
const LATENCY_MS = 30;
const WARM_EVENTS = 50;
const INIT_ROUNDS = 9;
const ONE = 's3-bucket-public-access-block';
const root = join(import.meta.dirname, '..');

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** The longest chain of calls of which each began after the one before was answered. */
function depth(seen: readonly Seen[]): number {
  const calls = [...seen].sort((a, b) => a.from - b.from);
  const chain: number[] = [];
  calls.forEach((call, n) => {
    const before = calls.slice(0, n).map((earlier, k) => (earlier.to <= call.from ? (chain[k] ?? 0) : 0));
    chain[n] = 1 + Math.max(0, ...before);
  });
  return Math.max(0, ...chain);
}

async function stub(): Promise<{ url: string; stop: () => void }> {
  const child = fork(join(import.meta.dirname, 'stub.ts'), [String(LATENCY_MS)], { stdio: 'inherit' });
  const port = await new Promise<unknown>((resolve, reject) => child.once('message', resolve).once('error', reject));
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

async function measure(folder: string, url: string): Promise<Measured> {
  const worker = join(work, 'worker.mjs');
  await bundle(join(import.meta.dirname, 'worker.ts'), worker);
  const sample = join(root, 'events', 'cloudtrail', 'CreateBucket.json');
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: url,
    SUTURE_TABLE: 'ledger',
    SUTURE_EVIDENCE_BUCKET: 'evidence',
    SUTURE_ROLE_PREFIX: 'arn:aws:iam::123456789012:role/suture-bench-',
    SUTURE_FAMILIES: 's3',
    POWERTOOLS_SERVICE_NAME: 's3',
    POWERTOOLS_METRICS_NAMESPACE: 'Suture',
    POWERTOOLS_LOG_LEVEL: 'WARN',
    NODE_OPTIONS,
  };
  const child = fork(worker, [folder, url, sample, String(WARM_EVENTS)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as Measured)).once('error', reject);
    child.once('exit', (code) => reject(new Error(`The measured process ended with ${code} before it said anything.`)));
  });
}

/** Module initialisation, each round in a new process, alternating between the bundles: the machine's noise hits all alike. */
function initTimes(bundles: Readonly<Record<string, string>>): Record<string, number> {
  const times: Record<string, number[]> = {};
  const code = (file: string) =>
    `const t=performance.now();await import(${JSON.stringify(`file://${file}`)});process.stdout.write(String(performance.now()-t))`;
  for (let n = 0; n < INIT_ROUNDS; n++) {
    for (const [name, file] of Object.entries(bundles)) {
      const ms = Number(
        execFileSync(process.execPath, ['--input-type=module', '-e', code(file)], { encoding: 'utf8' }),
      );
      times[name] = [...(times[name] ?? []), ms];
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

function figures({ firstEventMs, warm, compliant, cpuMsPerEvent, peakRssMB }: Measured) {
  const ofBucket = (seen: readonly Seen[]) => seen.filter(({ bucket }) => bucket !== undefined);
  const until = (seen: readonly Seen[]): readonly Seen[] => {
    const closes = seen.find(({ op }) => op === 'PUT publicAccessBlock');
    return closes ? seen.filter(({ from }) => from <= closes.from) : [];
  };
  const firstWrite = (seen: readonly Seen[]): number =>
    Math.min(
      ...ofBucket(seen)
        .filter(({ op }) => op.startsWith('PUT'))
        .map(({ from }) => from),
    );
  const reads = (seen: readonly Seen[]) =>
    ofBucket(seen)
      .filter(({ op, from }) => op.startsWith('GET') && from < firstWrite(seen))
      .map(({ op }) => op);
  const last = warm.at(-1)!.seen;
  return {
    serviceCallsPerFix: Math.max(...warm.map(({ seen }) => ofBucket(seen).length)),
    depthUntilClosed: Math.max(...warm.map(({ seen }) => depth(until(seen)))),
    closedMs: round(
      median(
        warm.map(
          ({ seen, start }) => (seen.find(({ op }) => op === 'PUT publicAccessBlock')?.to ?? Number.NaN) - start,
        ),
      ),
    ),
    warmMedianMs: round(median(warm.map(({ ms }) => ms))),
    depth: depth(last),
    overheadMs: round(median(warm.map(({ ms, seen }) => ms - depth(seen) * LATENCY_MS))),
    firstEventMs: round(firstEventMs),
    cpuMsPerEvent: round(cpuMsPerEvent),
    compliantServiceCalls: ofBucket(compliant).length,
    allControlsReads: { distinct: new Set(reads(last)).size, sent: reads(last).length },
    peakRssMB: round(peakRssMB),
  };
}

const all = controls.map(({ id }) => id);
const modes = (auto: readonly string[]): Record<string, Mode> =>
  Object.fromEntries(all.map((id) => [id, auto.includes(id) ? 'auto' : 'off']));
const work = mkdtempSync(join(tmpdir(), 'suture-bench-'));
const aws = await stub();
try {
  const names = await functionNames(root);
  const built = await packageFunctions(root, names, {
    out: join(work, 'one'),
    settings: { ...DEFAULT_SETTINGS, modes: modes([ONE]) },
  });
  await packageFunctions(root, ['s3'], {
    out: join(work, 'all'),
    settings: { ...DEFAULT_SETTINGS, modes: modes(all) },
  });
  const empty = join(work, 'empty', 'index.mjs');
  const emptyBundle = await bundle(join(import.meta.dirname, 'empty-s3.ts'), empty);
  await bundle(join(import.meta.dirname, 'same-calls-s3.ts'), join(work, 'calls', 'index.mjs'));
  const files = Object.fromEntries(names.map((name) => [name, join(work, 'one', name, 'index.mjs')]));
  const init = initTimes({ ...files, empty });
  const one = figures(await measure(join(work, 'one', 's3'), aws.url));
  const { allControlsReads, ...everyControl } = figures(await measure(join(work, 'all', 's3'), aws.url));
  const result = {
    latencyMs: LATENCY_MS,
    warmEvents: WARM_EVENTS,
    ...one,
    /** Of the same event with all S3 controls, before the first write. */
    allControlsReads,
    allControls: everyControl,
    /** CPU of an event whose handler only sends the calls of the one control's fix through the SDK. */
    sameCallsCpuMs: round((await measure(join(work, 'calls'), aws.url)).cpuMsPerEvent),
    initMs: Object.fromEntries(Object.entries(init).map(([name, ms]) => [name, round(ms)])),
    initRatio: round((init.s3 ?? Number.NaN) / (init.empty ?? Number.NaN), 2),
    bundleKB: {
      ...Object.fromEntries(built.map(({ name, bytes }) => [name, Math.ceil(bytes / 1000)])),
      empty: Math.ceil(emptyBundle.bytes / 1000),
    },
  };
  if (process.stdout.isTTY) print(result);
  else console.log(JSON.stringify(result, null, 2));
} finally {
  aws.stop();
  rmSync(work, { recursive: true, force: true });
}

type Figures = ReturnType<typeof figures>;
interface Report extends Figures {
  readonly allControls: Omit<Figures, 'allControlsReads'>;
  readonly sameCallsCpuMs: number;
  readonly initMs: Readonly<Record<string, number>>;
  readonly initRatio: number;
  readonly bundleKB: Readonly<Record<string, number>>;
}

function print(report: Report): void {
  const { allControls, allControlsReads, sameCallsCpuMs, initMs, initRatio, bundleKB, ...one } = report;
  const row = (name: string, value: number, must: number, unit: string, exactly = false) => {
    const met = exactly ? value === must : value <= must;
    const target = `${exactly ? '' : '<= '}${must} ${unit}`.trim();
    console.log(
      `${name.padEnd(42)} ${`${value} ${unit}`.trim().padStart(10)}   ${styleText(met ? 'green' : 'red', met ? 'met ' : 'MISSED')} ${target}`,
    );
  };
  console.log(`One CreateBucket event, ${LATENCY_MS} ms per call, ${ONE} alone:`);
  row('calls to the bucket per fix', one.serviceCallsPerFix, 3, '');
  row('sequential calls until the hole is closed', one.depthUntilClosed, 3, '', true);
  row('warm event, whole, median', one.warmMedianMs, 210, 'ms');
  row('time until closed, median', one.closedMs, 115, 'ms');
  row('overhead beyond latency', one.overheadMs, 25, 'ms');
  row('CPU per warm event', one.cpuMsPerEvent, 15, 'ms');
  console.log(`  (the SDK alone, the same calls: ${sameCallsCpuMs} ms)`);
  row('compliant event: calls to the bucket', one.compliantServiceCalls, 1, '');
  row('module initialisation, S3 function', initMs.s3 ?? Number.NaN, 90, 'ms');
  row('  compared with the empty handler', initRatio, 1.25, 'x');
  row('bundle of the S3 function', bundleKB.s3 ?? Number.NaN, 700, 'KB');
  row('peak memory', one.peakRssMB, 100, 'MB');
  console.log(`\nThe same event with all ${all.filter((id) => id.startsWith('s3-')).length} S3 controls:`);
  console.log(`  ${allControlsReads.distinct} distinct reads before the first write, ${allControlsReads.sent} sent`);
  console.log(
    `  closed after ${allControls.closedMs} ms, whole event ${allControls.warmMedianMs} ms, ${allControls.depth} calls deep`,
  );
  console.log(`  first event of a process, one control: ${one.firstEventMs} ms`);
}
