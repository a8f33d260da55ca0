import { fill } from '../../lib/engine/reason.ts';

test.each([
  ['{{bucket}} is open.', { bucket: 'scans' }, 'scans is open.'],
  ['{{a}} of {{b}}, {{a}}.', { a: 1, b: '{{a}}' }, '1 of {{a}}, 1.'],
  ['Nothing to fill.', { spare: 'x' }, 'Nothing to fill.'],
  ['{{zero}} left{{none}}.', { zero: 0, none: '' }, '0 left.'],
])('%s', (template, data, text) => {
  expect(fill(template, data)).toBe(text);
});

test.each([
  ['is missing', {}],
  ['is undefined', { bucket: undefined }],
])('a reader never sees a placeholder: its datum %s', (_name, data) => {
  expect(() => fill('{{bucket}} is open.', data)).toThrow('The reason "{{bucket}} is open." has no value for bucket.');
});
