import type { TypeName } from '../resource.ts';
import { type Arn, contradiction } from './arn.ts';
import type { Envelope } from './envelope.ts';
import { namedByArn, namedById } from './locate/index.ts';
import type { Named } from './locate/locator.ts';
import type { MatchContext, Target } from './match.ts';
import { ignored, malformed, type Refusal, unresolved } from './outcome.ts';
import { controlsOf, keyOf } from './route.ts';

/** One resource as a finding of Security Hub names it. */
export interface FindingResource {
  /** ASFF's or CloudFormation's word, e.g. `AwsS3Bucket`, `AWS::S3::Bucket`. */
  readonly type: string | undefined;
  /** Its names, the most trustworthy first: an ARN, `AWS::KMS::Key:<id>`, or the bare id. */
  readonly names: readonly (string | undefined)[];
  readonly region: string | undefined;
  /** Where the name stands in the finding, for a reader. */
  readonly place: string;
}

/** Where a finding's resource leads; the finding is about the envelope's account. */
export function targetOf(
  { type, names, region: said, place }: FindingResource,
  envelope: Envelope,
  context: MatchContext,
): Target | Refusal {
  const found = names.flatMap((one) => (one ? (named(one, type, context) ?? []) : []))[0];
  if (!found) {
    const ours = context.types.find((spec) => isOf(spec, type) && controlsOf(spec.name, context).length > 0);
    return ours
      ? unresolved(`The finding names a ${ours.name} by what is neither its ARN nor its id (${place}).`)
      : ignored(`No control judges ${type ?? 'a resource without Type'}.`);
  }
  const controls = controlsOf(found.named.type, context);
  if (controls.length === 0) return ignored(`No control judges ${found.named.type}.`);
  const against = found.arn && contradiction(found.arn, envelope);
  if (against) return malformed(`The finding is about account ${envelope.account} and names a resource of ${against}.`);
  const region = found.arn?.region || said || envelope.region;
  if (region !== envelope.region)
    return ignored(`${found.named.type} ${found.named.id} lies in ${region}, and only the function there acts on it.`);
  const { lookup } = found.named;
  return { key: keyOf(found.named, envelope), controls, ...(lookup && { lookup }) };
}

const isOf = (spec: { readonly asff: string; readonly name: string }, type: string | undefined): boolean =>
  spec.asff === type || spec.name === type;

const TYPED_ID = /^(AWS::[A-Za-z0-9]*::[A-Za-z0-9]+):(.+)$/;

/** Reads one of the ways in which findings name a resource. */
function named(
  text: string,
  said: string | undefined,
  { types }: MatchContext,
): { named: Named; arn?: Arn } | undefined {
  const byArn = namedByArn(text);
  if (byArn) return byArn;
  const [, typed, typedId] = TYPED_ID.exec(text) ?? [];
  const type = typed ?? types.find((spec) => isOf(spec, said))?.name;
  const byId = type && namedById(type as TypeName, typedId ?? text);
  return byId ? { named: byId } : undefined;
}
