import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { match } from '../../lib/triggers/index.ts';
import { brief, deployed, index, SAMPLES, sample } from './samples.ts';

const files = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.json') && file !== 'index.json');

describe("the project's own samples", () => {
  test('every sample is in the index, and every line of the index is a sample', () => {
    expect(index.samples.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  test.each(index.samples)('$file is $outcome', ({ file, outcome, origin, targets }) => {
    const expected = outcome === 'matched' ? { outcome, origin, targets } : { outcome };
    expect(brief(match(sample(file), deployed))).toEqual(expected);
  });

  test('every call that a control listens to, and every deletion, has a sample that leads to that control', () => {
    const led = index.samples.flatMap(({ file, outcome, targets = [] }) => {
      const { detail } = sample(file);
      if (outcome !== 'matched' || !detail.eventName) return [];
      return targets.flatMap(({ controls }) => controls.map((id) => `${detail.eventSource} ${detail.eventName} ${id}`));
    });
    for (const { id, triggers, resources } of deployed.controls) {
      for (const { source, events } of triggers)
        for (const event of Object.keys(events)) expect(led).toContain(`${source} ${event} ${id}`);
      for (const { name, deletedBy } of deployed.types.filter((type) => resources.includes(type.name)))
        for (const event of deletedBy.events)
          expect([name, led]).toEqual([name, expect.arrayContaining([`${deletedBy.source} ${event} ${id}`])]);
    }
  });

  test('no sample shows what it must not: an account that is not an example, a key that is not one', () => {
    for (const file of files) {
      const words = JSON.stringify(sample(file));
      expect(
        words
          .match(/(?<![\dA-Fa-f-])\d{12}(?![\dA-Fa-f])/g)
          ?.filter((n) => !['123456789012', '111122223333'].includes(n)) ?? [],
      ).toEqual([]);
      expect(words.match(/A[KS]IA(?!EXAMPLE)\w+/g) ?? []).toEqual([]);
    }
  });
});
