import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * What `@aws-sdk/credential-provider-node` is in a bundle: Lambda puts the role's credentials into the environment
 * before it starts the process, and replaces the process before they end.
 */
export const defaultProvider = fromEnv;
