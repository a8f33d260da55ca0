import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { controls } from '../functions/catalog.ts';
import { functionNames, packageFunctions } from '../lib/build/package.ts';
import { readSettings, SettingsError } from '../lib/settings-file.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: {
    settings: { type: 'string', default: join(root, 'suture.yml') },
    out: { type: 'string', default: join(root, '.build') },
  },
});

try {
  const file = resolve(values.settings);
  const settings = readSettings(await readFile(file, 'utf8'), { controls: controls.map(({ id }) => id), file });
  const names = await functionNames(root);
  for (const { name, bytes, zipBytes } of await packageFunctions(root, names, { out: resolve(values.out), settings })) {
    console.log(`${name.padEnd(12)} ${kilobytes(bytes)} bundled, ${kilobytes(zipBytes)} zipped`);
  }
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} KB`.padStart(7);
}
