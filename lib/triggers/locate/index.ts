import type { TypeName } from '../../resource.ts';
import { readArn } from '../arn.ts';
import { ec2 } from './ec2.ts';
import type { Locator, Named } from './locator.ts';
import { rds } from './rds.ts';
import { s3 } from './s3.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';

/** One line per service. */
const LOCATORS: readonly Locator[] = [s3, rds, ec2, sqs, sns];

/** The locator for CloudTrail's `eventSource`. */
export const locatorOf = (source: string): Locator | undefined => LOCATORS.find((locator) => locator.source === source);

/** What an ARN names, with the ARN's parts; `undefined` when it is no ARN or of a type nobody here judges. */
export function namedByArn(value: string) {
  const arn = readArn(value);
  const named = arn && LOCATORS.find(({ namespace }) => namespace === arn.service)?.arn(arn);
  // An ARN within an ARN (an RDS name may not hold a colon, other services' may) would be read for ever.
  return arn && named && !named.id.startsWith('arn:') ? { arn, named } : undefined;
}

/** What a bare id of a known type names. An ARN is none: what it names follows from its parts. */
export function namedById(type: TypeName, id: string): Named | undefined {
  const named = LOCATORS.find(({ types }) => types.includes(type))?.id(type, id);
  return named && !named.id.startsWith('arn:') ? named : undefined;
}
