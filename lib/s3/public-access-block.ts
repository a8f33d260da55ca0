import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import { type BucketRef, deletePublicAccessBlock, putPublicAccessBlock } from '../aws/s3.ts';
import type { Call } from '../control.ts';

/** The four switches of a bucket's public access block; each is a slot, since each can be turned alone. */
export const FLAGS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;
export type Flag = (typeof FLAGS)[number];

/**
 * A switch is `true` or, when off, `null`: S3 treats a bucket without any block as one with four switches off, so the
 * two are told apart by a slot of their own. `allOff` is `true` only for a block that is there with every switch off.
 * Were it told by each switch (`null` against `false`), a control could not be taken back while another, that shares the
 * block, still has its switches on: there is no such thing as half a block.
 */
export type BlockSlots = { readonly [S in Flag | 'allOff' as `publicAccessBlock/${S}`]: true | null };
/** A public access block as read; `undefined` where the bucket has none. */
export type Block = PublicAccessBlockConfiguration | undefined;
export type BlockWrite = typeof putPublicAccessBlock | typeof deletePublicAccessBlock;

const slot = <S extends Flag | 'allOff'>(name: S): `publicAccessBlock/${S}` => `publicAccessBlock/${name}`;
const isOn = (block: Block, flag: Flag): true | null => (block?.[flag] === true ? true : null);

export const getBlock = (block: Block): BlockSlots => ({
  'publicAccessBlock/BlockPublicAcls': isOn(block, 'BlockPublicAcls'),
  'publicAccessBlock/IgnorePublicAcls': isOn(block, 'IgnorePublicAcls'),
  'publicAccessBlock/BlockPublicPolicy': isOn(block, 'BlockPublicPolicy'),
  'publicAccessBlock/RestrictPublicBuckets': isOn(block, 'RestrictPublicBuckets'),
  'publicAccessBlock/allOff': block && !FLAGS.some((flag) => block[flag]) ? true : null,
});

/** The slots that turn these switches on. */
export const turnOn = (flags: readonly Flag[]): Partial<BlockSlots> =>
  Object.fromEntries(flags.map((flag) => [slot(flag), true]));

/**
 * The call that brings these slots to these values and leaves the others as they are. S3 takes all four switches at
 * once, so the others are sent as they were read. Only a revert can end with no switch on, and so with a deletion.
 */
export function setBlock(bucket: BucketRef, block: Block, slots: Partial<BlockSlots>): readonly Call<BlockWrite>[] {
  const now = getBlock(block);
  const next = { ...now, ...slots };
  if ([...FLAGS, 'allOff' as const].every((name) => next[slot(name)] === now[slot(name)])) return [];
  const some = FLAGS.some((flag) => next[slot(flag)]);
  if (!some && !next[slot('allOff')]) return [{ op: deletePublicAccessBlock, input: bucket }];
  const PublicAccessBlockConfiguration = Object.fromEntries(FLAGS.map((flag) => [flag, next[slot(flag)] === true]));
  return [{ op: putPublicAccessBlock, input: { ...bucket, PublicAccessBlockConfiguration } }];
}
