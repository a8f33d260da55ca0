import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Settings } from '../settings.ts';
import { type Bundled, bundle } from './bundle.ts';

export interface Packaged extends Bundled {
  /** Folder below `functions/`. */
  readonly name: string;
  readonly zip: string;
  readonly zipBytes: number;
}

/** Every folder of `functions/` with an `index.ts` is a Lambda function. */
export async function functionNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, 'functions'), { recursive: true });
  return files.flatMap((file) => /^([^/\\]+)[/\\]index\.ts$/.exec(file)?.[1] ?? []).sort();
}

/**
 * Builds each function into `<out>/<name>/index.mjs` with `settings.json` beside it, and both into `<out>/<name>.zip`.
 * Equal sources give equal bytes, so an unchanged function is not deployed again.
 */
export async function packageFunctions(
  root: string,
  names: readonly string[],
  { out, settings }: { readonly out: string; readonly settings: Settings },
): Promise<Packaged[]> {
  const settingsText = `${JSON.stringify(settings, null, 2)}\n`;
  return Promise.all(
    names.map(async (name) => {
      const folder = join(out, name);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      const outfile = join(folder, 'index.mjs');
      const bundled = await bundle(join(root, 'functions', name, 'index.ts'), outfile);
      await writeFile(join(folder, 'settings.json'), settingsText);
      const zip = join(out, `${name}.zip`);
      const bytes = zipped({ 'index.mjs': await readFile(outfile), 'settings.json': strToU8(settingsText) });
      await writeFile(zip, bytes);
      return { name, ...bundled, zip, zipBytes: bytes.length };
    }),
  );
}

/** ZIP's earliest day, in local time as ZIP has it: the bytes depend neither on the clock nor on the time zone. */
const NO_TIME = new Date(1980, 0, 1);
/** Lambda runs as another user than the one who packs: files must be readable by all. */
const READABLE = { os: 3, attrs: 0o100644 << 16, mtime: NO_TIME, level: 9 } as const;

const zipped = (files: Readonly<Record<string, Uint8Array>>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [bytes, READABLE] as const])));
