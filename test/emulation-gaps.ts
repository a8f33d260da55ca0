import { rdsGaps } from './support/fakes/rds.ts';
import { s3PolicyStatusGaps } from './support/fakes/s3-policy-status.ts';
import { securityHubGaps } from './support/fakes/securityhub.ts';
import type { EmulationGap } from './support/gap.ts';

/** Every operation that moto lacks or gets wrong and that our controls or the engine need. `test/emulation-gaps.test.ts` fails when moto has learnt one. */
export const emulationGaps: readonly EmulationGap[] = [...s3PolicyStatusGaps, ...rdsGaps, ...securityHubGaps];

/**
 * moto checks some S3 calls under another action's name: it knows only part of S3's subresources by name, and takes the
 * rest for the call without one (moto/s3/responses.py, ACTION_MAP). Where a role has the action on the left, it is given
 * those on the right too, in the tests only.
 */
export const motoIamActions: Readonly<Record<string, readonly string[]>> = {
  's3:GetEncryptionConfiguration': ['s3:ListBucket'],
  's3:PutEncryptionConfiguration': ['s3:CreateBucket', 's3:DeleteBucket'],
  's3:GetBucketPublicAccessBlock': ['s3:ListBucket'],
  's3:PutBucketPublicAccessBlock': ['s3:CreateBucket', 's3:DeleteBucket'],
  's3:GetBucketOwnershipControls': ['s3:ListBucket'],
  's3:PutBucketOwnershipControls': ['s3:CreateBucket', 's3:DeleteBucket'],
};
