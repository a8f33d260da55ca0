import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import { type BucketRef, deletePublicAccessBlock, putPublicAccessBlock } from '../aws/s3.ts';
import type { Call } from '../control.ts';

/** The four switches of a bucket's public access block; each is a slot, since each can be turned alone. */
export const FLAGS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;
export type Flag = (typeof FLAGS)[number];

/** `null`: the bucket has no public access block at all, which S3 treats as four times `false`. */
export type FlagSlots = { readonly [F in Flag as `publicAccessBlock/${F}`]: boolean | null };
/** A public access block as read; `undefined` where the bucket has none. */
export type Block = PublicAccessBlockConfiguration | undefined;

export type BlockWrite = typeof putPublicAccessBlock | typeof deletePublicAccessBlock;

export const slot = <F extends Flag>(flag: F): `publicAccessBlock/${F}` => `publicAccessBlock/${flag}`;

export const getFlags = (block: Block): FlagSlots => ({
  'publicAccessBlock/BlockPublicAcls': block ? block.BlockPublicAcls === true : null,
  'publicAccessBlock/IgnorePublicAcls': block ? block.IgnorePublicAcls === true : null,
  'publicAccessBlock/BlockPublicPolicy': block ? block.BlockPublicPolicy === true : null,
  'publicAccessBlock/RestrictPublicBuckets': block ? block.RestrictPublicBuckets === true : null,
});

/** The slots that turn these flags on. */
export const turnOn = (flags: readonly Flag[]): Partial<FlagSlots> =>
  Object.fromEntries(flags.map((flag) => [slot(flag), true]));

/**
 * The call that brings these flags to these values and leaves the others as they are. S3 takes all four at once.
 * Flags given as `null` were not there: when no flag stays on, the whole configuration goes again, else they are `false`.
 */
export function setFlags(bucket: BucketRef, block: Block, slots: Partial<FlagSlots>): readonly Call<BlockWrite>[] {
  const now = getFlags(block);
  const next = { ...now, ...slots };
  if (FLAGS.every((flag) => next[slot(flag)] === now[slot(flag)])) return [];
  const takeAway = FLAGS.some((flag) => slots[slot(flag)] === null) && FLAGS.every((flag) => !next[slot(flag)]);
  if (takeAway) return block ? [{ op: deletePublicAccessBlock, input: bucket }] : [];
  const PublicAccessBlockConfiguration = Object.fromEntries(FLAGS.map((flag) => [flag, next[slot(flag)] === true]));
  return [{ op: putPublicAccessBlock, input: { ...bucket, PublicAccessBlockConfiguration } }];
}
