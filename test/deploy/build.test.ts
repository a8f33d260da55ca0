import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { withPlainKeys } from '../../lib/build/lean-sdk.ts';

const folder = mkdtempSync(join(tmpdir(), 'suture-build-'));
afterAll(() => rmSync(folder, { recursive: true }));

const build = (out: string, ...more: string[]) =>
  spawnSync(process.execPath, ['scripts/build.ts', '--out', join(folder, out), ...more], { encoding: 'utf8' });
const sha = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('npm run build', () => {
  beforeAll(() => {
    const { status, stderr } = build('first');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
  const bundleOf = (name: string) => readFileSync(join(folder, 'first', name, 'index.mjs'), 'utf8');

  test('makes one zip for each function, with bundle and settings in it, readable by whoever runs them', () => {
    expect(readdirSync(join(folder, 'first')).filter((file) => file.endsWith('.zip'))).toEqual([
      'agenda.zip',
      'aurora.zip',
      'ec2.zip',
      'rds.zip',
      's3.zip',
      'sns.zip',
      'sqs.zip',
    ]);
    const files = unzipSync(readFileSync(join(folder, 'first', 's3.zip')));
    expect(Object.keys(files)).toEqual(['index.mjs', 'settings.json']);
    expect(JSON.parse(Buffer.from(files['settings.json']!).toString())).toEqual({
      modes: {},
      evidence: { retentionDays: 2192, lockMode: 'GOVERNANCE' },
    });
  });

  test('makes the same bytes again, in another time zone too', () => {
    const { status } = spawnSync(process.execPath, ['scripts/build.ts', '--out', join(folder, 'again')], {
      env: { ...process.env, TZ: 'Pacific/Auckland' },
    });
    expect(status).toBe(0);
    expect(sha(join(folder, 'again', 's3.zip'))).toBe(sha(join(folder, 'first', 's3.zip')));
  });

  test('keeps the S3 function below 700 KB with the SDK inside', () => {
    expect(Buffer.byteLength(bundleOf('s3'))).toBeLessThan(700_000);
  });

  test('puts no client into a function that does not need it, and no YAML, schema or credential provider of a workstation', () => {
    // What the services' protocols call their APIs.
    const has = (name: string) =>
      ['AmazonRDSv19', 'TrentService', 'SecurityHubAPIService'].filter((api) => bundleOf(name).includes(api));
    expect(has('s3')).toEqual(['TrentService', 'SecurityHubAPIService']);
    expect(has('rds')).toEqual(['AmazonRDSv19', 'SecurityHubAPIService']);
    expect(has('agenda')).toEqual([]);
    for (const name of ['s3', 'rds', 'sns', 'sqs', 'agenda']) {
      for (const stray of [
        'sso_start_url',
        'credential_process',
        'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
        'yaml.org',
        'invalid_union',
      ]) {
        expect({ name, stray, inside: bundleOf(name).includes(stray) }).toEqual({ name, stray, inside: false });
      }
    }
  });

  test('makes modules that load and export a handler', () => {
    for (const name of ['s3', 'rds', 'sns', 'sqs', 'agenda']) {
      const code = `import(${JSON.stringify(join(folder, 'first', name, 'index.mjs'))}).then((m) => console.log(typeof m.handler))`;
      expect(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })).toBe('function\n');
    }
  });
});

test('settings that are wrong stop the build, with the place and what to do', () => {
  const settings = join(folder, 'wrong.yml');
  writeFileSync(settings, 'controls:\n  s3-bucket-kms-encription: auto\n');
  const { status, stderr } = build('wrong', '--settings', settings);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `${settings}:2:3 controls.s3-bucket-kms-encription: there is no such control, did you mean s3-bucket-kms-encryption?; "npx suture controls" lists all of them\n`,
  );
});

test('computed keys become plain where the module says what they are, and stay where it does not', () => {
  const module =
    'const _h = "http";\nconst _q = "say \\"so\\"";\nlet _l = "no";\nexport const x = { [_h]: 1, [_q]: 2, [_l]: 3, [_u]: 4 };';
  expect(withPlainKeys(module)).toContain('{ "http": 1, "say \\"so\\"": 2, [_l]: 3, [_u]: 4 }');
});
