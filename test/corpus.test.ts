import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { match } from '../lib/triggers/index.ts';
import { brief, deployed, readJson } from './triggers/samples.ts';

/**
 * Real events of AWS and of public projects, beside this repository and not part of it. The table was read line by line
 * against the notes of their own index; it is not the code's output taken for granted.
 */
const CORPUS = resolve('..', 'shared', 'events');
const expected = readJson('test', 'corpus.expected.json') as Record<string, { outcome: string; reason?: string }>;

if (existsSync(CORPUS))
  describe('the real events', () => {
    const files = readdirSync(CORPUS).filter((file) => file.endsWith('.json') && file !== 'index.json');

    test('the table has a line for each, and none for others', () => {
      expect(Object.keys(expected).sort()).toEqual(files.sort());
    });

    test.each(files)('%s', (file) => {
      const found = match(readJson(CORPUS, file), deployed);
      expect(found.outcome === 'matched' ? brief(found) : found).toEqual(expected[file]);
    });
  });
else
  test(`the real events are not here (${CORPUS} does not exist), so only the project's own samples were tested`, () => {
    expect(existsSync(CORPUS)).toBe(false);
  });
