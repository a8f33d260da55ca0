import { readFileSync } from 'node:fs';
import { readSettings, SettingsError } from '../lib/settings-file.ts';

const controls = ['s3-bucket-kms-encryption', 's3-bucket-no-public-read', 'rds-postgres-tls-required'];
const read = (text: string) => readSettings(text, { controls });
function problems(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

test('nothing said is report mode everywhere, and evidence kept for six years', () => {
  const settings = { modes: {}, evidence: { retentionDays: 2192, lockMode: 'GOVERNANCE' } };
  expect(read('')).toEqual(settings);
  expect(read('# only a comment\n')).toEqual(settings);
  expect(read('controls: {}\nevidence: {}\n')).toEqual(settings);
});

test('the settings in the repository let nothing be changed', () => {
  const text = readFileSync('suture.yml', 'utf8');
  expect(read(text)).toEqual({ modes: {}, evidence: { retentionDays: 2192, lockMode: 'GOVERNANCE' } });
});

test('all that can be said', () => {
  const text = `
controls:
  s3-bucket-kms-encryption: auto
  s3-bucket-no-public-read: off
  rds-postgres-tls-required: approve
kmsKeyArn: arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef
evidence: { retention: { years: 7 }, lockMode: compliance }
`;
  expect(read(text)).toEqual({
    modes: {
      's3-bucket-kms-encryption': 'auto',
      's3-bucket-no-public-read': 'off',
      'rds-postgres-tls-required': 'approve',
    },
    kmsKeyArn: 'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef',
    evidence: { retentionDays: 2557, lockMode: 'COMPLIANCE' },
  });
  expect(read('evidence: { retention: { days: 30 } }').evidence.retentionDays).toBe(30);
});

test.each([
  [
    'controls:\n  s3-bucket-kms-encription: auto',
    'suture.yml:2:3 controls.s3-bucket-kms-encription: there is no such control, did you mean s3-bucket-kms-encryption?; "npx suture controls" lists all of them',
  ],
  [
    'controls:\n  completely-else: auto',
    'suture.yml:2:3 controls.completely-else: there is no such control; "npx suture controls" lists all of them',
  ],
  [
    'controls:\n  s3-bucket-no-public-read: yes',
    'suture.yml:2:3 controls.s3-bucket-no-public-read: a mode is one of off, report, approve, auto',
  ],
  [
    'controls:\n  s3-bucket-no-public-read:',
    'suture.yml:2:3 controls.s3-bucket-no-public-read: a mode is one of off, report, approve, auto',
  ],
  [
    'controls: [s3-bucket-no-public-read]',
    'suture.yml:1:1 controls: write one "<control id>: <mode>" per line, or leave "controls" out',
  ],
  [
    '\ncontrol: {}',
    'suture.yml:2:1 control: there is no such setting, did you mean controls?; remove it or correct its name',
  ],
  [
    'kmsKeyArn: alias/phi',
    'suture.yml:1:1 kmsKeyArn: write the ARN of a KMS key, like arn:aws:kms:us-east-1:123456789012:key/<key id>; an alias may be pointed elsewhere without anybody noticing',
  ],
  [
    'evidence:\n  retention: { years: 6, days: 1 }',
    'suture.yml:2:3 evidence.retention: write either "years: <1 to 100>" or "days: <1 to 36500>", a whole number',
  ],
  [
    'evidence:\n  retention: { years: 0.5 }',
    'suture.yml:2:3 evidence.retention: write either "years: <1 to 100>" or "days: <1 to 36500>", a whole number',
  ],
  [
    'evidence:\n  lockmode: compliance',
    'suture.yml:2:3 evidence.lockmode: there is no such setting, did you mean lockMode?; remove it or correct its name',
  ],
  ['evidence: { lockMode: none }', 'suture.yml:1:13 evidence.lockMode: a lock mode is governance or compliance'],
  ['controls: {}\ncontrols: {}', 'suture.yml:2:1 is not valid YAML: Map keys must be unique'],
])('refuses %j and says where and what to do', (text, problem) => {
  expect(problems(text)).toEqual([problem]);
});

test('names every mistake at once', () => {
  expect(problems('controls:\n  s3-bucket-no-public-read: on\nkmsKeyArn: 7\nmode: auto')).toHaveLength(3);
});

test('a name that JavaScript gives to every object is no control', () => {
  expect(problems('controls:\n  toString: auto\n  __proto__: auto')).toEqual([
    expect.stringContaining('controls.toString: there is no such control'),
    expect.stringContaining('controls.__proto__: there is no such control'),
  ]);
});
