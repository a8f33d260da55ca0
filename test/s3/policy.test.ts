import { parsePolicy } from '../../lib/s3/policy.ts';
import { isOpen, openStatements, publicSides } from '../../lib/s3/public.ts';

const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::charts/*' };
const parse = (statement: object) => parsePolicy(policy({ ...allow, ...statement }), 'charts');
const opens = (statement: object): boolean => parse(statement).some(isOpen);

describe('parsePolicy', () => {
  test('no policy has no statements', () => expect(parsePolicy(undefined, 'charts')).toEqual([]));

  test('a single statement may stand without a list, and every list may be a single value', () => {
    const one = {
      Sid: 'Read',
      Effect: 'Allow',
      Principal: { AWS: '123456789012' },
      Action: 's3:GetObject',
      Resource: '*',
    };
    expect(parsePolicy(JSON.stringify({ Statement: one }), 'charts')).toEqual([
      {
        name: 'Read',
        allows: true,
        principals: [{ kind: 'AWS', id: '123456789012' }],
        allBut: false,
        actions: ['s3:GetObject'],
        allActionsBut: false,
        conditions: [],
      },
    ]);
  });

  test('a statement without a Sid is found by its place', () => {
    expect(parsePolicy(policy(allow, { ...allow, Sid: '' }), 'charts').map(({ name }) => name)).toEqual([
      'statement 1',
      'statement 2',
    ]);
  });

  test('an effect that is not clearly Deny counts as allowing', () => {
    expect(parse({ Effect: 'allow' })[0]?.allows).toBe(true);
    expect(parse({ Effect: 'Deny' })[0]?.allows).toBe(false);
  });

  test.each([
    ['{', /policy of bucket charts is not JSON/],
    ['[]', /policy of bucket charts is no object/],
    ['{"Statement":["x"]}', /Statement 1 in the policy of bucket charts is no object/],
    ['{"Statement":{"Principal":["x"]}}', /Principal is no object/],
  ])('%s is refused by name', (text, message) => {
    expect(() => parsePolicy(text, 'charts')).toThrow(message);
  });
});

describe('who is the public, by the definition of S3', () => {
  test.each<[string, object]>([
    ['everybody', {}],
    ['everybody as an AWS principal', { Principal: { AWS: '*' } }],
    ['everybody in a list', { Principal: { AWS: ['arn:aws:iam::123456789012:root', '*'] } }],
    ['everybody but one', { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::123456789012:root' } }],
    ['a secret in the referer', { Condition: { StringLike: { 'aws:Referer': 'https://example.org/*' } } }],
    ['TLS only', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ['an address range as wide as half the world', { Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } } }],
    [
      'one wide range among narrow ones',
      { Condition: { IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '0.0.0.0/0'] } } },
    ],
    ['a wide IPv6 range', { Condition: { IpAddress: { 'aws:SourceIp': '2000::/3' } } }],
    ['an address that is none', { Condition: { IpAddress: { 'aws:SourceIp': 'everywhere' } } }],
    ['not from one address', { Condition: { NotIpAddress: { 'aws:SourceIp': '198.51.100.7' } } }],
    ['not from one VPC endpoint', { Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } } }],
    ['any VPC', { Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }],
    ['a policy variable', { Condition: { StringEquals: { 'aws:userid': '$'.concat('{aws:userid}') } } }],
    [
      'one organisation, if the request has any',
      { Condition: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
    ],
    [
      'for all values, also for none',
      { Condition: { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
    ],
    [
      'access points of any account',
      { Condition: { ArnLike: { 's3:DataAccessPointArn': 'arn:aws:s3:us-east-1:*:accesspoint/x' } } },
    ],
    ['no value at all', { Condition: { StringEquals: { 'aws:SourceVpce': [] } } }],
  ])('open: %s', (_name, statement) => expect(opens(statement)).toBe(true));

  test.each<[string, object]>([
    ['a denial', { Effect: 'Deny' }],
    ['an account', { Principal: { AWS: '111122223333' } }],
    ['a role', { Principal: { AWS: 'arn:aws:iam::111122223333:role/reader' } }],
    [
      'CloudFront with origin access control',
      {
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: {
          StringEquals: { 'AWS:SourceArn': 'arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE' },
        },
      },
    ],
    [
      'CloudFront with an origin access identity',
      { Principal: { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC' } },
    ],
    [
      'that identity by its canonical id',
      { Principal: { CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be' } },
    ],
    ['an address', { Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.7' } } }],
    [
      'narrow ranges',
      { Condition: { IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '2001:db8::/32', '10.0.0.0/8'] } } },
    ],
    ['a VPC endpoint', { Condition: { StringEquals: { 'aws:sourceVpce': 'vpce-1a2b3c4d' } } }],
    ['an organisation', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } }],
    [
      'an organisation, for any value',
      { Condition: { 'ForAnyValue:StringEquals': { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
    ],
    ['an account in a condition', { Condition: { StringEquals: { 'aws:PrincipalAccount': '123456789012' } } }],
    ['a source', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:us-east-1:123456789012:topic' } } }],
    [
      'all access points of one account',
      { Condition: { ArnLike: { 's3:DataAccessPointArn': 'arn:aws:s3:us-east-1:123456789012:accesspoint/*' } } },
    ],
    [
      'an open condition and a closed one',
      { Condition: { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 'aws:SourceVpc': 'vpc-1' } } },
    ],
  ])('not open: %s', (_name, statement) => expect(opens(statement)).toBe(false));
});

describe('what the public can do', () => {
  test.each<[string | string[], string[]]>([
    ['s3:GetObject', ['read']],
    ['S3:getobject', ['read']],
    ['s3:ListBucket', ['read']],
    ['s3:Get*', ['read']],
    ['s3:G*', ['read']],
    ['s3:PutObject', ['write']],
    ['s3:Put*', ['write']],
    ['s3:DeleteObject', ['write']],
    ['s3:AbortMultipartUpload', ['write']],
    ['s3:RestoreObject', ['write']],
    ['s3:SomethingNew', ['write']],
    ['s3:*', ['read', 'write']],
    ['*', ['read', 'write']],
    ['s3:*Object', ['read', 'write']],
    ['s3:?etObject', ['read', 'write']],
    [
      ['s3:GetObject', 's3:PutObject'],
      ['read', 'write'],
    ],
  ])('%s', (Action, sides) => {
    expect([...publicSides(parse({ Action }), undefined)].sort()).toEqual(sides);
  });

  test('everything but some actions is both', () => {
    expect([...publicSides(parse({ Action: undefined, NotAction: 's3:DeleteObject' }), undefined)].sort()).toEqual([
      'read',
      'write',
    ]);
  });

  test('S3 decides whether a policy is public, where it says so', () => {
    expect(publicSides(parse({}), false).size).toBe(0);
    expect([...publicSides(parse({}), true)]).toEqual(['read']);
  });

  test('public by the word of S3, and not by our reading, counts as both', () => {
    const closed = parse({ Principal: { AWS: '123456789012' } });
    expect([...publicSides(closed, true)]).toEqual(['read', 'write']);
    expect(publicSides(closed, undefined).size).toBe(0);
  });

  test('the statements that open a side are named', () => {
    const both = parsePolicy(
      policy({ ...allow, Sid: 'Web' }, { ...allow, Sid: 'Drop', Action: 's3:PutObject' }),
      'charts',
    );
    expect(openStatements(both, 'read')).toEqual(['Web']);
    expect(openStatements(both, 'write')).toEqual(['Drop']);
  });
});
