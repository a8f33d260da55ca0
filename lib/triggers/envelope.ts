import { partition } from '@aws-sdk/core/client';
import { type Fields, fields, isoTime, text } from './fields.ts';
import { malformed, type Refusal } from './outcome.ts';

/** EventBridge's envelope, as far as routing needs it. `resources` is never the target: it is empty or a finding's ARN. */
export interface Envelope {
  readonly detailType: string;
  readonly source: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** When the event was put on the bus, ISO 8601; each source prefers a time of its own. */
  readonly time?: string;
  readonly detail: Fields;
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]+(?:-[a-z]+)+-\d+$/;

export const isAccount = (value: string): boolean => ACCOUNT.test(value);
export const isRegion = (value: string): boolean => REGION.test(value);

/**
 * The partition a region lies in, from the SDK's own table. It answers `aws` for anything it does not know, so ask
 * only for what has a region's shape.
 */
export const partitionOf = (region: string): string => String(partition(region).name);

/** Reads the envelope, or says which field makes it none. */
export function openEnvelope(event: unknown): Envelope | Refusal {
  const envelope = fields(event);
  const [detailType, source, account, region] = [
    text(envelope['detail-type']),
    text(envelope.source),
    text(envelope.account),
    text(envelope.region),
  ];
  if (!detailType || !source)
    return malformed('The event has no "detail-type" or no "source": it is not from EventBridge.');
  if (!account || !isAccount(account)) return malformed('The envelope\'s "account" is not a number of twelve digits.');
  if (!region || !isRegion(region)) return malformed('The envelope\'s "region" is not a region\'s name.');
  const detail = fields(envelope.detail);
  if (Object.keys(detail).length === 0) return malformed('The event\'s "detail" is empty or not an object.');
  const time = isoTime(envelope.time);
  return { detailType, source, account, region, partition: partitionOf(region), ...(time && { time }), detail };
}

/** CloudTrail's and sign-in's word for a call to a global endpoint; it contradicts no region. */
const NO_REGION = new Set<unknown>([undefined, null, 'global', 'aws-global']);

/**
 * Account and region of envelope and detail must be the same where the detail names them. In most CloudTrail events of
 * before 2022 it names no account, in a few no region: then the envelope's word stands alone.
 * @param detail where the two fields stand, if it is not the event's `detail` itself
 * @returns the refusal, or `undefined` when they agree
 */
export function disagreement(
  envelope: Envelope,
  accountField: string,
  regionField: string,
  detail: Fields = envelope.detail,
): Refusal | undefined {
  const { account, region } = envelope;
  const said = detail[accountField];
  if (said !== undefined && said !== null && said !== account)
    return malformed(`The envelope names account ${account}, and detail.${accountField} another.`);
  if (!NO_REGION.has(detail[regionField]) && detail[regionField] !== region)
    return malformed(`The envelope names region ${region}, and detail.${regionField} another.`);
  return undefined;
}
