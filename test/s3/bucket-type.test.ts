import * as s3 from '../../lib/aws/s3.ts';
import { KEY } from '../support/fakes/s3.ts';

const { bucket, bucketRef } = s3;
const listed = async (region: string, pages: object[]): Promise<{ ids: string[]; inputs: object[] }> => {
  const inputs: object[] = [];
  const call = async (_op: unknown, input: object) => {
    inputs.push(input);
    return pages[inputs.length - 1];
  };
  const ids: string[] = [];
  for await (const id of bucket.list(call as never, { account: KEY.account, region })) ids.push(id);
  return { ids, inputs };
};

test('buckets are listed page by page, of one Region only', async () => {
  const { ids, inputs } = await listed('eu-west-1', [
    { Buckets: [{ Name: 'a' }, { Name: 'b' }], ContinuationToken: 'next' },
    { Buckets: [], ContinuationToken: 'last' },
    { Buckets: [{ Name: 'c' }] },
  ]);
  expect(ids).toEqual(['a', 'b', 'c']);
  const page = { BucketRegion: 'eu-west-1', MaxBuckets: 1000 };
  expect(inputs).toEqual([
    { ...page, ContinuationToken: undefined },
    { ...page, ContinuationToken: 'next' },
    { ...page, ContinuationToken: 'last' },
  ]);
});

test('an ARN names the partition, and neither account nor Region', () => {
  expect(bucket.arn({ ...KEY, partition: 'aws-us-gov' })).toBe('arn:aws-us-gov:s3:::charts');
});

test('a bucket is named together with the account that must own it', () => {
  expect(bucketRef(KEY)).toEqual({ Bucket: 'charts', ExpectedBucketOwner: '123456789012' });
});

const operations = Object.values(s3).filter((value) => typeof value === 'object' && 'command' in value);
test.each(operations.filter(({ name }) => name !== 's3:ListBuckets').map((op) => [op.name, op] as const))(
  '%s acts on its bucket, whose absence means gone',
  (_name, op) => {
    expect(op.on({ Bucket: 'charts' })).toEqual({ type: 'AWS::S3::Bucket', id: 'charts' });
    expect(op.gone).toEqual(['NoSuchBucket']);
    expect(op.none).not.toContain('NoSuchBucket');
  },
);
