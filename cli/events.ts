import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Io } from './io.ts';

/** One event as a file holds it, or why it holds none. */
export type Read =
  | { readonly file: string; readonly event: unknown }
  | { readonly file: string; readonly problem: string; readonly missing?: true };

/** The events of all files in their order: a file holds one event or an array of them, and `-` is standard input. */
export async function readEvents(files: readonly string[], io: Io): Promise<Read[]> {
  const read: Read[] = [];
  for (const file of files) read.push(...(await readOne(file, io)));
  return read;
}

async function readOne(file: string, io: Io): Promise<Read[]> {
  let text: string;
  try {
    text = file === '-' ? await textOf(io.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    return [{ file, problem: `The file cannot be read: ${(error as Error).message}`, missing: true }];
  }
  // Windows editors begin a file with a mark that is no JSON.
  const json = text.replace(/^\uFEFF/, '');
  try {
    const value: unknown = JSON.parse(json);
    return (Array.isArray(value) ? value : [value]).map((event: unknown) => ({ file, event }));
  } catch (error) {
    const { message } = error as Error;
    const what = message.replace(/(?: in JSON)? at position [\s\S]*$|, (?:\.\.\.)?"[\s\S]*is not valid JSON$/, '');
    const problem = `${file === '-' ? 'standard input' : file}:${placeOf(message, json)} is not JSON: ${what}. A file holds one event, or an array of events, as EventBridge delivers them.`;
    return [{ file, problem }];
  }
}

const placeOf = (message: string, text: string): string => {
  const lines = text.slice(0, positionOf(message) ?? wrongAt(text)).split('\n');
  return `${lines.length}:${lines.at(-1)!.length + 1}`;
};

/** Where V8 says the error is. It does not for an unexpected character, and at the end of the text. */
function positionOf(message: string): number | undefined {
  const found = /at position (\d+)/.exec(message)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The first character that no JSON text could have there: the shortest beginning that is wrong before its end, ends with it. */
function wrongAt(text: string): number {
  let right = 0;
  let wrong = text.length + 1;
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (isWrong(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return right;
}

function isWrong(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const position = positionOf(message);
    return position === undefined ? message.startsWith('Unexpected token') : position < beginning.length;
  }
}
