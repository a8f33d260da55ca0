import type { Grant } from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-no-public-read.ts';
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
  ownersGrant,
  policy,
  publicRead,
  snapshotOf,
  website,
} from '../../support/fakes/s3.ts';

const partner: Grant = { Grantee: { Type: 'CanonicalUser', ID: 'c0ffee' }, Permission: 'READ' };
const fromCloudFront = {
  ...publicRead,
  Principal: { Service: 'cloudfront.amazonaws.com' },
  Condition: { StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE' } },
};
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
      name: 'a public policy and a public grant that the block makes harmless',
      given: charts(
        grants(groupGrant('AllUsers', 'READ')),
        policy(publicRead),
        block('IgnorePublicAcls', 'RestrictPublicBuckets'),
      ),
      is: 'COMPLIANT',
    },
    {
      name: 'a grant left over from before BucketOwnerEnforced',
      given: charts(grants(groupGrant('AllUsers', 'READ')), enforced),
      is: 'COMPLIANT',
    },
    { name: 'CloudFront with origin access control', given: charts(policy(fromCloudFront)), is: 'COMPLIANT' },
    {
      name: 'CloudFront with an origin access identity',
      given: charts(
        policy({
          ...publicRead,
          Principal: { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC' },
        }),
      ),
      is: 'COMPLIANT',
    },
    { name: 'a website that only CloudFront reads', given: charts(website, policy(fromCloudFront)), is: 'COMPLIANT' },
    { name: 'public writing alone', given: charts(grants(groupGrant('AllUsers', 'WRITE'))), is: 'COMPLIANT' },
    {
      name: 'a public grant between others: only it leaves, and their order stays',
      given: charts(grants(partner, groupGrant('AllUsers', 'READ'), groupGrant('LogDelivery', 'WRITE'))),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'acl',
      shows: async (aws, id) => {
        expect(await grantsOf(aws, id)).toEqual(
          [`${OWNER.ID} FULL_CONTROL`, 'LogDelivery WRITE', 'c0ffee READ'].sort(),
        );
        expect(await blockOf(aws, id)).toBeUndefined();
      },
      neighbour: policy({ ...publicRead, Principal: { AWS: '111122223333' } }),
    },
    {
      name: 'everybody with an AWS account is the public; FULL_CONTROL leaves, WRITE is for the other control',
      given: charts(
        grants(
          groupGrant('AuthenticatedUsers', 'FULL_CONTROL'),
          groupGrant('AllUsers', 'READ_ACP'),
          groupGrant('AllUsers', 'WRITE'),
        ),
      ),
      is: 'DRIFTED',
      reason: 'acl',
      shows: async (aws, id) => expect(await grantsOf(aws, id)).toEqual([`${OWNER.ID} FULL_CONTROL`, 'AllUsers WRITE']),
    },
    {
      name: 'a public policy is closed by the block, and stays as it is',
      given: charts(policy(publicRead)),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'policy',
      shows: isRestricted,
      neighbour: grants(partner),
    },
    {
      name: 'a public policy under a block that is partly on',
      given: charts(policy(publicRead), block('BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy')),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'policy',
      shows: isRestricted,
    },
    {
      name: 'a public static website is closed like any other bucket',
      given: charts(website, policy(publicRead)),
      is: 'DRIFTED',
      reason: 'policy',
      shows: isRestricted,
    },
    {
      name: 'both ways at once',
      given: charts(grants(groupGrant('AllUsers', 'READ')), policy(publicRead)),
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
const read = groupGrant('AllUsers', 'READ');

describe("as AWS's rule s3-bucket-public-read-prohibited judges", () => {
  test.each<[string, BucketConfig, string]>([
    ['nothing public', {}, 'COMPLIANT'],
    ['public grant', { grants: [read] }, 'NON_COMPLIANT'],
    [
      'public grant, BlockPublicAcls, which changes nothing that is there',
      { grants: [read], block: { BlockPublicAcls: true } },
      'NON_COMPLIANT',
    ],
    ['public grant, IgnorePublicAcls', { grants: [read], block: ignored }, 'COMPLIANT'],
    ['public grant, RestrictPublicBuckets', { grants: [read], block: restricted }, 'NON_COMPLIANT'],
    ['public grant, BucketOwnerPreferred', { grants: [read], ownership: 'BucketOwnerPreferred' }, 'NON_COMPLIANT'],
    ['public grant, BucketOwnerEnforced', { grants: [read], ownership: 'BucketOwnerEnforced' }, 'COMPLIANT'],
    ['public policy', { policy: [publicRead], isPublic: true }, 'NON_COMPLIANT'],
    ['public policy, IgnorePublicAcls', { policy: [publicRead], isPublic: true, block: ignored }, 'NON_COMPLIANT'],
    [
      'public policy, BlockPublicPolicy, which changes nothing that is there',
      { policy: [publicRead], isPublic: true, block: { BlockPublicPolicy: true } },
      'NON_COMPLIANT',
    ],
    ['public policy, RestrictPublicBuckets', { policy: [publicRead], isPublic: true, block: restricted }, 'COMPLIANT'],
    ['not public by the word of S3', { policy: [publicRead], isPublic: false }, 'COMPLIANT'],
    ['public by the word of S3 alone', { policy: [fromCloudFront], isPublic: true }, 'NON_COMPLIANT'],
    ['S3 does not say', { policy: [publicRead] }, 'NON_COMPLIANT'],
    [
      'public policy for writing only',
      { policy: [{ ...publicRead, Action: 's3:PutObject' }], isPublic: true },
      'COMPLIANT',
    ],
    ['grant to write', { grants: [groupGrant('AllUsers', 'WRITE')] }, 'COMPLIANT'],
    ['grant to read the ACL', { grants: [groupGrant('AuthenticatedUsers', 'READ_ACP')] }, 'NON_COMPLIANT'],
    ['full control', { grants: [groupGrant('AllUsers', 'FULL_CONTROL')] }, 'NON_COMPLIANT'],
    ['grant to log delivery', { grants: [groupGrant('LogDelivery', 'READ_ACP')] }, 'COMPLIANT'],
    ['grant to one other account', { grants: [partner] }, 'COMPLIANT'],
  ])('%s', async (_name, config, status) => {
    expect((await judge(control, config)).verdict.status).toBe(status);
  });
});

describe('what is read', () => {
  test('a block that is on settles it with one read', async () => {
    const { sent } = await judge(control, {
      block: { ...ignored, ...restricted },
      policy: [publicRead],
      grants: [read],
    });
    expect(sent).toEqual(['s3:GetPublicAccessBlock']);
  });

  test('a half that is on spares the reads of that half', async () => {
    expect((await judge(control, { block: ignored })).sent).not.toContain('s3:GetBucketAcl');
    expect((await judge(control, { block: restricted })).sent).not.toContain('s3:GetBucketPolicy');
  });
});

describe('what is told', () => {
  test('who else is cut off: other accounts and origin access identities, but no AWS service', async () => {
    const identity = 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC';
    const { verdict } = await judge(control, {
      policy: [
        publicRead,
        fromCloudFront,
        { ...publicRead, Sid: 'Partner', Principal: { AWS: ['111122223333', identity] } },
      ],
      isPublic: true,
      website: true,
    });
    expect(verdict).toMatchObject({
      data: {
        statements: 'PublicRead',
        cutOff:
          ' Closing it may cut off: AWS account 111122223333 (policy, Partner); CloudFront (CloudFront Origin Access Identity EH1HDMB1FH2TC) (policy, Partner); visitors of its website.',
      },
    });
    // Nobody is asked first: the public is out before the others are counted.
    expect(verdict).not.toHaveProperty('blastRadius');
  });

  test('nobody, where nobody is', async () => {
    const { verdict } = await judge(control, { grants: [read] });
    expect(verdict).toMatchObject({ data: { grants: 'AllUsers has READ', cutOff: '' } });
  });
});

describe('what is sent', () => {
  const sent = async (config: BucketConfig, slots: object) =>
    control
      .set((await judge(control, config)).state as never, slots as never)
      .map(({ op, input }) => ({ op: op.name, input }));

  test('the ACL without the grant, everything else of it as it was, in order', async () => {
    const log = groupGrant('LogDelivery', 'WRITE');
    const [call, ...more] = await sent({ grants: [partner, read, log] }, { 'acl/grant:AllUsers:READ': null });
    expect(more).toEqual([]);
    expect(call).toEqual({
      op: 's3:PutBucketAcl',
      input: {
        Bucket,
        ExpectedBucketOwner: '123456789012',
        AccessControlPolicy: { Owner: OWNER, Grants: [ownersGrant, partner, log] },
      },
    });
  });

  test('while BlockPublicAcls is on, S3 takes no ACL with any public grant left: all of them go', async () => {
    const { verdict } = await judge(control, {
      grants: [read, groupGrant('AllUsers', 'WRITE')],
      block: { BlockPublicAcls: true },
    });
    expect(verdict).toMatchObject({ desired: { 'acl/grant:AllUsers:READ': null, 'acl/grant:AllUsers:WRITE': null } });
  });

  test('nothing, where it is already so', async () => {
    expect(await sent({}, { 'acl/grant:AllUsers:READ': null })).toEqual([]);
    expect(await sent({ grants: [read] }, { 'acl/grant:AllUsers:READ': true })).toEqual([]);
  });

  test('no ACL to a bucket whose ACL is disabled', async () => {
    const gone: BucketConfig = { grants: [read], ownership: 'BucketOwnerEnforced' };
    expect(await sent(gone, { 'acl/grant:AllUsers:READ': null })).toEqual([]);
    await expect(sent({ ...gone, grants: [] }, { 'acl/grant:AllUsers:READ': true })).rejects.toThrow(
      /BucketOwnerEnforced/,
    );
  });

  test.each([ignored, { BlockPublicAcls: true }])(
    'no public grant to a bucket that refuses or ignores them: %j',
    async (on) => {
      const back = { 'acl/grant:AllUsers:READ': true };
      await expect(sent({ block: on }, back)).rejects.toThrow(/public access block now refuses or ignores them/);
    },
  );
});
