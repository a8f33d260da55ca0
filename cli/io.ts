import type { Readable } from 'node:stream';
import { styleText } from 'node:util';

/** All that a command touches of its process, so that a test can stand in for it. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Columns of the reader's window; undefined when the answer goes to a file or another program. */
  readonly width: number | undefined;
  /** One line of the answer. */
  out(line: string): void;
  /** One line about the answer, for the person who waits for it. */
  err(line: string): void;
  style(format: Parameters<typeof styleText>[0], text: string): string;
  /** From now on the first Ctrl-C only asks to stop, which the signal tells; the second one ends the process. */
  interruptible(): AbortSignal;
}

/** A terminal sends one Ctrl-C to the launcher as well, which hands it on. */
const SAME_KEY_MS = 500;

/** `styleText` looks at NO_COLOR, FORCE_COLOR and at whether the stream is a terminal. */
export const processIo = (): Io => ({
  env: process.env,
  stdin: process.stdin,
  width: Number(process.env.COLUMNS) || process.stdout.columns,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  style: (format, text) => styleText(format, text, { stream: process.stdout }),
  interruptible,
});

function interruptible(): AbortSignal {
  const stop = new AbortController();
  let asked = 0;
  process.on('SIGINT', () => {
    if (asked > 0 && Date.now() - asked > SAME_KEY_MS) process.exit(130);
    if (asked > 0) return;
    asked = Date.now();
    process.stderr.write('Stopping after the call in flight. Ctrl-C again ends at once.\n');
    stop.abort();
  });
  return stop.signal;
}

/** What a reader can do something about: told in its own words, without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
