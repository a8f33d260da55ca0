import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controls } from '../../functions/catalog.ts';
import { suture } from './in-process.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suture-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('controls', () => {
  test('the mode is the one of the settings', async () => {
    const file = join(folder, 'auto.yml');
    writeFileSync(file, 'controls:\n  s3-bucket-public-access-block: auto\n');
    const { out } = await suture(['controls', '--json', '--settings', file]);
    const modes = JSON.parse(out).map(({ id, mode }: Record<string, string>) => [id, mode]);
    expect(Object.fromEntries(modes)).toMatchObject({
      's3-bucket-public-access-block': 'auto',
      's3-bucket-no-public-read': 'report',
    });
  });

  test('broken settings are told with their place', async () => {
    const file = join(folder, 'broken.yml');
    writeFileSync(file, 'controls:\n  s3-bucket-public-access-block: maybe\n');
    const { status, out, err } = await suture(['controls', '--json', '--settings', file]);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/broken\.yml:2:3 .*one of off, report, approve, auto/);
  });
});

describe('explain', () => {
  test.each(controls.map(({ id }) => id))('%s: what it is, asks, does and says', async (id) => {
    const control = controls.find((each) => each.id === id)!;
    const { status, out } = await suture(['explain', id], { width: 100_000 });
    expect(status).toBe(0);
    for (const text of [control.title, control.rationale, ...control.hipaa, ...Object.values(control.reasons)])
      expect(out).toContain(text);
    for (const { name, iam } of [...control.reads, ...control.writes.fix, ...control.writes.revert]) {
      expect(out).toContain(name);
      for (const action of iam) expect(out).toContain(action);
    }
    for (const { events } of control.triggers) for (const event of Object.keys(events)) expect(out).toContain(event);
  });

  test('says which line of the settings gives the mode', async () => {
    const file = join(folder, 'third.yml');
    writeFileSync(file, '# a comment\ncontrols:\n  s3-bucket-public-access-block: auto\n');
    const { out } = await suture(['explain', 's3-bucket-public-access-block', '--settings', file]);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`fresh drift is closed at once (${file} line 3)`);
    const unnamed = await suture(['explain', 's3-bucket-no-public-read', '--settings', file]);
    expect(unnamed.out.replaceAll(/\s+/g, ' ')).toContain(`(not named in ${file}, so it only reports)`);
  });

  test('an unknown control: the nearest one there is, and failure', async () => {
    const { status, out, err } = await suture(['explain', 's3-public-acces-block']);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain('Did you mean s3-bucket-public-access-block?');
  });
});

describe('replay --match-only', () => {
  test.each([
    ['{\n  "a": hello\n}', '2:8'],
    ['hello', '1:1'],
    ['', '1:1'],
    ['{"a": 1\n"b": 2}', '2:1'],
    ['{"a": tru}', '1:10'],
    ['{"a": 1}\n{"b": 2}', '2:1'],
  ])('%j is told to be no JSON at %s', async (text, place) => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, text);
    const { status, out } = await suture(['replay', '--match-only', '--json', file]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual([
      { file, outcome: 'malformed', reason: expect.stringContaining(`${file}:${place} is not JSON: `), targets: [] },
    ]);
  });

  test('a file that is not there is an entry, and failure', async () => {
    const { status, out } = await suture(['replay', '--match-only', '--json', join(folder, 'none.json')]);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ outcome: 'malformed', targets: [] }]);
  });
});
