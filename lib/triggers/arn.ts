import { parse, validate } from '@aws-sdk/core/util';
import type { Envelope } from './envelope.ts';

/** The parts of an ARN; `region` and `account` are '' where the service leaves them out, as S3 does. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** Reads an ARN; `undefined` for anything that is none. */
export function readArn(value: string): Arn | undefined {
  if (!validate(value)) return undefined;
  const { partition, service, region, accountId, resource } = parse(value);
  return { partition, service, region, account: accountId, resource };
}

/** Says in words how an ARN contradicts the envelope's account or partition; `undefined` when it does not. */
export function contradiction(arn: Arn, { account, partition }: Envelope): string | undefined {
  if (arn.partition !== partition) return `partition ${arn.partition || '(none)'} and not ${partition}`;
  if (arn.account && arn.account !== account) return `account ${arn.account} and not ${account}`;
  return undefined;
}
