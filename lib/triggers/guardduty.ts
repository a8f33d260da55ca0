import type { TypeName } from '../resource.ts';
import { contradiction } from './arn.ts';
import { type Envelope, isAccount, isRegion } from './envelope.ts';
import { type Fields, fields, isoTime, isTrue, list, text } from './fields.ts';
import { KNOWN_TYPES } from './guardduty-types.ts';
import { namedByArn, namedById } from './locate/index.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { gravest, ignored, isRefusal, malformed, type Refusal, unresolved } from './outcome.ts';
import { controlsOf, keyOf, merged } from './route.ts';

/**
 * "GuardDuty Finding": one finding, sent when it is new and whenever it is seen again. Buckets and databases that it
 * names are looked at; GuardDuty's word about what was done to them changes nothing by itself.
 */
export function matchGuardDuty(envelope: Envelope, context: MatchContext): Match {
  const { detail } = envelope;
  const [id, type] = [text(detail.id), text(detail.type)];
  const [resource, service] = [fields(detail.resource), fields(detail.service)];
  const kind = text(resource.resourceType);
  // API and command line write these names with a capital: a copy of their output is not what GuardDuty sends.
  if (!id || !type || !kind || Object.keys(service).length === 0)
    return malformed('The finding has no "id", "type", "resource.resourceType" or "service" as GuardDuty writes them.');
  const version = detail.schemaVersion;
  if (version !== undefined && !text(version)?.startsWith('2.'))
    return malformed('The finding\'s schemaVersion is not "2.x".');
  const elsewhere = notHere(envelope);
  if (elsewhere) return elsewhere;

  const idle = staged(service);
  if (idle) return idle;
  if (kind === 'AttackSequence' || type.startsWith('AttackSequence:'))
    return ignored(`${type} is an attack sequence, which names no single resource: a person investigates.`);
  const suspects = suspectsIn(kind, resource);
  if (suspects.length === 0) return ignored(nothingNamed(kind, type));
  if (!KNOWN_TYPES.has(type)) return ignored(`${type} is no finding type that Suture knows.`);
  const time = isoTime(detail.updatedAt) ?? envelope.time;
  if (!time) return malformed('Neither updatedAt nor the envelope\'s "time" is a time in ISO 8601.');

  const found = suspects.map((suspect) => targetOf(suspect, envelope, context));
  const targets = found.filter((one) => !isRefusal(one)) as readonly Target[];
  const refusals = found.filter(isRefusal);
  if (targets.length === 0) return gravest(refusals)!;
  return {
    outcome: 'matched',
    cause: { source: 'guardduty', eventId: `${id}@${time}`, eventName: type, time, origin: 'looks' },
    targets: merged(targets),
    ...(refusals.length > 0 && { passedOver: refusals.map(({ reason }) => reason) }),
  };
}

/** The administrator account receives its members' findings as well; GuardDuty's regions are apart from each other. */
function notHere({ account, region, detail }: Envelope): Refusal | undefined {
  const [owner, where] = [text(detail.accountId), text(detail.region)];
  if (!owner || !isAccount(owner)) return malformed("The finding's accountId is not a number of twelve digits.");
  if (!where || !isRegion(where)) return malformed("The finding's region is not a region's name.");
  if (owner !== account) return ignored(`The finding is about account ${owner}: it comes to that account as well.`);
  if (where !== region) return malformed(`The envelope names region ${region}, and detail.region another.`);
  return undefined;
}

/** Why a finding is no news: made to be shown, or put away by a person. */
function staged({ archived, additionalInfo }: Fields): Refusal | undefined {
  if (isTrue(archived)) return ignored('The finding is archived.');
  const info = fields(additionalInfo);
  let inner: unknown;
  if (typeof info.value === 'string' && info.value !== '') {
    try {
      inner = JSON.parse(info.value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return malformed('service.additionalInfo.value is not JSON, so nothing says whether the finding is a sample.');
    }
  }
  return [info.sample, fields(inner).sample].some(isTrue) ? ignored('A sample finding.') : undefined;
}

/** What a finding names of one of our types: ids and ARNs that mean the same one. */
interface Suspect {
  readonly type: TypeName;
  readonly id: string | undefined;
  readonly arn: string | undefined;
}

/** `Policy:S3/*` comes with the resource type AccessKey too, and names its buckets all the same. */
function suspectsIn(kind: string, resource: Fields): readonly Suspect[] {
  if (kind === 'S3Bucket' || kind === 'S3Object' || kind === 'AccessKey')
    return list(resource.s3BucketDetails)
      .map(fields)
      .map(({ name, arn }) => ({ type: 'AWS::S3::Bucket', id: text(name), arn: text(arn) }));
  if (kind !== 'RDSDBInstance' || resource.rdsDbInstanceDetails === undefined) return [];
  const { dbInstanceIdentifier, dbInstanceArn } = fields(resource.rdsDbInstanceDetails);
  return [{ type: 'AWS::RDS::DBInstance', id: text(dbInstanceIdentifier), arn: text(dbInstanceArn) }];
}

const nothingNamed = (kind: string, type: string): string =>
  /^(?:S3Bucket|S3Object|RDSDBInstance)$/.test(kind) || type.startsWith('Policy:S3/')
    ? `${type} names no bucket and no database.`
    : `No control judges what GuardDuty calls ${kind}.`;

function targetOf({ type, id, arn: words }: Suspect, envelope: Envelope, context: MatchContext): Target | Refusal {
  const controls = controlsOf(type, context);
  if (controls.length === 0) return ignored(`No control judges ${type}.`);
  if (id?.includes('GeneratedFinding')) return ignored(`${id} is a name that only sample findings have.`);
  const byArn = words === undefined ? undefined : namedByArn(words);
  const named = (id === undefined ? undefined : namedById(type, id)) ?? byArn?.named;
  if (named?.type !== type) return unresolved(`The finding names a ${type} by what is neither its ARN nor its id.`);
  if (byArn && (byArn.named.type !== named.type || byArn.named.id !== named.id))
    return malformed(`The finding names ${named.type} ${named.id}, and another one by its ARN.`);
  const against = byArn && contradiction(byArn.arn, envelope);
  if (against) return malformed(`The finding came in account ${envelope.account} and names a resource of ${against}.`);
  if (byArn?.arn.region && byArn.arn.region !== envelope.region)
    return malformed(`The finding came in ${envelope.region} and names a resource in ${byArn.arn.region}.`);
  return { key: keyOf(named, envelope), controls, ...(named.lookup && { lookup: named.lookup }) };
}
