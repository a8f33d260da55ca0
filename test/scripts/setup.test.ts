import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SETUP = join(__dirname, '..', '..', 'scripts', 'setup.mjs');

/** A checkout in which npm's part is done, and a PATH on which only what a test puts there is found. */
class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'suture-setup-'));
  readonly bin = join(this.root, 'path');

  constructor() {
    const packages = { '': {}, 'node_modules/x': { version: '1.0.0', integrity: 'sha512-x' } };
    this.write('package-lock.json', JSON.stringify({ packages }));
    this.write('emulators/requirements.txt', 'moto==1\n');
    mkdirSync(join(this.root, 'scripts'));
    cpSync(SETUP, join(this.root, 'scripts', 'setup.mjs'));
    mkdirSync(this.bin);
    for (const tool of ['sh', 'sleep', 'mkdir', 'cat']) symlinkSync(join('/bin', tool), join(this.bin, tool));
    this.npm();
  }

  /** What npm ci leaves behind. */
  npm(version = '1.0.0'): void {
    const packages = { 'node_modules/x': { version, integrity: 'sha512-x' } };
    this.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    this.write('node_modules/node/bin/node', '');
  }

  write(name: string, text: string): void {
    const file = join(this.root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** A program on the PATH; all of them note that they ran. */
  program(name: string, script: string): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "${this.root}/log"\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** A Python that says it has this version, and makes environments whose pip takes `seconds`. */
  python(version: string, { complete = 'True', seconds = '0', pip = 'exit 0' } = {}): void {
    const inner = `#!/bin/sh\\necho \\"pip \\$*\\" >> ${this.root}/log\\nsleep ${seconds}\\n${pip}\\n`;
    this.program(
      'python3',
      `case "$1" in
-c) echo "${version} ${complete}";;
*) mkdir -p "$3/bin"; printf "${inner}" > "$3/bin/python"; /bin/chmod +x "$3/bin/python";;
esac`,
    );
  }

  get log(): string[] {
    const file = join(this.root, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }
  installs(): number {
    return this.log.filter((line) => line.startsWith('pip')).length;
  }

  start(): ChildProcess {
    return spawn(process.execPath, [join(this.root, 'scripts', 'setup.mjs')], {
      env: { PATH: this.bin },
      stdio: 'pipe',
    });
  }
  run(): Promise<{ code: number | null; said: string }> {
    const child = this.start();
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
  }
}

let checkout: Checkout;
beforeEach(() => {
  checkout = new Checkout();
});
afterEach(() => rmSync(checkout.root, { recursive: true, force: true }));

test('installs the emulators once, and says nothing the second time', async () => {
  checkout.python('3 12 1');
  expect((await checkout.run()).code).toBe(0);
  expect(checkout.log.at(-1)).toContain('--require-hashes');
  expect(await checkout.run()).toEqual({ code: 0, said: '' });
  expect(checkout.installs()).toBe(1);
});

test('installs them anew when the requirements have changed', async () => {
  checkout.python('3 12 1');
  await checkout.run();
  checkout.write('emulators/requirements.txt', 'moto==2\n');
  await checkout.run();
  expect(checkout.installs()).toBe(2);
});

test('a failed installation is not taken for a whole one', async () => {
  checkout.python('3 12 1', { pip: 'exit 3' });
  expect(await checkout.run()).toMatchObject({ code: 1, said: expect.stringContaining('exit code 3') });
  checkout.python('3 12 1');
  expect((await checkout.run()).code).toBe(0);
  expect(checkout.installs()).toBe(2);
});

test('killed half-way, it starts over the next time', async () => {
  checkout.python('3 12 1', { pip: 'exec sleep 30' });
  const child = checkout.start();
  const ended = new Promise((resolve) => child.on('exit', resolve));
  while (checkout.installs() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGTERM');
  await ended;
  checkout.python('3 12 1');
  expect((await checkout.run()).code).toBe(0);
  expect(checkout.installs()).toBe(2);
});

test('two at once install once', async () => {
  checkout.python('3 12 1', { seconds: '1' });
  const both = await Promise.all([checkout.run(), checkout.run()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(checkout.installs()).toBe(1);
  expect(both.map(({ said }) => said).join()).toContain('Waiting for another set-up');
});

test('the lock of a set-up that has died is taken over', async () => {
  checkout.python('3 12 1');
  const dead = spawn('true');
  await new Promise((resolve) => dead.on('close', resolve));
  checkout.write('.setup.lock', String(dead.pid));
  expect((await checkout.run()).code).toBe(0);
  expect(existsSync(join(checkout.root, '.setup.lock'))).toBe(false);
});

test.each([
  ['no Python', undefined, 'Python was not found: install Python 3.10 or newer'],
  ['an old Python', () => checkout.python('3 9 2'), 'Python 3.9.2 is too old: install Python 3.10 or newer'],
  ['a Python 2', () => checkout.python('2 7 18'), 'Python 2.7 is too old: install Python 3.10 or newer'],
  [
    'a Python without venv',
    () => checkout.python('3 11 2', { complete: 'False' }),
    'Python 3.11 (python3) lacks the modules venv and ensurepip: install them (Debian and Ubuntu: apt install python3.11-venv)',
  ],
])('%s gets one sentence that says what to install', async (_name, given, sentence) => {
  given?.();
  const { code, said } = await checkout.run();
  expect(code).toBe(1);
  expect(said).toContain(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
});

test('npm ci runs when node_modules does not hold what the lock file says', async () => {
  checkout.python('3 12 1');
  checkout.npm('0.9.0');
  checkout.program(
    'npm',
    `printf '{"packages":{"node_modules/x":{"version":"1.0.0","integrity":"sha512-x"}}}' > "${checkout.root}/node_modules/.package-lock.json"`,
  );
  expect((await checkout.run()).code).toBe(0);
  expect(checkout.log[0]).toContain('npm ci');
  await checkout.run();
  expect(checkout.log.filter((line) => line.startsWith('npm'))).toHaveLength(1);
});
