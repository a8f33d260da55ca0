import { Help } from 'commander';
import type { Io } from './io.ts';

/** Text for no window in particular is wrapped at what reads well. */
const WIDTH_ELSEWHERE = 100;

const help = Object.assign(new Help(), { minWidthToWrap: 20 });
const widthOf = ({ width = WIDTH_ELSEWHERE }: Io): number => width;

/** Text wrapped to the reader's window, every line moved in by `indent`. */
export const wrapped = (io: Io, text: string, indent = 0): string =>
  help
    .boxWrap(text, widthOf(io) - indent)
    .split('\n')
    .map((line) => `${' '.repeat(indent)}${line}`)
    .join('\n');

/** Terms with their descriptions beside them; below them, where the window is too narrow for both. */
export function items(io: Io, pairs: readonly (readonly [term: string, text: string])[]): string {
  help.helpWidth = widthOf(io);
  const longest = Math.max(0, ...pairs.map(([term]) => help.displayWidth(term)));
  const beside = longest <= widthOf(io) / 2;
  return pairs
    .map(([term, text]) => (beside ? help.formatItem(term, longest, text, help) : `  ${term}\n${wrapped(io, text, 4)}`))
    .join('\n');
}

/** Rows in columns, one line each; undefined when the reader's window is narrower. */
export function columns(io: Io, rows: readonly (readonly string[])[]): string | undefined {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => help.displayWidth(row[at] ?? ''))));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat(at === row.length - 1 ? 0 : widths[at]! - help.displayWidth(cell)))
      .join('  '),
  );
  return lines.every((line) => help.displayWidth(line) <= (io.width ?? Number.POSITIVE_INFINITY))
    ? lines.join('\n')
    : undefined;
}
