import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ResourceKey } from '../lib/resource.ts';
import { type Io, Refusal } from './io.ts';

/** Whose credentials these are. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
}

/** @throws Refusal when there are no credentials */
export async function whoCalls(region: string): Promise<Caller> {
  const sts = new STSClient({ region });
  try {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    if (!Account || !Arn) throw new Refusal('AWS does not say whose credentials these are; nothing was done.');
    return { account: Account, arn: Arn };
  } catch (error) {
    if (!(error instanceof Error && error.name === 'CredentialsProviderError')) throw error;
    throw new Refusal(
      'There are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (an emulator takes any value).',
    );
  } finally {
    sts.destroy();
  }
}

/**
 * The region of the deployment: ledger and evidence lie there.
 * @param keys the resources in question, whose region serves when the environment names none
 */
export function homeRegion({ env }: Io, keys: readonly Pick<ResourceKey, 'region'>[]): string {
  const said = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (said) return said;
  const [region, ...others] = new Set(keys.map((key) => key.region));
  if (region && others.length === 0) return region;
  throw new Refusal(
    region
      ? `These are resources of ${[region, ...others].join(', ')}: set AWS_REGION to the region Suture is deployed in.`
      : 'Set AWS_REGION to the region Suture is deployed in.',
  );
}

/** @throws Refusal when one of the resources is of another account than the credentials */
export function checkAccount({ account, arn }: Caller, keys: readonly ResourceKey[]): void {
  const others = [...new Set(keys.map((key) => key.account))].filter((each) => each !== account);
  if (others.length === 0) return;
  throw new Refusal(
    `The credentials are those of account ${account} (${arn}), and this is about account ${others.join(', ')}: nothing was done. Use credentials of that account.`,
  );
}
