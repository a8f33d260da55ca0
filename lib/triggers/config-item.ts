import type { TypeName } from '../resource.ts';
import { contradiction } from './arn.ts';
import { disagreement, type Envelope } from './envelope.ts';
import { type Fields, fields, isoTime, text } from './fields.ts';
import { namedByArn, namedById } from './locate/index.ts';
import type { Named } from './locate/locator.ts';
import type { Match, MatchContext } from './match.ts';
import { ignored, isRefusal, malformed, type Refusal, unresolved } from './outcome.ts';
import { controlsOf, keyOf } from './route.ts';

/** Source: `configurationItemStatus` of ConfigurationItem, AWS Config API Reference. */
const ORIGINS: Readonly<Record<string, 'looks' | 'deletes'>> = {
  OK: 'looks',
  ResourceDiscovered: 'looks',
  ResourceDeleted: 'deletes',
  ResourceDeletedNotRecorded: 'deletes',
};

/**
 * "Config Configuration Item Change": AWS Config recorded a resource anew, hours after the change if it records daily. What
 * it recorded is not read: the resource is. An item too big for an event comes as a summary, which names the resource alike.
 */
export function matchConfigItem(envelope: Envelope, context: MatchContext): Match {
  const { detail } = envelope;
  const item = [detail.configurationItem, detail.configurationItemSummary]
    .map(fields)
    .find((one) => Object.keys(one).length > 0);
  if (!item) return malformed('The event has neither detail.configurationItem nor detail.configurationItemSummary.');
  const refusal = disagreement(envelope, 'awsAccountId', 'awsRegion', item);
  if (refusal) return refusal;

  const type = text(item.resourceType);
  if (!type) return malformed('The configuration item has no resourceType.');
  const controls = controlsOf(type as TypeName, context);
  if (controls.length === 0) return ignored(`No control judges ${type}.`);
  const status = text(item.configurationItemStatus);
  if (status === 'ResourceNotRecorded') return ignored(`AWS Config does not record this ${type}.`);
  const origin = status !== undefined && Object.hasOwn(ORIGINS, status) ? ORIGINS[status] : undefined;
  if (!origin) return malformed(`The configuration item's status is ${status ?? 'missing'}.`);

  const named = nameOf(item, type as TypeName, envelope);
  if (isRefusal(named)) return named;
  if (origin === 'deletes' && named.lookup)
    return unresolved(
      `AWS Config names a deleted ${type} by ${named.id}, and it can no longer be asked which that was.`,
    );
  const time = isoTime(item.configurationItemCaptureTime) ?? envelope.time;
  if (!time) return malformed('Neither configurationItemCaptureTime nor the envelope\'s "time" is a time in ISO 8601.');
  return {
    outcome: 'matched',
    cause: { source: 'config', eventId: `${named.id}@${time}`, eventName: `${type} ${status}`, time, origin },
    targets: [{ key: keyOf(named, envelope), controls, ...(named.lookup && { lookup: named.lookup }) }],
  };
}

/** By its ARN where that says more: AWS Config's `resourceId` of a database is its DbiResourceId, which dies with it. */
function nameOf(item: Fields, type: TypeName, envelope: Envelope): Named | Refusal {
  const [arn, id] = [text(item.ARN), text(item.resourceId)];
  const byArn = arn === undefined ? undefined : namedByArn(arn);
  const against = byArn && contradiction(byArn.arn, envelope);
  if (against) return malformed(`The item came in account ${envelope.account} and names a resource of ${against}.`);
  if (byArn?.arn.region && byArn.arn.region !== envelope.region)
    return malformed(`The item came in ${envelope.region} and names a resource in ${byArn.arn.region}.`);
  const byId = id === undefined ? undefined : namedById(type, id);
  if (byArn && byArn.named.type !== type) return malformed(`The item's ARN names no ${type}.`);
  if (byArn && byId && !byId.lookup && !byArn.named.lookup && byArn.named.id !== byId.id)
    return malformed("The item's ARN and resourceId name two different resources.");
  const name = byArn?.named ?? byId;
  return name ?? unresolved(`AWS Config names a ${type} by what cannot be its id (configurationItem.resourceId).`);
}
