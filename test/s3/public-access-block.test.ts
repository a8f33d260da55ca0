import { type Block, type BlockSlots, getBlock, setBlock, turnOn } from '../../lib/s3/public-access-block.ts';

const bucket = { Bucket: 'charts', ExpectedBucketOwner: '123456789012' };
const block = (...on: string[]): NonNullable<Block> =>
  Object.fromEntries(
    ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((flag) => [
      flag,
      on.includes(flag),
    ]),
  );
const ALL = block('BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets');
/** What S3 would hold after these calls. */
const after = (start: Block, slots: Partial<BlockSlots>): Block =>
  setBlock(bucket, start, slots).reduce<Block>(
    (_, { op, input }) =>
      op.name === 's3:DeletePublicAccessBlock'
        ? undefined
        : (input as { PublicAccessBlockConfiguration: Block }).PublicAccessBlockConfiguration,
    start,
  );

const everything = {
  ...turnOn(['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets']),
  'publicAccessBlock/allOff': null,
};
const starts: [string, Block][] = [
  ['none', undefined],
  ['all off', block()],
  ['partly on', block('BlockPublicPolicy')],
  ['all on', ALL],
];

test.each(starts)('%s: all four on, and back', (_name, start) => {
  const fixed = after(start, everything as Partial<BlockSlots>);
  expect(fixed).toEqual(ALL);
  expect(after(fixed, getBlock(start))).toEqual(start);
});

test.each(starts)('%s: what is already so needs no call', (_name, start) => {
  expect(setBlock(bucket, start, getBlock(start))).toEqual([]);
  expect(setBlock(bucket, start, {})).toEqual([]);
});

test('two controls that share the block may be taken back in either order', () => {
  const policy = turnOn(['BlockPublicPolicy', 'RestrictPublicBuckets']);
  const acls = turnOn(['BlockPublicAcls', 'IgnorePublicAcls']);
  const off = (slots: object) => Object.fromEntries(Object.keys(slots).map((slot) => [slot, null]));
  const both = after(after(undefined, policy), acls);
  expect(both).toEqual(ALL);
  expect(after(after(both, off(policy)), off(acls))).toBeUndefined();
  expect(after(after(both, off(acls)), off(policy))).toBeUndefined();
  expect(getBlock(after(both, off(policy)))).toMatchObject(off(policy));
});

test('a switch that somebody else turned on in between survives', () => {
  const later = after(after(undefined, turnOn(['BlockPublicPolicy'])), turnOn(['BlockPublicAcls']));
  expect(after(later, { 'publicAccessBlock/BlockPublicPolicy': null })).toEqual(block('BlockPublicAcls'));
});

test('a switch that S3 does not mention is off', () => {
  expect(getBlock({ BlockPublicAcls: true })['publicAccessBlock/RestrictPublicBuckets']).toBeNull();
});
