import { fields, text } from '../fields.ts';
import type { ApiCall, Locator, Named } from './locator.ts';

const BUCKET = 'AWS::S3::Bucket';

/**
 * Buckets of before 2018 in us-east-1 may have up to 255 characters, capitals and underscores; a colon or a slash is in
 * none of them, so neither an ARN nor an object's path passes.
 * Source: "General purpose bucket naming rules", Amazon S3 User Guide.
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;

const bucket = (name: string | undefined, region?: string): Named | undefined =>
  name !== undefined && NAME.test(name) ? { type: BUCKET, id: name, ...(region && { region }) } : undefined;

/**
 * The region a new bucket lies in: `LocationConstraint`, where `EU` is the old name of eu-west-1. Without one it is the
 * event's region, which then is us-east-1: S3 refuses a call without a constraint at any other region's endpoint.
 * Source: CreateBucket, Amazon S3 API Reference.
 */
function regionOfNew({ parameters, region }: ApiCall): string {
  const constraint = text(fields(parameters.CreateBucketConfiguration).LocationConstraint);
  return constraint === 'EU' ? 'eu-west-1' : (constraint ?? region);
}

export const s3: Locator = {
  source: 's3.amazonaws.com',
  namespace: 's3',
  types: [BUCKET],
  call(call) {
    const found = bucket(
      text(call.parameters.bucketName),
      call.name === 'CreateBucket' ? regionOfNew(call) : undefined,
    );
    return found ? [found] : [];
  },
  arn: ({ region, account, resource }) => (region || account ? undefined : bucket(resource)),
  id: (type, id) => (type === BUCKET ? bucket(id) : undefined),
  /**
   * In us-east-1, creating a bucket that one already owns succeeds and resets its ACL, so success does not prove that
   * the bucket is new; elsewhere it fails with BucketAlreadyOwnedByYou.
   * Source: BucketAlreadyOwnedByYou under CreateBucket, Amazon S3 API Reference.
   */
  proves: (call, claimed) =>
    claimed === 'creates' && call.name === 'CreateBucket' && regionOfNew(call) === 'us-east-1' ? 'changes' : claimed,
};
