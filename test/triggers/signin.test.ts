import { type Envelope, openEnvelope } from '../../lib/triggers/envelope.ts';
import { match } from '../../lib/triggers/index.ts';
import { isRefusal } from '../../lib/triggers/outcome.ts';
import { readSignIn } from '../../lib/triggers/signin.ts';
import { sample } from './samples.ts';
import { bucketType, context } from './stand-ins.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into events to break them
type Change = (detail: any, event: any) => void;
function event(file: string, change: Change = () => {}) {
  const event = sample(file);
  change(event.detail, event);
  return event;
}
const read = (file: string, change?: Change) => {
  const envelope = openEnvelope(event(file, change));
  if (isRefusal(envelope)) throw new Error(envelope.reason);
  return readSignIn(envelope as Envelope);
};
const ROOT = 'signin/ConsoleLogin-root.json';

test('a sign-in says who, how it went, and whether MFA was asked for', () => {
  expect(read(ROOT)).toEqual({
    event: 'ConsoleLogin',
    result: 'success',
    identity: 'Root',
    who: 'arn:aws:iam::123456789012:root',
    mfa: 'not used',
  });
});

test.each<[string, string, Change, object]>([
  ['MFA', ROOT, (d) => (d.additionalEventData.MFAUsed = 'Yes'), { mfa: 'used' }],
  ['MFA in capitals', ROOT, (d) => (d.additionalEventData.MFAUsed = 'YES'), { mfa: 'used' }],
  ['no word about MFA', ROOT, (d) => delete d.additionalEventData, { mfa: 'unknown' }],
  ['MFA of a role, asked for elsewhere', 'signin/ConsoleLogin-sso.json', () => {}, { mfa: 'elsewhere' }],
  ['a failure', ROOT, (d) => (d.responseElements.ConsoleLogin = 'Failure'), { result: 'failure' }],
  [
    'a failure by its message alone',
    ROOT,
    (d) => Object.assign(d, { responseElements: null, errorMessage: 'Failed authentication' }),
    { result: 'failure' },
  ],
  ['a failure by its code alone', ROOT, (d) => (d.errorCode = 'AccessDenied'), { result: 'failure' }],
  ['neither', ROOT, (d) => (d.responseElements = null), { result: 'unknown' }],
  ['its region said as global', ROOT, (d) => (d.awsRegion = 'global'), { event: 'ConsoleLogin' }],
  ['parameters that are the text "null"', ROOT, (d) => (d.requestParameters = 'null'), { result: 'success' }],
  ['the spelling AwsConsoleSignin', ROOT, (d) => (d.eventType = 'AwsConsoleSignin'), { result: 'success' }],
  [
    'another step',
    ROOT,
    (d) => Object.assign(d, { eventName: 'CheckMfa', responseElements: { CheckMfa: 'Success' } }),
    { event: 'CheckMfa', result: 'success' },
  ],
])('%s', (_, file, change, expected) => {
  expect(read(file, change)).toMatchObject(expected);
});

test('an unknown user has no name', () => {
  expect(read('signin/ConsoleLogin-unknown-user.json')).toEqual({
    event: 'ConsoleLogin',
    result: 'failure',
    identity: 'IAMUser',
    mfa: 'not used',
  });
});

test.each<[string, Change, string, RegExp]>([
  ['as it is', () => {}, 'ignored', /^ConsoleLogin by Root .*no control listens to sign-ins\.$/],
  ['another account', (d) => (d.recipientAccountId = '111122223333'), 'malformed', /account/],
  ['another region', (d) => (d.awsRegion = 'eu-west-1'), 'malformed', /region/],
  ['no name', (d) => delete d.eventName, 'malformed', /eventName/],
  ['another service', (d) => (d.eventSource = 's3.amazonaws.com'), 'malformed', /signin/],
  ['a forged source', (_, e) => (e.source = 'aws.s3'), 'malformed', /anybody/],
])('a sign-in, %s', (_, change, outcome, reason) => {
  expect(match(event(ROOT, change), context)).toEqual({ outcome, reason: expect.stringMatching(reason) });
});

const DELETE_KEY = 'cloudtrail/service-DeleteKey.json';
test.each<[string, string, Change, string, RegExp]>([
  ['a deletion that was scheduled', DELETE_KEY, () => {}, 'ignored', /DeleteKey, which kms\.amazonaws\.com did/],
  [
    'Identity Center',
    'signin/UserAuthentication.json',
    () => {},
    'ignored',
    /^UserAuthentication by IdentityCenterUser/,
  ],
  ['another account', DELETE_KEY, (d) => (d.recipientAccountId = '111122223333'), 'malformed', /account/],
  ['no caller, no parameters', DELETE_KEY, (d) => delete d.userIdentity, 'ignored', /DeleteKey/],
  ['no name', DELETE_KEY, (d) => delete d.eventName, 'malformed', /eventName/],
  ['a forged source', DELETE_KEY, (_, e) => (e.source = 'kms'), 'malformed', /anybody/],
])('a service event, %s', (_, file, change, outcome, reason) => {
  expect(match(event(file, change), context)).toEqual({ outcome, reason: expect.stringMatching(reason) });
});

describe('a service event that deletes a resource of ours', () => {
  const deletion = (arn: string) =>
    event(DELETE_KEY, (d, e) => {
      e.source = 'aws.s3';
      Object.assign(d, { eventSource: 's3.amazonaws.com', eventName: 'BucketExpired', resources: [{ ARN: arn }] });
    });
  const types = context.types.map((type) =>
    type === bucketType
      ? { name: type.name, asff: type.asff, deletedBy: { ...type.deletedBy, events: ['BucketExpired'] } }
      : type,
  ) as typeof context.types;

  test('closes its findings, by the ARN it names', () => {
    expect(match(deletion('arn:aws:s3:::radiology-scratch'), { ...context, types })).toMatchObject({
      cause: { origin: 'deletes', eventName: 'BucketExpired' },
      targets: [{ key: { id: 'radiology-scratch' } }],
    });
  });

  test('without a control for it leads nowhere', () => {
    const controls = context.controls.filter(({ id }) => !id.startsWith('s3-'));
    expect(match(deletion('arn:aws:s3:::radiology-scratch'), { ...context, types, controls }).outcome).toBe('ignored');
  });
});
