import { dependents } from '../../lib/s3/dependents.ts';
import { parsePolicy } from '../../lib/s3/policy.ts';

const OWN = '123456789012';
const none = { statements: [], acl: {}, website: false };
const byPolicy = (statement: object): string[] =>
  dependents(
    {
      ...none,
      statements: parsePolicy(
        JSON.stringify({ Statement: [{ Sid: 'S', Effect: 'Allow', Action: 's3:*', Resource: '*', ...statement }] }),
        'charts',
      ),
    },
    OWN,
  );
const byGrantee = (Grantee: object): string[] =>
  dependents(
    { ...none, acl: { Owner: { ID: 'owner' }, Grants: [{ Grantee: Grantee as never, Permission: 'READ' }] } },
    OWN,
  );

test('nobody depends on a bucket that only its account uses', () => {
  expect(dependents(none, OWN)).toEqual([]);
  expect(byPolicy({ Principal: { AWS: OWN } })).toEqual([]);
  expect(
    byPolicy({ Principal: { AWS: [`arn:aws:iam::${OWN}:root`, `arn:aws-us-gov:sts::${OWN}:assumed-role/app/x`] } }),
  ).toEqual([]);
  expect(byGrantee({ Type: 'CanonicalUser', ID: 'owner' })).toEqual([]);
  expect(byPolicy({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': OWN } } })).toEqual([]);
  expect(byPolicy({ Effect: 'Deny', Principal: '*' })).toEqual([]);
});

test.each([
  'logging.s3.amazonaws.com',
  'delivery.logs.amazonaws.com',
  'cloudtrail.amazonaws.com',
  'config.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  'logdelivery.elasticloadbalancing.amazonaws.com',
  'redshift.amazonaws.com',
  'logs.eu-west-1.amazonaws.com',
])('log delivery by %s', (Service) => {
  expect(byPolicy({ Principal: { Service } })).toEqual([`log delivery by ${Service} (policy, S)`]);
});

test.each<[object, string]>([
  [{ Principal: { Service: 'cloudfront.amazonaws.com' } }, 'the service cloudfront.amazonaws.com (policy, S)'],
  [{ Principal: { AWS: '111122223333' } }, 'AWS account 111122223333 (policy, S)'],
  [{ Principal: { AWS: 'arn:aws:iam::111122223333:role/reader' } }, 'AWS account 111122223333 (policy, S)'],
  [
    { Principal: { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1' } },
    'CloudFront (CloudFront Origin Access Identity EH1) (policy, S)',
  ],
  [{ Principal: { CanonicalUser: 'c0ffee' } }, 'the CanonicalUser principal c0ffee (policy, S)'],
  [{ Principal: { AWS: 'AROADBQP57FF2AEXAMPLE' } }, 'the principal AROADBQP57FF2AEXAMPLE (policy, S)'],
  [
    { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
    'everybody whom the conditions let in (policy, S)',
  ],
  [
    { Principal: '*', Condition: { StringEqualsIfExists: { 'aws:PrincipalAccount': OWN } } },
    'everybody whom the conditions let in (policy, S)',
  ],
  [
    { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': [OWN, '111122223333'] } } },
    'everybody whom the conditions let in (policy, S)',
  ],
  [{ NotPrincipal: { AWS: OWN } }, 'everybody but some principals (policy, S)'],
])('%j', (statement, name) => expect(byPolicy(statement)).toEqual([name]));

test.each<[object, string]>([
  [
    { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/s3/LogDelivery' },
    'S3 server access logs delivered to it (ACL)',
  ],
  [{ Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }, 'the group AllUsers (ACL)'],
  [{ Type: 'CanonicalUser', ID: 'partner' }, 'the AWS account with canonical id partner (ACL)'],
])('ACL grant to %j', (grantee, name) => expect(byGrantee(grantee)).toEqual([name]));

test('a website, and each dependent once, in order', () => {
  const statements = parsePolicy(
    JSON.stringify({
      Statement: {
        Sid: 'S',
        Effect: 'Allow',
        Principal: { AWS: ['444455556666', '111122223333', '111122223333'] },
        Action: '*',
      },
    }),
    'charts',
  );
  expect(dependents({ statements, acl: {}, website: true }, OWN)).toEqual([
    'AWS account 111122223333 (policy, S)',
    'AWS account 444455556666 (policy, S)',
    'visitors of its website',
  ]);
});
