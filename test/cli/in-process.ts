import { Readable } from 'node:stream';
import type { Io } from '../../cli/io.ts';
import { run } from '../../cli/program.ts';

export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** One command line, run in this process with this process's environment. */
export async function suture(args: readonly string[], change: Partial<Io> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const status = await run(args, {
    env: process.env,
    stdin: Readable.from([]),
    width: undefined,
    style: (_format, text) => text,
    interruptible: () => new AbortController().signal,
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    ...change,
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

export const json = async (args: readonly string[], change: Partial<Io> = {}) => {
  const { status, out, err } = await suture([...args, '--json'], change);
  return { status, err, answer: JSON.parse(out) };
};
