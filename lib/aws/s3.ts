import {
  DeleteBucketEncryptionCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketWebsiteCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ResourceKey } from '../resource.ts';
import { type ActsOn, pages, service } from './op.ts';
import { defineType } from './type.ts';

/**
 * The operations on S3 buckets. Names of IAM actions: Service Authorization Reference, "Actions, resources, and
 * condition keys for Amazon S3"; several differ from the operation's own name. Names of errors: S3 API Reference,
 * "List of Error Codes".
 */
const s3 = service('s3', S3Client);
const onBucket = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:s3:::*',
  on: ({ Bucket }: { Bucket?: string | undefined }): ActsOn | undefined =>
    Bucket ? { type: 'AWS::S3::Bucket', id: Bucket } : undefined,
  gone: ['NoSuchBucket'],
};

/** How every call names its bucket. */
export interface BucketRef {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

/**
 * Names the bucket together with the account that must own it. A bucket's name says nothing of its account: the
 * events of one account also tell of its principals' calls on buckets of others, and a deleted name may be taken by
 * anybody. S3 then answers AccessDenied, and what is not ours is neither judged nor changed.
 */
export const bucketRef = ({ id, account }: ResourceKey): BucketRef => ({ Bucket: id, ExpectedBucketOwner: account });

export const getPublicAccessBlock = s3.readOptional('GetPublicAccessBlock', GetPublicAccessBlockCommand, {
  ...onBucket,
  iam: ['s3:GetBucketPublicAccessBlock'],
  none: ['NoSuchPublicAccessBlockConfiguration'],
});
export const putPublicAccessBlock = s3.write('PutPublicAccessBlock', PutPublicAccessBlockCommand, {
  ...onBucket,
  iam: ['s3:PutBucketPublicAccessBlock'],
});
export const deletePublicAccessBlock = s3.write('DeletePublicAccessBlock', DeletePublicAccessBlockCommand, {
  ...onBucket,
  iam: ['s3:PutBucketPublicAccessBlock'],
});

export const getBucketAcl = s3.read('GetBucketAcl', GetBucketAclCommand, { ...onBucket, iam: ['s3:GetBucketAcl'] });
export const putBucketAcl = s3.write('PutBucketAcl', PutBucketAclCommand, { ...onBucket, iam: ['s3:PutBucketAcl'] });
export const getBucketOwnershipControls = s3.readOptional(
  'GetBucketOwnershipControls',
  GetBucketOwnershipControlsCommand,
  { ...onBucket, iam: ['s3:GetBucketOwnershipControls'], none: ['OwnershipControlsNotFoundError'] },
);

export const getBucketPolicy = s3.readOptional('GetBucketPolicy', GetBucketPolicyCommand, {
  ...onBucket,
  iam: ['s3:GetBucketPolicy'],
  none: ['NoSuchBucketPolicy'],
});
export const getBucketPolicyStatus = s3.readOptional('GetBucketPolicyStatus', GetBucketPolicyStatusCommand, {
  ...onBucket,
  iam: ['s3:GetBucketPolicyStatus'],
  none: ['NoSuchBucketPolicy'],
});
export const getBucketWebsite = s3.readOptional('GetBucketWebsite', GetBucketWebsiteCommand, {
  ...onBucket,
  iam: ['s3:GetBucketWebsite'],
  none: ['NoSuchWebsiteConfiguration'],
});

/** Since January 2023 S3 answers SSE-S3 where nothing was configured; the error is what older partitions give. */
export const getBucketEncryption = s3.readOptional('GetBucketEncryption', GetBucketEncryptionCommand, {
  ...onBucket,
  iam: ['s3:GetEncryptionConfiguration'],
  none: ['ServerSideEncryptionConfigurationNotFoundError'],
});
export const putBucketEncryption = s3.write('PutBucketEncryption', PutBucketEncryptionCommand, {
  ...onBucket,
  iam: ['s3:PutEncryptionConfiguration'],
});
export const deleteBucketEncryption = s3.write('DeleteBucketEncryption', DeleteBucketEncryptionCommand, {
  ...onBucket,
  iam: ['s3:PutEncryptionConfiguration'],
});

/** Without `MaxBuckets` S3 refuses accounts with more than 10,000 buckets and does not page. */
export const listBuckets = s3.read('ListBuckets', ListBucketsCommand, { iam: ['s3:ListAllMyBuckets'] });

export const bucket = defineType({
  name: 'AWS::S3::Bucket',
  asff: 'AwsS3Bucket',
  arn: ({ partition, id }) => `arn:${partition}:s3:::${id}`,
  deletedBy: { source: 's3.amazonaws.com', events: ['DeleteBucket'] },
  reads: [listBuckets],
  // Every region's endpoint lists the buckets of all regions, so the region must be said.
  async *list(call, { region }) {
    const page = (ContinuationToken: string | undefined) =>
      call(listBuckets, { BucketRegion: region, MaxBuckets: 1000, ContinuationToken });
    for await (const { Buckets = [] } of pages(page, ({ ContinuationToken }) => ContinuationToken)) {
      for (const { Name } of Buckets) if (Name) yield Name;
    }
  },
});

export const putBucketPolicy = s3.write('PutBucketPolicy', PutBucketPolicyCommand, {
  ...onBucket,
  iam: ['s3:PutBucketPolicy'],
});
export const deleteBucketPolicy = s3.write('DeleteBucketPolicy', DeleteBucketPolicyCommand, {
  ...onBucket,
  iam: ['s3:DeleteBucketPolicy'],
});
