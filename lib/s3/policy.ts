import { readPolicy, type Statement } from '../policy/parse.ts';

export type { Condition, Statement } from '../policy/parse.ts';

/**
 * @param text the policy as GetBucketPolicy answers it; `undefined` where the bucket has none
 * @throws when it is no policy: what cannot be read cannot be judged
 */
export const parsePolicy = (text: string | undefined, bucket: string): readonly Statement[] =>
  readPolicy(text, `bucket ${bucket}`)?.statements.map(({ says }) => says) ?? [];
