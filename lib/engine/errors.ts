import { isClockSkewError, isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/** What an error of a call means for what to do next, whatever service it came from. */
export type Kind =
  /** We lack a permission: terminal, somebody has to give it. */
  | 'denied'
  /** Too many calls: later. */
  | 'throttled'
  /** The service or the way to it failed, or our own time ran out: later. */
  | 'server'
  | 'other';

/**
 * Services name a refusal differently, and some send it as a 400. EC2 puts `Client.` in front in its events and leaves
 * it out in its answers.
 */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'ExpiredToken',
  'ExpiredTokenException',
  'Forbidden',
  'InvalidClientTokenId',
  'KMS.AccessDeniedException',
  'NotAuthorized',
  'UnauthorizedException',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
]);

/** S3 is at work on the same bucket and asks to be called again; no list of the SDK's has it ("List of Error Codes"). */
const CONFLICT = 'OperationAborted';

type SdkError = Parameters<typeof isThrottlingError>[0];

/** @param thrown whatever a call threw; what is no error of the SDK or the network is `other` */
export function classify(thrown: unknown): Kind {
  if (typeof thrown !== 'object' || thrown === null || !('name' in thrown)) return 'other';
  const error = thrown as SdkError;
  const status = error.$metadata?.httpStatusCode;
  if (DENIED.has(error.name.replace(/^Client\./, ''))) return 'denied';
  // A wrong clock is refused with the same status; the SDK has corrected it and tried again by then.
  if ((status === 401 || status === 403) && !isClockSkewError(error)) return 'denied';
  if (isThrottlingError(error)) return 'throttled';
  if (isServerError(error) || isTransientError(error)) return 'server';
  return error.name === 'AbortError' || error.name === CONFLICT ? 'server' : 'other';
}

/**
 * An error as logs and findings may name it. A service's message can quote what it was sent, so of those only the name
 * is told; a plain `Error` is our own, and its message is what helps.
 */
export const told = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.name === 'Error' ? thrown.message : thrown.name;
};
