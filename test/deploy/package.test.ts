import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A checkout of one's own: packaging writes, and other tests run at the same time. */
const checkout = mkdtempSync(join(tmpdir(), 'suture-checkout-'));
beforeAll(() => {
  const files = [
    'functions',
    'lib',
    'scripts',
    '.gitignore',
    'biome.json',
    'package.json',
    'serverless.yml',
    'suture.yml',
    'README.md',
  ];
  for (const file of files.filter((name) => existsSync(name))) cpSync(file, join(checkout, file), { recursive: true });
  symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
});
afterAll(() => rmSync(checkout, { recursive: true }));

/** Without credentials, and with a proxy that answers nobody: what needs the network fails. */
function packaged() {
  const nowhere = 'http://127.0.0.1:9';
  const env = {
    PATH: process.env.PATH,
    HOME: checkout,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    AWS_ENDPOINT_URL: nowhere,
  };
  return spawnSync('node_modules/.bin/serverless', ['package', '--stage', 'prod'], {
    cwd: checkout,
    encoding: 'utf8',
    env,
  });
}

test('the deployment is packaged offline, each function with its own bundle, for the runtime it was built for', () => {
  const { status, stdout, stderr } = packaged();
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
  const { Resources } = JSON.parse(
    readFileSync(join(checkout, '.serverless/cloudformation-template-update-stack.json'), 'utf8'),
  );
  for (const name of ['S3', 'Rds', 'Agenda']) {
    expect(Resources[`${name}LambdaFunction`].Properties).toMatchObject({
      FunctionName: `suture-prod-${name.toLowerCase()}`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Code: { S3Key: expect.stringMatching(new RegExp(`/${name.toLowerCase()}\\.zip$`)) },
      Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
      Environment: { Variables: { SUTURE_STAGE: 'prod', SUTURE_TABLE: { Ref: 'SutureLedger' } } },
    });
    expect(Resources[`${name}Role`].Properties.RoleName).toBe(`suture-prod-${name.toLowerCase()}`);
  }
  expect(JSON.stringify(Resources)).not.toContain('sls:stage');
});

test('settings that permit more than what is committed stop it: the new permission must be seen first', () => {
  const file = join(checkout, 'suture.yml');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('\ncontrols: {}\n');
  writeFileSync(file, text.replace('\ncontrols: {}\n', '\ncontrols: { s3-bucket-kms-encryption: auto }\n'));
  const { status, stdout, stderr } = packaged();
  expect(status).not.toBe(0);
  expect(stdout + stderr).toContain('functions/generated.yml is not current: run "npm run generate" and commit it.');
});
