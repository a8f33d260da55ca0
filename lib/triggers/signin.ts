import { disagreement, type Envelope } from './envelope.ts';
import { type Fields, fields, text } from './fields.ts';
import type { Match } from './match.ts';
import { ignored, isRefusal, malformed, type Refusal } from './outcome.ts';

/** One attempt to sign in to the console, or a step of one. */
export interface SignIn {
  /** `ConsoleLogin`, `CheckMfa`, `SwitchRole`, `PasswordUpdated`, `UserAuthentication` ... */
  readonly event: string;
  /** `unknown`: the event does not say, which is no success. */
  readonly result: 'success' | 'failure' | 'unknown';
  /** CloudTrail `userIdentity.type`. */
  readonly identity: string;
  /** ARN, else user name; absent for an unknown user, whose name AWS hides. */
  readonly who?: string;
  /** `elsewhere`: the identity provider asks for it (roles, SSO, SAML), so that "No" is normal; `unknown`: the event does not say. */
  readonly mfa: 'used' | 'not used' | 'elsewhere' | 'unknown';
}

/**
 * "AWS Console Sign In via CloudTrail". It cannot be undone and there is no state to read again, so no control judges it;
 * signals will.
 */
export function matchSignIn(envelope: Envelope): Match {
  const signIn = readSignIn(envelope);
  if (isRefusal(signIn)) return signIn;
  const { event, result, identity, who, mfa } = signIn;
  const by = who ? `${identity} ${who}` : identity;
  return ignored(`${event} by ${by} (${result}, MFA ${mfa}): no control listens to sign-ins.`);
}

/** What a sign-in says, or why it is none. Its region may be "global", or the one of the console's address. */
export function readSignIn(envelope: Envelope): SignIn | Refusal {
  const { detail } = envelope;
  const refusal = disagreement(envelope, 'recipientAccountId', 'awsRegion');
  if (refusal) return refusal;
  const event = text(detail.eventName);
  if (!event || text(detail.eventSource) !== 'signin.amazonaws.com')
    return malformed('The sign-in has no "eventName", or its "eventSource" is not signin.amazonaws.com.');
  const user = fields(detail.userIdentity);
  const identity = text(user.type) ?? 'Unknown';
  const who = text(user.arn) ?? text(user.userName);
  return { event, result: resultOf(event, detail), identity, mfa: mfaOf(identity, detail), ...(who && { who }) };
}

/** A failed attempt often has an `errorMessage` and no `errorCode`. */
function resultOf(event: string, { responseElements, errorCode, errorMessage }: Fields): SignIn['result'] {
  const said = text(fields(responseElements)[event])?.toLowerCase();
  if (said === 'failure' || text(errorCode) || text(errorMessage)) return 'failure';
  return said === 'success' ? 'success' : 'unknown';
}

/** "YES" was seen beside "Yes". */
function mfaOf(identity: string, { additionalEventData }: Fields): SignIn['mfa'] {
  const said = text(fields(additionalEventData).MFAUsed)?.toLowerCase();
  if (said === 'yes') return 'used';
  if (identity !== 'Root' && identity !== 'IAMUser') return 'elsewhere';
  return said === 'no' ? 'not used' : 'unknown';
}
