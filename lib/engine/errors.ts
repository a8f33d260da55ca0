import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';

/** What an error of a call means for what to do next, whatever service it came from. */
export type Kind =
  /** We lack a permission: terminal, somebody has to give it. */
  | 'denied'
  /** Too many calls: later. */
  | 'throttled'
  /** The service or the way to it failed: later. */
  | 'server'
  | 'other';

/** Services name a refusal differently; EC2 puts `Client.` in front in its events and leaves it out in its answers. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthorizationError',
  'AuthorizationErrorException',
  'NotAuthorized',
  'UnauthorizedException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'ExpiredToken',
  'ExpiredTokenException',
  'KMS.AccessDeniedException',
]);

/** Error codes of Node's network stack, which the SDK hands on as they are. */
const NETWORK = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** @param thrown whatever a call threw; what is no error of the SDK or the network is `other` */
export function classify(thrown: unknown): Kind {
  if (!(thrown instanceof Error)) return 'other';
  const error = thrown as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
  if (DENIED.has(error.name.replace(/^Client\./, ''))) return 'denied';
  if (isThrottlingError(error as never)) return 'throttled';
  if (isServerError(error as never) || isTransientError(error as never)) return 'server';
  return NETWORK.has(error.code ?? '') || error.name === 'TimeoutError' ? 'server' : 'other';
}
