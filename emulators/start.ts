import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const PYTHON = join(ROOT, '.emulators', 'bin', 'python');

/** The account that both emulators answer for. */
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** `true`: on any free port. A number: on the first free port from there on. */
export type Wanted = true | number;

/** moto: the account being remediated. */
export interface Moto {
  readonly url: string;
  /** Forgets all resources of all accounts, and stops enforcing IAM. */
  reset(): Promise<void>;
  /** From now on requests are (or are not) checked against the policies of who signed them. */
  enforceIam(on: boolean): Promise<void>;
}

/** MiniStack: the runtime (Lambda, EventBridge, SQS, DynamoDB, CloudFormation ...). */
export interface MiniStack {
  readonly url: string;
  reset(): Promise<void>;
}

export interface Emulators<M extends Wanted | undefined, S extends Wanted | undefined> {
  readonly moto: M extends Wanted ? Moto : undefined;
  readonly ministack: S extends Wanted ? MiniStack : undefined;
  /** Resolves when the processes are gone. Not calling it is no leak: they also end when this process does. */
  stop(): Promise<void>;
}

/**
 * Starts the emulators wanted, on loopback ports nobody else uses, and waits until they answer.
 * They end with this process however it ends (see guard.py), and do not keep it alive.
 * @throws with the emulator's log when one does not come up
 */
export async function startEmulators<
  M extends Wanted | undefined = undefined,
  S extends Wanted | undefined = undefined,
>(wanted: { readonly moto?: M; readonly ministack?: S }): Promise<Emulators<M, S>> {
  if (!existsSync(PYTHON)) throw new Error('The emulators are not installed: run `node scripts/setup.mjs`.');
  const starts = await Promise.allSettled([
    wanted.moto ? launch('moto', wanted.moto) : undefined,
    wanted.ministack ? launch('ministack', wanted.ministack) : undefined,
  ]);
  const stop = async () => {
    await Promise.all(starts.map((start) => (start.status === 'fulfilled' ? start.value?.stop() : undefined)));
  };
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [moto, ministack] = starts.map((start) => (start.status === 'fulfilled' ? start.value?.url : undefined));
  return {
    moto: (moto === undefined ? undefined : motoAt(moto)) as Emulators<M, S>['moto'],
    ministack: (ministack === undefined ? undefined : ministackAt(ministack)) as Emulators<M, S>['ministack'],
    stop,
  };
}

/** The controls of a moto that is already running. */
export const motoAt = (url: string): Moto => {
  // Whoever had it before may have left it enforcing.
  let enforcing = true;
  const enforceIam = async (on: boolean) => {
    enforcing = true;
    await post(`${url}/moto-api/reset-auth`, on ? '0' : 'inf');
    enforcing = on;
  };
  return {
    url,
    enforceIam,
    reset: async () => {
      if (enforcing) await enforceIam(false);
      await post(`${url}/moto-api/reset`);
    },
  };
};

/** The controls of a MiniStack that is already running. */
export const ministackAt = (url: string): MiniStack => ({ url, reset: () => post(`${url}/_ministack/reset`) });

async function post(url: string, body = ''): Promise<void> {
  const response = await fetch(url, { method: 'POST', body });
  if (!response.ok) throw new Error(`POST ${url} answered ${response.status}: ${await response.text()}`);
}

const HEALTH = { moto: '/moto-api/', ministack: '/_ministack/health' };
/** A cold Python on a busy two-core runner compiles for some seconds. */
const START_TIMEOUT_MS = 60_000;

interface Launched {
  readonly url: string;
  stop(): Promise<void>;
}

async function launch(name: 'moto' | 'ministack', wanted: Wanted): Promise<Launched> {
  for (let tries = 1, from = wanted === true ? 0 : wanted; ; tries++) {
    const port = await freePort(from);
    const scratch = mkdtempSync(join(tmpdir(), `suture-${name}-`));
    const log = join(scratch, 'log');
    const child = start(name, port, scratch, log);
    const stop = async () => {
      await ended(child);
      rmSync(scratch, { recursive: true, force: true });
    };
    const url = `http://127.0.0.1:${port}`;
    if (await healthy(child, url + HEALTH[name])) {
      // Killed by somebody else, it cannot tidy up itself.
      child.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
      return { url, stop };
    }
    // Between our look and its bind somebody else took the port: the next one.
    const text = readFileSync(log, 'utf8');
    await stop();
    const taken = /already in use|in use by another program|EADDRINUSE/i.test(text);
    if (!taken || tries === 10)
      throw new Error(`${name} did not start on port ${port}. Its log:\n${text.slice(-8000)}`);
    if (from !== 0) from = port + 1;
  }
}

function start(name: 'moto' | 'ministack', port: number, scratch: string, log: string): ChildProcess {
  const output = openSync(log, 'a');
  const child = spawn(PYTHON, [join(import.meta.dirname, 'guard.py'), name, String(port)], {
    // A group of its own: MiniStack's Lambda workers end with it, and Ctrl-C reaches it only through our end.
    detached: true,
    cwd: scratch,
    stdio: ['pipe', output, output],
    env: {
      // No credentials, proxies or Python settings of the user's get in.
      ...pick(process.env, 'PATH', 'HOME', 'LANG', 'LC_ALL', 'SYSTEMROOT'),
      TMPDIR: scratch,
      PYTHONUNBUFFERED: '1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_DEFAULT_REGION: REGION,
      MOTO_ACCOUNT_ID: ACCOUNT,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      CLOUDTRAIL_RECORDING: '1',
      STATE_DIR: join(scratch, 'state'),
      S3_DATA_DIR: join(scratch, 's3'),
    },
  });
  closeSync(output);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}

const pick = (from: NodeJS.ProcessEnv, ...names: string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));

/** @returns false when the process ended instead */
async function healthy(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const answered = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => response.ok),
      () => false,
    );
    // Somebody else's server on this port would answer too: ours must still be alive to be the one.
    if (answered && child.exitCode === null && child.signalCode === null) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

/** Closes its standard input, which ends it, and waits for that. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.stdin?.destroy();
  const late = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exit;
  clearTimeout(late);
}

/** A port nobody listens on now: any, or the first from `from` on. */
function freePort(from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && from > 0 && from < 65_535) resolve(freePort(from + 1));
      else reject(error);
    });
    server.listen({ port: from, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : from));
    });
  });
}
