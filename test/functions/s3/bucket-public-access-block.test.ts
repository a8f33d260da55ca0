import {
  CreateBucketCommand,
  type PublicAccessBlockConfiguration,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-public-access-block.ts';
import { bucket } from '../../../lib/aws/s3.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { blockOf, grantsOf, judge, publicRead, snapshotOf } from '../../support/fakes/s3.ts';

const FULL = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const OFF = { BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false };

const charts =
  (block?: PublicAccessBlockConfiguration) =>
  async ({ s3 }: TestAws) => {
    await s3.send(new CreateBucketCommand({ Bucket: 'charts' }));
    if (block)
      await s3.send(new PutPublicAccessBlockCommand({ Bucket: 'charts', PublicAccessBlockConfiguration: block }));
    return 'charts';
  };
const isFull = async (aws: TestAws, id: string) => expect(await blockOf(aws, id)).toMatchObject(FULL);

testControl(control, {
  type: bucket,
  budget: 3,
  snapshot: snapshotOf,
  cases: [
    { name: 'all four switches are on', given: charts(FULL), is: 'COMPLIANT' },
    { name: 'a bucket without any block', given: charts(), is: 'DRIFTED', reason: 'none', shows: isFull },
    {
      name: 'a block with every switch off',
      given: charts(OFF),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'partly',
      shows: isFull,
      neighbour: async ({ s3 }, id) => {
        const Policy = JSON.stringify({ Statement: [{ ...publicRead, Principal: { AWS: '111122223333' } }] });
        await s3.send(new PutBucketPolicyCommand({ Bucket: id, Policy }));
      },
    },
    {
      name: 'one switch off',
      given: charts({ ...FULL, RestrictPublicBuckets: false }),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'partly',
      shows: isFull,
    },
    {
      name: 'a public bucket: its ACL stays as it is, and S3 no longer heeds it',
      given: async (aws) => {
        const id = await charts()(aws);
        await aws.s3.send(new PutBucketAclCommand({ Bucket: id, ACL: 'public-read' }));
        return id;
      },
      is: 'DRIFTED',
      reason: 'none',
      shows: async (aws, id) => {
        await isFull(aws, id);
        expect(await grantsOf(aws, id)).toContain('AllUsers READ');
      },
    },
  ],
});

describe("as AWS's rule s3-bucket-level-public-access-prohibited judges", () => {
  type Row = [string, PublicAccessBlockConfiguration | undefined, string];
  const flags = Object.keys(FULL) as (keyof typeof FULL)[];
  test.each<Row>([
    ['all on', FULL, 'COMPLIANT'],
    ['none', undefined, 'NON_COMPLIANT'],
    ['all off', OFF, 'NON_COMPLIANT'],
    ...flags.map((flag): Row => [`without ${flag}`, { ...FULL, [flag]: false }, 'NON_COMPLIANT']),
    ...flags.map((flag): Row => [`${flag} not told`, { ...FULL, [flag]: undefined }, 'NON_COMPLIANT']),
  ])('%s', async (_name, block, status) => {
    const { verdict, sent } = await judge(control, { block });
    expect(verdict.status).toBe(status);
    expect(sent).toEqual(['s3:GetPublicAccessBlock']);
  });

  test('the reason names the switches that are off, and only they are to change', async () => {
    const { verdict } = await judge(control, {
      block: { ...FULL, BlockPublicAcls: false, RestrictPublicBuckets: false },
    });
    expect(verdict).toMatchObject({
      reason: 'partly',
      data: { bucket: 'charts', flags: 'BlockPublicAcls, RestrictPublicBuckets' },
      desired: { 'publicAccessBlock/BlockPublicAcls': true, 'publicAccessBlock/RestrictPublicBuckets': true },
    });
  });
});
