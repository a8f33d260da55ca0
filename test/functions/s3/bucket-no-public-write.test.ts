import type { Grant } from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-no-public-write.ts';
import { bucket } from '../../../lib/aws/s3.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import {
  Bucket,
  type BucketConfig,
  block,
  blockOf,
  charts,
  enforced,
  grants,
  grantsOf,
  groupGrant,
  judge,
  OWNER,
  policy,
  publicRead,
  snapshotOf,
} from '../../support/fakes/s3.ts';

const partner: Grant = { Grantee: { Type: 'CanonicalUser', ID: 'c0ffee' }, Permission: 'READ' };
const publicWrite = { ...publicRead, Sid: 'PublicWrite', Action: 's3:PutObject' };
const isRestricted = async (aws: TestAws) =>
  expect(await blockOf(aws, Bucket)).toMatchObject({ BlockPublicPolicy: true, RestrictPublicBuckets: true });

testControl(control, {
  type: bucket,
  // Six reads, two writes, and the reads again to verify.
  budget: 14,
  snapshot: snapshotOf,
  cases: [
    { name: 'a new bucket', given: charts(), is: 'COMPLIANT' },
    {
      name: 'public reading alone',
      given: charts(grants(groupGrant('AllUsers', 'READ')), policy(publicRead)),
      is: 'COMPLIANT',
    },
    {
      name: 'a public policy and a public grant that the block makes harmless',
      given: charts(
        grants(groupGrant('AllUsers', 'WRITE')),
        policy(publicWrite),
        block('IgnorePublicAcls', 'RestrictPublicBuckets'),
      ),
      is: 'COMPLIANT',
    },
    {
      name: 'a grant left over from before BucketOwnerEnforced',
      given: charts(grants(groupGrant('AllUsers', 'WRITE')), enforced),
      is: 'COMPLIANT',
    },
    {
      name: 'a service that writes',
      given: charts(policy({ ...publicWrite, Principal: { Service: 'delivery.logs.amazonaws.com' } })),
      is: 'COMPLIANT',
    },
    {
      name: 'a public grant between others: only it leaves',
      given: charts(grants(partner, groupGrant('AllUsers', 'WRITE'), groupGrant('LogDelivery', 'WRITE'))),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'acl',
      shows: async (aws, id) => {
        expect(await grantsOf(aws, id)).toEqual(
          [`${OWNER.ID} FULL_CONTROL`, 'LogDelivery WRITE', 'c0ffee READ'].sort(),
        );
        expect(await blockOf(aws, id)).toBeUndefined();
      },
      neighbour: policy({ ...publicWrite, Principal: { AWS: '111122223333' } }),
    },
    {
      name: 'whoever may write the ACL may do anything',
      given: charts(
        grants(
          groupGrant('AuthenticatedUsers', 'WRITE_ACP'),
          groupGrant('AllUsers', 'FULL_CONTROL'),
          groupGrant('AllUsers', 'READ'),
        ),
      ),
      is: 'DRIFTED',
      reason: 'acl',
      shows: async (aws, id) => expect(await grantsOf(aws, id)).toEqual([`${OWNER.ID} FULL_CONTROL`, 'AllUsers READ']),
    },
    {
      name: 'a public policy is closed by the block, and stays as it is',
      given: charts(policy(publicWrite)),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'policy',
      shows: isRestricted,
      neighbour: grants(partner),
    },
    {
      name: 'both ways at once, under a block that is partly on',
      given: charts(
        grants(groupGrant('AllUsers', 'WRITE')),
        policy({ ...publicWrite, Action: 's3:*' }),
        block('BlockPublicPolicy'),
      ),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'both',
      shows: async (aws, id) => {
        await isRestricted(aws);
        expect(await grantsOf(aws, id)).toEqual([`${OWNER.ID} FULL_CONTROL`]);
      },
    },
  ],
});

const restricted = { RestrictPublicBuckets: true };
const ignored = { IgnorePublicAcls: true };
const write = groupGrant('AllUsers', 'WRITE');

describe("as AWS's rule s3-bucket-public-write-prohibited judges", () => {
  test.each<[string, BucketConfig, string]>([
    ['nothing public', {}, 'COMPLIANT'],
    ['public grant', { grants: [write] }, 'NON_COMPLIANT'],
    [
      'public grant, BlockPublicAcls, which changes nothing that is there',
      { grants: [write], block: { BlockPublicAcls: true } },
      'NON_COMPLIANT',
    ],
    ['public grant, IgnorePublicAcls', { grants: [write], block: ignored }, 'COMPLIANT'],
    ['public grant, BucketOwnerEnforced', { grants: [write], ownership: 'BucketOwnerEnforced' }, 'COMPLIANT'],
    ['public policy', { policy: [publicWrite], isPublic: true }, 'NON_COMPLIANT'],
    ['public policy, RestrictPublicBuckets', { policy: [publicWrite], isPublic: true, block: restricted }, 'COMPLIANT'],
    ['not public by the word of S3', { policy: [publicWrite], isPublic: false }, 'COMPLIANT'],
    [
      'public by the word of S3 alone',
      { policy: [{ ...publicWrite, Principal: { AWS: '111122223333' } }], isPublic: true },
      'NON_COMPLIANT',
    ],
    ['S3 does not say', { policy: [publicWrite] }, 'NON_COMPLIANT'],
    ['public policy for reading only', { policy: [publicRead], isPublic: true }, 'COMPLIANT'],
    ['public policy for everything', { policy: [{ ...publicRead, Action: '*' }], isPublic: true }, 'NON_COMPLIANT'],
    ['grant to read', { grants: [groupGrant('AllUsers', 'READ')] }, 'COMPLIANT'],
    ['grant to write the ACL', { grants: [groupGrant('AuthenticatedUsers', 'WRITE_ACP')] }, 'NON_COMPLIANT'],
    ['full control', { grants: [groupGrant('AllUsers', 'FULL_CONTROL')] }, 'NON_COMPLIANT'],
    ['grant to log delivery', { grants: [groupGrant('LogDelivery', 'WRITE')] }, 'COMPLIANT'],
  ])('%s', async (_name, config, status) => {
    expect((await judge(control, config)).verdict.status).toBe(status);
  });
});
