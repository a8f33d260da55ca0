import { covers } from '../../lib/policy/covers.ts';

describe('covers', () => {
  const bucket = 'arn:aws:s3:::charts';
  test.each<[string, string, boolean]>([
    [bucket, bucket, true],
    ['*', bucket, true],
    ['arn:aws:s3:::c*s', bucket, true],
    ['arn:aws:s3:::chart?', bucket, true],
    ['arn:*:s3:::*', bucket, true],
    [`${bucket}*`, bucket, true],
    [`${bucket}/*`, bucket, false],
    [`${bucket}?`, bucket, false],
    ['arn:aws:s3:::chart', bucket, false],
    ['arn:aws:s3:::charts2', bucket, false],
    ['', bucket, false],
    ['arn:aws-cn:s3:::charts', bucket, false],
    // A star that has taken too little takes more.
    ['*s*charts', bucket, true],
    ['*:charts*ts', bucket, false],
  ])('%s, an exact text: %s: %s', (pattern, target, expected) => expect(covers(pattern, target)).toBe(expected));

  test.each<[string, boolean]>([
    [`${bucket}/*`, true],
    [`${bucket}*`, true],
    ['arn:aws:s3:::*', true],
    ['*', true],
    ['arn:aws:s3:::chart?/*', true],
    [`${bucket}/**`, true],
    [bucket, false],
    [`${bucket}/`, false],
    [`${bucket}/reports/*`, false],
    [`${bucket}/?*`, false],
    [`${bucket}/*.dcm`, false],
    ['arn:aws:s3:::chart?', false],
  ])('%s, all that begins with the bucket and a slash: %s', (pattern, expected) =>
    expect(covers(pattern, `${bucket}/*`)).toBe(expected),
  );

  test('a pattern made to take for ever does not', () => {
    expect(covers(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
  });
});
