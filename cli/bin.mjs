#!/usr/bin/env node
// Starts the command line on a Node that runs TypeScript. Plain JavaScript without dependencies: it runs on the
// machine's own Node (20 or later), and before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const NODE = at('../node_modules/node/bin/node');
const runsTypeScript = Number(process.versions.node.split('.')[0]) >= 24;

// npm writes this record last, so it is missing after an installation that was cut off, too.
if (!existsSync(at('../node_modules/.package-lock.json')) || !(runsTypeScript || existsSync(NODE))) {
  console.error(
    'Suture is not installed yet: run "npm ci" (or "npm run demo", which does it by itself) in its folder first.',
  );
  process.exitCode = 1;
} else if (runsTypeScript) {
  await import('./main.ts');
} else {
  const child = spawn(NODE, [at('main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The child decides what a signal means, and this process ends as the child does.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${NODE} does not start: ${error.message}. Run "npm ci" again.`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Where the signal does not end a process at once, the shell's way of saying it.
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  });
}
