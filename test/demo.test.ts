import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');

test('the demo closes every hole, asks where it must, takes one fix back, and leaves nothing behind', () => {
  const TMPDIR = mkdtempSync(join(tmpdir(), 'demo-test-'));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'demo', 'run.ts')], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR, NO_COLOR: '1', COLUMNS: '200' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const told = [...stdout.matchAll(/^ {3}(PASSED|FAILED|WARNING) (\S+)$/gm)].map(
      ([, status, id]) => `${status} ${id}`,
    );
    expect(told).toEqual([
      'PASSED s3-bucket-no-public-read',
      'PASSED s3-bucket-no-public-write',
      'PASSED s3-bucket-no-public-read',
      'PASSED s3-bucket-no-public-read',
      'PASSED s3-bucket-public-access-block',
      'PASSED s3-bucket-kms-encryption',
      'FAILED s3-bucket-kms-encryption',
      'PASSED rds-postgres-tls-required',
      'FAILED rds-postgres-tls-required',
    ]);
    expect(stdout).toContain("needs a person's approval, because it also affects S3 server access logs");
    expect(stdout).toContain('acl/grant:AllUsers:READ: none -> true');
    expect(stdout).toContain('The same event again: left alone.');
    expect(stdout).toContain('Security Hub: FAILED, SUPPRESSED.');
    expect(readdirSync(TMPDIR)).toEqual([]);
  } finally {
    rmSync(TMPDIR, { recursive: true, force: true });
  }
}, 120_000);
