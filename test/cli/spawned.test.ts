import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MatchedEvent } from '../../cli/replay-json.ts';
import { controls } from '../../functions/catalog.ts';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'cli/bin.mjs');
/** A machine's own Node is older than the project's: the launcher is told so. */
const OLD_NODE = [
  '--import',
  "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.0'}})",
];

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
const options = (env: NodeJS.ProcessEnv) => ({ cwd: ROOT, env: { PATH: process.env.PATH, HOME: folder, ...env } });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suture-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function suture(
  args: readonly string[],
  { env = {}, input = '', node = [] as string[], bin = BIN } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...node, bin, ...args], options(env), (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

const longest = (text: string): number => Math.max(...text.split('\n').map(({ length }) => length));

describe('controls', () => {
  test('--json gives each control once, in JSON and nothing else', async () => {
    const { status, stdout, stderr } = await suture(['controls', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const listed = JSON.parse(stdout);
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(controls.map(({ id }) => id));
    expect(listed[0]).toMatchObject({
      title: controls[0]!.title,
      severity: controls[0]!.severity,
      hipaa: controls[0]!.hipaa,
      service: controls[0]!.id.split('-')[0],
    });
  });

  test('for another program it is one plain line per control, for a narrow window no line is wider', async () => {
    const [piped, narrow] = await Promise.all([suture(['controls']), suture(['controls'], { env: { COLUMNS: '60' } })]);
    for (const { id, title } of controls) {
      expect(piped.stdout.split('\n').filter((line) => line.startsWith(`${id} `) && line.endsWith(title))).toHaveLength(
        1,
      );
      expect(narrow.stdout).toContain(`${id}\n`);
    }
    expect(piped.stdout).not.toContain('\u001b');
    expect(longest(narrow.stdout)).toBeLessThanOrEqual(60);
  });
});

describe('replay --match-only', () => {
  let asked = 0;
  let aws: Server;
  beforeAll(async () => {
    aws = createServer((_request, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    await once(aws.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => aws.close());

  test('every sample leads where the index says, without a call to AWS', async () => {
    const index = JSON.parse(readFileSync(join(ROOT, 'events/index.json'), 'utf8'));
    const files: string[] = index.samples.map(({ file }: MatchedEvent) => `events/${file}`);
    const { status, stdout } = await suture(['replay', '--match-only', '--json', ...files], {
      env: {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
        SUTURE_ROLE_PREFIX: index.ownRoles[0].replace(/[^-]+$/, ''),
        SUTURE_FAMILIES: index.ownRoles.map((role: string) => role.split('-').at(-1)).join(','),
      },
    });
    expect({ status, asked }).toEqual({ status: 0, asked: 0 });
    const matched: MatchedEvent[] = JSON.parse(stdout);
    expect(matched.map(({ file, outcome, targets }) => ({ file, outcome, targets: targets.map(sorted) }))).toEqual(
      index.samples.map(({ file, outcome, targets = [] }: MatchedEvent) => ({
        file: `events/${file}`,
        outcome,
        targets: targets.map(sorted),
      })),
    );
    for (const { outcome, reason, targets } of matched) {
      expect(typeof reason).toBe(outcome === 'matched' ? 'undefined' : 'string');
      if (outcome !== 'matched') expect(targets).toEqual([]);
    }
  });

  const sorted = (target: MatchedEvent['targets'][number]) => ({ ...target, controls: [...target.controls].sort() });

  test('an array of events, from standard input, has one entry per event', async () => {
    const event = JSON.parse(readFileSync(join(ROOT, 'events/cloudtrail/CreateBucket.json'), 'utf8'));
    const { status, stdout } = await suture(['replay', '--match-only', '--json', '-'], {
      input: `\uFEFF${JSON.stringify([event, {}])}`,
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { file: '-', outcome: 'matched' },
      { file: '-', outcome: 'malformed', targets: [] },
    ]);
  });
});

describe('the launcher', () => {
  test('on an older Node runs the same on the Node of the project, with the same exit status', async () => {
    const [mine, older, failing] = await Promise.all([
      suture(['controls', '--json']),
      suture(['controls', '--json'], { node: OLD_NODE }),
      suture(['explain', 'nothing'], { node: OLD_NODE }),
    ]);
    expect(older).toEqual(mine);
    expect(failing.status).toBe(1);
  });

  test.each([
    ['on the Node of the project', []],
    ['on an older Node', OLD_NODE],
  ])('without node_modules says what to do, %s', async (_where, node) => {
    const bin = join(folder, 'cli', 'bin.mjs');
    mkdirSync(join(folder, 'cli'), { recursive: true });
    copyFileSync(BIN, bin);
    const { status, stdout, stderr } = await suture(['controls'], { bin, node: node as string[] });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^Suture is not installed yet: run "npm ci".*\n$/);
  });

  describe('with an AWS that does not answer', () => {
    let aws: Server;
    let child: ChildProcess;
    beforeEach(async () => {
      aws = createServer(() => {});
      await once(aws.listen(0, '127.0.0.1'), 'listening');
      const AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
      const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
      child = spawn(process.execPath, [...OLD_NODE, BIN, 'pause', '--reason', 'test'], {
        ...options({ AWS_ENDPOINT_URL, ...credentials }),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await once(aws, 'request');
    });
    afterEach(() => {
      aws.closeAllConnections();
      aws.close();
    });

    test('the first Ctrl-C is told and waits, a second one ends at once', async () => {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const [said] = await once(child.stderr!, 'data');
      expect(String(said)).toContain('Ctrl-C again ends at once');
      expect(child.exitCode).toBeNull();
      const again = setInterval(() => child.kill('SIGINT'), 50);
      expect(await ended).toEqual([130, null]);
      clearInterval(again);
    });

    test('SIGTERM ends it as a signal does', async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([null, 'SIGTERM']);
    });
  });
});
