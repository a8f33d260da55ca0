import { asKmsArn, isInPlace, unusable } from '../../lib/s3/kms-key.ts';

const place = { partition: 'aws', account: '123456789012', region: 'us-east-1' };
const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
const ARN = `arn:aws:kms:us-east-1:123456789012:key/${ID}`;
const key = {
  KeyId: ID,
  Arn: ARN,
  KeyManager: 'CUSTOMER',
  KeyState: 'Enabled',
  KeySpec: 'SYMMETRIC_DEFAULT',
} as const;

test.each([
  [ARN, ARN],
  [ID, ARN],
  [`key/${ID}`, ARN],
  ['mrk-1234abcd', 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd'],
  ['alias/charts', 'arn:aws:kms:us-east-1:123456789012:alias/charts'],
  ['arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd', 'arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd'],
])('%s is %s here', (named, arn) => expect(asKmsArn(named, place)).toBe(arn));

test('a key that is there, enabled and symmetric can be used', () => {
  expect(unusable(ARN, key, place)).toBeUndefined();
});

test.each<[string, string, object | undefined, RegExp]>([
  ['not an ARN', ID, key, /no ARN/],
  ['another account', ARN.replace('123456789012', '111122223333'), undefined, /another account, 111122223333/],
  ['another Region', ARN.replace('us-east-1', 'eu-west-1'), undefined, /in eu-west-1, and S3 needs one in us-east-1/],
  ['another partition', ARN.replace('arn:aws:', 'arn:aws-cn:'), undefined, /S3 needs one/],
  ['not found', ARN, undefined, /does not exist/],
  ['disabled', ARN, { ...key, KeyState: 'Disabled' }, /state Disabled/],
  ['pending deletion', ARN, { ...key, KeyState: 'PendingDeletion' }, /state PendingDeletion/],
  ['without material', ARN, { ...key, KeyState: 'PendingImport' }, /state PendingImport/],
  ['state not told', ARN, { ...key, KeyState: undefined }, /state unknown/],
  ['managed by AWS', ARN, { ...key, KeyManager: 'AWS' }, /managed by AWS/],
  ['asymmetric', ARN, { ...key, KeySpec: 'RSA_2048' }, /no symmetric/],
  ['for MACs', ARN, { ...key, KeySpec: 'HMAC_256' }, /no symmetric/],
])('%s', (_name, arn, metadata, why) => {
  expect(unusable(arn, metadata as typeof key | undefined, place)).toMatch(why);
});

test('KMS is asked only about keys of the same account, Region and partition', () => {
  expect(isInPlace(ARN, place)).toBe(true);
  expect(isInPlace(ARN, { ...place, region: 'eu-west-1' })).toBe(false);
  expect(isInPlace(ARN, { ...place, account: '111122223333' })).toBe(false);
  expect(isInPlace(ARN, { ...place, partition: 'aws-us-gov' })).toBe(false);
});
