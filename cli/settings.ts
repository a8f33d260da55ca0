import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isScalar, LineCounter, parseDocument } from 'yaml';
import { controls } from '../functions/catalog.ts';
import type { AnyControl } from '../lib/control.ts';
import type { Mode, Settings } from '../lib/settings.ts';
import { readSettings } from '../lib/settings-file.ts';
import { Refusal } from './io.ts';

export const SETTINGS_FILE = fileURLToPath(new URL('../suture.yml', import.meta.url));

/** The settings file, read, with the text it was read from. */
export interface Loaded {
  readonly file: string;
  readonly text: string;
  readonly settings: Settings;
}

/** @throws Refusal when there is no such file, SettingsError when it does not say what it should */
export function loadSettings(file = SETTINGS_FILE): Loaded {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal(`The settings cannot be read: ${(error as Error).message}. Name the file with --settings.`);
  }
  return { file, text, settings: readSettings(text, { controls: controls.map(({ id }) => id), file: nameOf(file) }) };
}

export const modeOf = ({ modes }: Settings, { id }: AnyControl): Mode => modes[id] ?? 'report';

/** Which line of the settings gives a control its mode, in words. */
export function whereSaid({ file, text }: Loaded, { id }: AnyControl): string {
  const lines = new LineCounter();
  const node = parseDocument(text, { lineCounter: lines }).getIn(['controls', id], true);
  if (!isScalar(node) || !node.range) return `not named in ${nameOf(file)}, so it only reports`;
  return `${nameOf(file)} line ${lines.linePos(node.range[0]).line}`;
}

const nameOf = (file: string): string => (file === SETTINGS_FILE ? 'suture.yml' : file);
