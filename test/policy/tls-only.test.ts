import { readPolicy } from '../../lib/policy/parse.ts';
import { getTlsOnly, judgeTlsOnly, setTlsOnly, type TlsOnly } from '../../lib/policy/tls-only.ts';

const ARN = 'arn:aws:s3:::charts';
const rule: TlsOnly = {
  resource: 'Bucket charts',
  arns: [ARN, `${ARN}/*`],
  action: 's3:*',
  most: { bytes: 2_000, statements: 4 },
};
const SLOT = 'policy/statement:SutureTlsOnly';
const plain = { Bool: { 'aws:SecureTransport': 'false' } };
const deny = {
  Sid: 'DenyInsecure',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: rule.arns,
  Condition: plain,
};
const ours = { ...deny, Sid: 'SutureTlsOnly' };
const read = {
  Sid: 'Read',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 's3:GetObject',
  Resource: `${ARN}/*`,
};
const parse = (document: unknown) => readPolicy(JSON.stringify(document), 'bucket charts');
const withStatements = (...Statement: object[]) => parse({ Version: '2012-10-17', Statement });
const judge = (...statements: object[]) => judgeTlsOnly(withStatements(...statements), rule);

describe('denies requests without TLS', () => {
  test.each<[string, object[]]>([
    ['as AWS writes it', [deny]],
    ['under our Sid', [ours]],
    ['without a Sid', [{ ...deny, Sid: undefined }]],
    ['beside others', [read, deny]],
    ['every AWS principal', [{ ...deny, Principal: { AWS: '*' } }]],
    ['everybody among others', [{ ...deny, Principal: { AWS: ['arn:aws:iam::123456789012:root', '*'] } }]],
    ['every action', [{ ...deny, Action: '*' }]],
    ['every action of S3 among others', [{ ...deny, Action: ['s3:GetObject', 'S3:*'] }]],
    ['every resource', [{ ...deny, Resource: '*' }]],
    ['one pattern for bucket and objects', [{ ...deny, Resource: `${ARN}*` }]],
    ['IfExists', [{ ...deny, Condition: { BoolIfExists: { 'AWS:SecureTransport': false } } }]],
    ['a list of one value', [{ ...deny, Condition: { Bool: { 'aws:SecureTransport': ['false'] } } }]],
    ['the lock-down of everything', [{ ...deny, Condition: undefined }]],
    [
      'bucket and objects in statements of their own',
      [
        { ...deny, Sid: 'A', Resource: ARN },
        { ...deny, Sid: 'B', Resource: `${ARN}/*` },
      ],
    ],
  ])('%s', (_name, statements) => {
    expect(judge(...statements)).toEqual({ status: 'COMPLIANT' });
  });

  const only = (missing: string) => `its policy does not deny them on ${missing}`;
  const nothing = only(`${ARN} and ${ARN}/*`);
  test.each<[string, object, string]>([
    [
      'it allows with TLS',
      { ...read, Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
      nothing,
    ],
    ['it allows without TLS', { ...deny, Effect: 'Allow' }, nothing],
    ['the bucket alone', { ...deny, Resource: ARN }, only(`${ARN}/*`)],
    ['the objects alone', { ...deny, Resource: [`${ARN}/*`] }, only(ARN)],
    ['some objects', { ...deny, Resource: [ARN, `${ARN}/reports/*`] }, only(`${ARN}/*`)],
    ['another partition', { ...deny, Resource: ['arn:aws-us-gov:s3:::charts', `${ARN}/*`] }, only(ARN)],
    ['all but a resource', { ...deny, Resource: undefined, NotResource: 'arn:aws:s3:::other' }, nothing],
    ['no resource', { ...deny, Resource: undefined }, nothing],
    ['reading alone', { ...deny, Action: 's3:Get*' }, nothing],
    ['all but every action of S3', { ...deny, Action: undefined, NotAction: 's3:*' }, nothing],
    ['all but an action', { ...deny, Action: undefined, NotAction: 's3:GetObject' }, nothing],
    ['all but somebody', { ...deny, Principal: undefined, NotPrincipal: { AWS: '*' } }, nothing],
    ['another account', { ...deny, Principal: { AWS: '111122223333' } }, nothing],
    ['every service', { ...deny, Principal: { Service: '*' } }, nothing],
    [
      'a second condition',
      { ...deny, Condition: { ...plain, StringNotEquals: { 'aws:PrincipalTag/x': 'y' } } },
      nothing,
    ],
    ['a second key', { ...deny, Condition: { Bool: { ...plain.Bool, 'aws:ViaAWSService': 'false' } } }, nothing],
    ['with TLS', { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, nothing],
    ['an operator nobody knows', { ...deny, Condition: { NotBool: { 'aws:SecureTransport': 'false' } } }, nothing],
    ['another operator', { ...deny, Condition: { Null: { 'aws:SecureTransport': 'false' } } }, nothing],
    ['old TLS alone', { ...deny, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }, nothing],
  ])('not: %s', (_name, statement, gap) => {
    expect(judge(statement)).toMatchObject({
      status: 'NON_COMPLIANT',
      reason: 'open',
      data: { resource: 'Bucket charts', gap },
      desired: { [SLOT]: ours },
    });
  });

  test('no policy at all', () => {
    expect(judgeTlsOnly(null, rule, ['somebody'])).toEqual({
      status: 'NON_COMPLIANT',
      reason: 'open',
      data: { resource: 'Bucket charts', gap: 'it has no policy' },
      desired: { [SLOT]: ours },
      blastRadius: ['somebody'],
    });
  });

  test('one ARN is written as one, not as a list', () => {
    expect(judgeTlsOnly(null, { ...rule, arns: [ARN] })).toMatchObject({ desired: { [SLOT]: { Resource: ARN } } });
  });
});

describe('what the service would not take is left to a person', () => {
  const why = (verdict: ReturnType<typeof judge>) =>
    verdict.status === 'NON_COMPLIANT' && verdict.desired === 'manual' ? verdict.data?.why : verdict;
  // What the policy without our statement may have, so that it still fits with it.
  const room = 2_000 - Buffer.byteLength(`,${JSON.stringify(ours)}`);
  const filled = (bytes: number) => {
    const empty = { Version: '2012-10-17', Id: '', Statement: [read] };
    return parse({ ...empty, Id: 'x'.repeat(bytes - JSON.stringify(empty).length) });
  };

  test('up to the last byte it fits', () => {
    const policy = filled(room);
    const verdict = judgeTlsOnly(policy, rule);
    expect(verdict).toMatchObject({ reason: 'open' });
    expect(Buffer.byteLength(setTlsOnly(policy, { [SLOT]: ours }) ?? '')).toBe(2_000);
  });
  test('a byte more does not', () => {
    expect(why(judgeTlsOnly(filled(room + 1), rule))).toBe('the policy would have 2001 bytes, and 2000 are allowed');
  });

  test('bytes count, not characters', () => {
    const umlauts = parse({ Id: '\u00e4'.repeat(950), Statement: [read] });
    expect((setTlsOnly(umlauts, { [SLOT]: ours }) ?? '').length).toBeLessThan(2_000);
    expect(why(judgeTlsOnly(umlauts, rule))).toMatch(/would have 2\d+ bytes/);
  });

  test('a statement too many', () => {
    const three = ['1', '2', '3'].map((Sid) => ({ ...read, Sid, Action: 's3:List*' }));
    expect(judge(...three)).toMatchObject({ reason: 'open' });
    // Mended in its place, our statement takes none more.
    expect(judge(...three, { ...ours, Action: 's3:GetObject' })).toMatchObject({ reason: 'open' });
    expect(why(judge(...three, { ...read, Sid: '4' }))).toBe('the policy would have 5 statements, and 4 are allowed');
  });

  test.each([
    ['AIDAEXAMPLE5LJ3QF7ZP2', true],
    ['AROAEXAMPLE5LJ3QF7ZP2', true],
    ['arn:aws:iam::111122223333:user/AIDAEXAMPLE5LJ3QF7ZP2', false],
    ['AIDA', false],
  ])('%s, the id of a deleted principal: %s', (AWS, is) => {
    const verdict = judge({ ...read, Principal: { AWS: ['111122223333', AWS] } });
    expect(verdict).toMatchObject({ reason: is ? 'cannot' : 'open' });
    if (is) expect(why(verdict)).toContain(`names ${AWS}, the id of a deleted user or role`);
  });
});

describe('the lens', () => {
  const set = (policy: ReturnType<typeof parse>, statement: object | null) =>
    JSON.parse(setTlsOnly(policy, { [SLOT]: statement as typeof ours }) ?? 'null');

  test('adds our statement last, and leaves the rest as it was written', () => {
    const text =
      '{"Id":"x","Statement":[{"Resource":"*","Unknown":{"b":1,"a":[2]},"Effect":"Allow","Action":"s3:GetObject","Principal":{"AWS":["111122223333"]}}],"Version":"2008-10-17"}';
    const written = setTlsOnly(readPolicy(text, 'bucket charts'), { [SLOT]: ours });
    expect(written).toBe(text.replace('}],"Version"', `},${JSON.stringify(ours)}],"Version"`));
    expect(getTlsOnly(readPolicy(written ?? undefined, ''))).toEqual({ [SLOT]: ours });
    expect(setTlsOnly(readPolicy(written ?? undefined, ''), { [SLOT]: null })).toBe(text);
  });

  test('makes the policy where there is none, and leaves none', () => {
    const written = setTlsOnly(null, { [SLOT]: ours });
    expect(JSON.parse(written ?? '')).toEqual({ Version: '2012-10-17', Statement: [ours] });
    expect(setTlsOnly(readPolicy(written ?? undefined, ''), { [SLOT]: null })).toBeNull();
  });

  test('makes a list of a single statement', () => {
    expect(set(parse({ Statement: read }), ours)).toEqual({ Statement: [read, ours] });
  });

  test('writes nothing where nothing is to be changed', () => {
    expect(setTlsOnly(withStatements(read, ours), { [SLOT]: ours })).toBeUndefined();
    expect(setTlsOnly(withStatements(read, deny), { [SLOT]: null })).toBeUndefined();
    expect(setTlsOnly(null, { [SLOT]: null })).toBeUndefined();
    expect(setTlsOnly(withStatements(read), {})).toBeUndefined();
  });

  test('our statement, edited by somebody, is mended in its place, and their edit can be put back', () => {
    const edited = { ...ours, Principal: { AWS: '111122223333' } };
    const policy = withStatements(edited, read);
    expect(getTlsOnly(policy)).toEqual({ [SLOT]: edited });
    expect(judge(edited, read)).toMatchObject({ desired: { [SLOT]: ours } });
    const mended = parse(set(policy, ours));
    expect(mended?.document.Statement).toEqual([ours, read]);
    expect(set(mended, edited).Statement).toEqual([edited, read]);
  });

  test.each<[string, object[], string]>([
    ['an Allow', [{ ...read, Sid: 'SutureTlsOnly' }], 'SutureTlsOnly2'],
    [
      'an Allow that asks for TLS',
      [{ ...read, Sid: 'SutureTlsOnly', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
      'SutureTlsOnly2',
    ],
    [
      'a Deny of something else',
      [{ ...deny, Sid: 'SutureTlsOnly', Condition: undefined, Resource: ARN }],
      'SutureTlsOnly2',
    ],
    ['two of them', ['', '2'].map((n) => ({ ...read, Sid: `SutureTlsOnly${n}` })), 'SutureTlsOnly3'],
  ])('a Sid that others have taken is left to them: %s', (_name, statements, Sid) => {
    const policy = withStatements(...statements);
    expect(getTlsOnly(policy)).toEqual({ [SLOT]: null });
    expect(judge(...statements)).toMatchObject({ desired: { [SLOT]: { ...ours, Sid } } });
    const fixed = parse(set(policy, { ...ours, Sid }));
    expect(fixed?.document.Statement).toEqual([...statements, { ...ours, Sid }]);
    expect(getTlsOnly(fixed)).toEqual({ [SLOT]: { ...ours, Sid } });
    expect(set(fixed, null).Statement).toEqual(statements);
  });

  test("somebody else's statement of the same purpose is not ours", () => {
    expect(getTlsOnly(withStatements(deny, { ...deny, Sid: 'XSutureTlsOnly' }))).toEqual({ [SLOT]: null });
  });
});
