// Sets up what a fresh checkout needs, and nothing when it is all there: `npm ci`, and the emulators' Python environment.
// Plain JavaScript without dependencies: it runs on the machine's own Node before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(ROOT, ...parts);
const REQUIREMENTS = at('emulators', 'requirements.txt');
const VENV = at('.emulators');
const STAMP = join(VENV, '.complete');
const LOCK = at('.setup.lock');

/** What stops set-up: one sentence for the reader, no stack. */
class SetupError extends Error {}

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * True when node_modules holds what package-lock.json says. npm writes its own record, `.package-lock.json`, last, so an
 * interrupted installation has none or an old one. Contents are compared, not times: a checkout gives files any time.
 */
function packagesInstalled() {
  const record = at('node_modules', '.package-lock.json');
  if (!existsSync(record) || !existsSync(at('node_modules', 'node', 'bin', 'node'))) return false;
  const { packages: wanted } = readJson(at('package-lock.json'));
  const { packages: installed } = readJson(record);
  const matches = ([path, { version, integrity, optional }]) =>
    path === '' ||
    (optional && !installed[path]) ||
    (installed[path]?.version === version && installed[path].integrity === integrity);
  return Object.entries(wanted).every(matches) && Object.keys(installed).every((path) => path in wanted);
}

async function installPackages() {
  say('Installing npm packages (npm ci) ...');
  // npm must not run on the Node inside the node_modules that it is about to replace.
  const path = (process.env.PATH ?? '').split(delimiter).filter((dir) => !dir.startsWith(at('node_modules')));
  await run('npm', ['ci', '--no-audit', '--no-fund'], { PATH: path.join(delimiter) });
  if (!packagesInstalled())
    throw new SetupError(
      'npm ci left no node_modules/node/bin/node: allow install scripts (npm config set ignore-scripts false) and run it again.',
    );
}

/** The stamp changes with the requirements and with the place: a virtual environment cannot be moved. */
const stamp = () => createHash('sha256').update(readFileSync(REQUIREMENTS)).update(ROOT).digest('hex');

// The interpreter in the environment is a link: it dangles once that Python has been uninstalled.
const emulatorsInstalled = () =>
  existsSync(STAMP) && existsSync(join(VENV, 'bin', 'python')) && readFileSync(STAMP, 'utf8') === stamp();

async function installEmulators() {
  const python = findPython();
  say('Installing the emulators into .emulators (once, about a minute) ...');
  rmSync(VENV, { recursive: true, force: true });
  await run(python, ['-m', 'venv', VENV]);
  await run(join(VENV, 'bin', 'python'), [
    ...['-m', 'pip', 'install', '--quiet', '--require-hashes', '--prefer-binary', '-r', REQUIREMENTS],
  ]);
  writeFileSync(STAMP, stamp());
}

/** The first usable interpreter; 3.10 to 3.14 are those that every pinned package has wheels for. */
function findPython() {
  const names = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const seen = names.map(probe).filter((found) => found !== undefined);
  const fits = seen.filter(({ minor }) => minor >= 10);
  const best = fits.find(({ complete, minor }) => complete && minor <= 14) ?? fits.find(({ complete }) => complete);
  if (best) return best.name;
  const [old] = seen;
  const bare = fits[0];
  if (bare)
    throw new SetupError(
      `Python 3.${bare.minor} (${bare.name}) lacks the modules venv and ensurepip: install them (Debian and Ubuntu: apt install python3.${bare.minor}-venv) and run this again.`,
    );
  throw new SetupError(
    `${old ? `Python ${old.version} is too old` : 'Python was not found'}: install Python 3.10 or newer, with its venv module, so that python3 is on the PATH, and run this again.`,
  );
}

function probe(name) {
  const code =
    'import sys, importlib.util as u; print(*sys.version_info[:3], all(u.find_spec(m) for m in ("venv", "ensurepip")))';
  const { status, stdout } = spawnSync(name, ['-c', code], { encoding: 'utf8' });
  // Version managers put shims on the PATH for interpreters they do not have: those fail here.
  if (status !== 0) return undefined;
  const [major, minor, patch, complete] = stdout.trim().split(' ');
  if (Number(major) !== 3) return { name, version: `${major}.${minor}`, minor: 0, complete: false };
  return { name, version: `3.${minor}.${patch}`, minor: Number(minor), complete: complete === 'True' };
}

let child;
/** Runs a program to its end; its output is ours. */
async function run(program, args, env = {}) {
  child = spawn(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    // Settings of the user's own that would send pip elsewhere than into the environment.
    env: {
      ...process.env,
      PIP_USER: '0',
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PIP_NO_INPUT: '1',
      PYTHONHOME: '',
      ...env,
    },
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...end) => resolve(end));
  });
  child = undefined;
  if (code !== 0)
    throw new SetupError(
      `${program} ${args.slice(0, 3).join(' ')} failed (${signal ?? `exit code ${code}`}): see its output above.`,
    );
}

/** Runs `work` while no other set-up of this checkout does; waits for the other. */
async function alone(work) {
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    for (let told = false; ; ) {
      try {
        linkSync(mine, LOCK);
        break;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const owner = lockOwner();
      if (owner && !alive(owner)) takeAway(owner);
      else if (owner && !told) {
        say(`Waiting for another set-up (process ${owner}; delete ${LOCK} if it is none) ...`);
        told = true;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    try {
      return await work();
    } finally {
      rmSync(LOCK, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function lockOwner() {
  try {
    return Number(readFileSync(LOCK, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Removes the lock a dead set-up left. Two may try: whoever finds it has moved a live one instead puts that back. */
function takeAway(owner) {
  const away = `${LOCK}.stale.${process.pid}`;
  try {
    renameSync(LOCK, away);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (Number(readFileSync(away, 'utf8')) !== owner) linkSync(away, LOCK);
  rmSync(away);
}

const say = (text) => process.stderr.write(`${text}\n`);

// The child gets the signal too, and only its end ends us: an orphaned npm or pip would write into the next set-up's files.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child?.kill(signal));

try {
  if (Number(process.versions.node.split('.')[0]) < 20)
    throw new SetupError(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  if (!packagesInstalled() || !emulatorsInstalled())
    await alone(async () => {
      if (!packagesInstalled()) await installPackages();
      if (!emulatorsInstalled()) await installEmulators();
    });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
