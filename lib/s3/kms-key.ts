import type { KeyMetadata } from '@aws-sdk/client-kms';
import type { ResourceKey } from '../resource.ts';

type Place = Pick<ResourceKey, 'partition' | 'account' | 'region'>;

/** A KMS ARN's parts, or `undefined` for any other text. `resource`: `key/<id>` or `alias/<name>`. */
export function parseKmsArn(arn: string): (Place & { readonly resource: string }) | undefined {
  const [, partition = '', region = '', account = '', resource = ''] =
    /^arn:([\w-]+):kms:([\w-]+):(\d{12}):((?:key|alias)\/\S+)$/.exec(arn) ?? [];
  return resource ? { partition, region, account, resource } : undefined;
}

/**
 * One way of writing for what a bucket may name in four: key ARN, key id, alias ARN, alias name. Id and name alone mean
 * the bucket's own account and Region. A multi-Region key has one id in all its Regions and is another key in each.
 */
export function asKmsArn(named: string, { partition, account, region }: Place): string {
  if (named.startsWith('arn:')) return named;
  const resource = /^(key|alias)\//.test(named) ? named : `key/${named}`;
  return `arn:${partition}:kms:${region}:${account}:${resource}`;
}

export const isAlias = (arn: string): boolean => parseKmsArn(arn)?.resource.startsWith('alias/') === true;

/**
 * Why S3 could not encrypt a bucket with a key, in words that go on after "the key"; `undefined` when it can.
 * @param arn as the settings name it
 * @param key as KMS describes it; `undefined`: there is none of this name, or it was out of place and not asked for
 */
export function unusable(arn: string, key: KeyMetadata | undefined, bucket: Place): string | undefined {
  const place = parseKmsArn(arn);
  if (!place) return 'is no ARN of a KMS key';
  if (place.account !== bucket.account) return `belongs to another account, ${place.account}`;
  if (place.region !== bucket.region || place.partition !== bucket.partition)
    return `is in ${place.region}, and S3 needs one in ${bucket.region}`;
  if (!key) return 'does not exist';
  if (key.KeyManager === 'AWS') return 'is managed by AWS: name no key at all to use the one for S3';
  if (key.KeyState !== 'Enabled') return `is in the state ${key.KeyState ?? 'unknown'}`;
  // KMS keys of this spec, and only they, encrypt symmetrically; they have no other use.
  if (key.KeySpec !== 'SYMMETRIC_DEFAULT') return `is no symmetric encryption key (${key.KeySpec})`;
  return undefined;
}

/** Whether KMS can be asked about it: only of keys in the bucket's own account and Region has the function a right to know. */
export function isInPlace(arn: string, bucket: Place): boolean {
  const place = parseKmsArn(arn);
  return place?.account === bucket.account && place.region === bucket.region && place.partition === bucket.partition;
}
