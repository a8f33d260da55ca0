import type { Cause, Principal } from '../cause.ts';
import type { TypeName } from '../resource.ts';
import { contradiction, readArn } from './arn.ts';
import { disagreement, type Envelope, isRegion, partitionOf } from './envelope.ts';
import { type Fields, fields, isoTime, isTrue, text } from './fields.ts';
import { locatorOf, namedByArn } from './locate/index.ts';
import type { ApiCall, Named } from './locate/locator.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { ignored, isRefusal, malformed, type Refusal, unresolved } from './outcome.ts';
import { controlsOf, deletedBy, keyOf, listenersOf, merged, weakest } from './route.ts';

/** "AWS API Call via CloudTrail": one call, which says who did what, and mostly to which resource. */
export function matchCloudTrail(envelope: Envelope, context: MatchContext): Match {
  const { detail, account, region } = envelope;
  const refusal = disagreement(envelope, 'recipientAccountId', 'awsRegion');
  if (refusal) return refusal;

  const [source, name] = [text(detail.eventSource), text(detail.eventName)];
  if (!source || !name) return malformed('The CloudTrail event has no "eventSource" or no "eventName".');
  const listeners = listenersOf(source, name, context);
  const deleted = deletedBy(source, name, context).filter((type) => controlsOf(type, context).length > 0);
  if (listeners.length === 0 && deleted.length === 0) return ignored(`No control listens to ${name} of ${source}.`);

  if (failed(detail)) return ignored(`${name} failed: it changed nothing.`);
  if (isTrue(detail.readOnly)) return ignored(`${name} only reads.`);
  const principal = principalOf(detail);
  if (principal?.issuerArn && context.ownRoles.includes(principal.issuerArn))
    return ignored(`${name} was called by Suture's own role ${principal.issuerArn}.`);
  const time = isoTime(detail.eventTime) ?? envelope.time;
  if (!time) return malformed('Neither detail.eventTime nor the envelope\'s "time" is a time in ISO 8601.');

  const call: ApiCall = {
    name,
    region,
    parameters: fields(detail.requestParameters),
    response: fields(detail.responseElements),
  };
  const wanted = new Set<TypeName>([...listeners.flatMap(({ resources }) => resources), ...deleted]);
  const named = touched(call, source, detail, wanted);
  if (named.length === 0)
    return unresolved(
      `${name} of ${source} does not say which ${[...wanted].join(' or ')} it touched (left out, hidden or empty); ` +
        `look at those changed in ${account} ${region} around ${time}.`,
    );

  const targets: Target[] = [];
  for (const one of named) {
    const placed = place(one, envelope);
    if (isRefusal(placed)) return placed;
    const owner = ownerOf(placed, detail);
    if (owner && owner !== account)
      return ignored(`${placed.type} ${placed.id} belongs to account ${owner}, whose own Suture looks at it.`);
    const controls = deleted.includes(placed.type)
      ? controlsOf(placed.type, context)
      : listeners.filter(({ resources }) => resources.includes(placed.type)).map(({ id }) => id);
    targets.push({ key: keyOf(placed, envelope), controls, ...(placed.lookup && { lookup: placed.lookup }) });
  }

  // Only the deletion of all that it names closes findings; if it leads elsewhere as well, the state tells what is gone.
  const gone = targets.every(({ key }) => deleted.includes(key.type));
  const claimed = weakest(listeners.map(({ origin }) => origin));
  const [sourceAddress, userAgent] = [text(detail.sourceIPAddress), text(detail.userAgent)];
  const cause: Cause = {
    source: 'cloudtrail',
    eventId: text(detail.eventID) ?? '',
    eventName: name,
    time,
    origin: gone ? 'deletes' : (locatorOf(source)?.proves?.(call, claimed) ?? claimed),
    ...(principal && { principal }),
    ...(sourceAddress && { sourceAddress }),
    ...(userAgent && { userAgent }),
  };
  return { outcome: 'matched', cause, targets: merged(targets) };
}

/** A failed call has an `errorCode`; the empty one was seen on calls that succeeded. `Client.DryRunOperation` is one too. */
const failed = ({ errorCode }: Fields): boolean => errorCode !== undefined && errorCode !== null && errorCode !== '';

/**
 * The resources a call names, else the one that CloudTrail's `resources` names: parameters above 100 KB are left out of
 * an event. With several of the type there, which one was meant is a guess.
 */
function touched(call: ApiCall, source: string, detail: Fields, wanted: ReadonlySet<TypeName>): readonly Named[] {
  const named = (locatorOf(source)?.call(call) ?? []).filter(({ type }) => wanted.has(type));
  if (named.length > 0) return named;
  const arns = resourcesOf(detail).flatMap(({ ARN }) => text(ARN) ?? []);
  const listed = [...new Set(arns)].flatMap((arn) => {
    const found = namedByArn(arn);
    return found && wanted.has(found.named.type) ? [{ ...found.named, id: arn }] : [];
  });
  return listed.length === 1 ? listed : [];
}

const resourcesOf = ({ resources }: Fields): readonly Fields[] =>
  Array.isArray(resources) ? resources.map(fields) : [];

/** Turns an id that is a whole ARN into the service's own id, and refuses what lies in another account or partition. */
function place(named: Named, envelope: Envelope): Named | Refusal {
  if (named.id.startsWith('arn:')) {
    const arn = readArn(named.id);
    const against = arn && contradiction(arn, envelope);
    if (against) return malformed(`The call came in account ${envelope.account} and names a resource of ${against}.`);
    // A call acts where it is made: an ARN of another region cannot be what it changed.
    if (arn?.region && arn.region !== envelope.region)
      return malformed(`The call came in ${envelope.region} and names a resource in ${arn.region}.`);
    const found = namedByArn(named.id)?.named;
    return found?.type === named.type && found.lookup === named.lookup
      ? found
      : unresolved(`The call names no ${named.type}, but something else by its ARN.`);
  }
  if (named.region !== undefined && (!isRegion(named.region) || partitionOf(named.region) !== envelope.partition))
    return malformed(`The call names ${named.region}, which is no region of ${envelope.partition}.`);
  return named;
}

/** The account CloudTrail says owns it. A call from here on another account's bucket is recorded in both accounts. */
function ownerOf(named: Named, detail: Fields): string | undefined {
  const entries = resourcesOf(detail).filter(({ type }) => type === named.type);
  const own = entries.find(({ ARN }) => namedByArn(text(ARN) ?? '')?.named.id === named.id);
  return text((own ?? (entries.length === 1 ? entries[0] : undefined))?.accountId);
}

/** Who called: CloudTrail's `userIdentity`, reduced to what names a person, a role or a service. Service events have none. */
function principalOf(detail: Fields): Principal | undefined {
  const identity = fields(detail.userIdentity);
  if (Object.keys(identity).length === 0) return undefined;
  const [arn, accountId, issuerArn, invokedBy] = [
    text(identity.arn),
    text(identity.accountId),
    text(fields(fields(identity.sessionContext).sessionIssuer).arn),
    text(identity.invokedBy),
  ];
  return {
    type: text(identity.type) ?? 'Unknown',
    ...(arn && { arn }),
    ...(accountId && { accountId }),
    ...(issuerArn && { issuerArn }),
    ...(invokedBy && { invokedBy }),
  };
}
