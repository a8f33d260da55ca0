import { createHash } from 'node:crypto';

/** A CloudFormation resource type, e.g. `AWS::S3::Bucket`; `AWS::::Account` is the account itself. */
export type TypeName = `AWS::${string}::${string}`;

/**
 * Identity of one resource. An S3 ARN names no account and an id is unique only within its region, so the key
 * has all five parts from the first day.
 */
export interface ResourceKey {
  /** `aws`, `aws-us-gov`, `aws-cn` ... */
  readonly partition: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly type: TypeName;
  /** The id the service's own API takes: a bucket name, a DB instance identifier, a security group id. */
  readonly id: string;
}

/** One line per key, unique. The id stands last because only it may hold any character. */
export const keyString = ({ partition, account, region, type, id }: ResourceKey): string =>
  [partition, account, region, type, id].join('|');

export const sameKey = (a: ResourceKey, b: ResourceKey): boolean => keyString(a) === keyString(b);

/** A short stable digest of any text: lowercase hex, `length` characters (at most 64). */
export const digest = (text: string, length = 16): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length);
