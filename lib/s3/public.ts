import type { Condition, Statement } from './policy.ts';

/** What the public could do. */
export type Side = 'read' | 'write';

/**
 * What a bucket policy lets the public do. Whether it is public at all is for S3 to say (`IsPublic` of
 * GetBucketPolicyStatus, the judgement that the public access block acts on); our own reading of the policy tells
 * reading from writing, and decides alone only where S3 gives no answer.
 * A policy that S3 calls public, and in which we find no public statement, counts as both.
 */
export function publicSides(statements: readonly Statement[], isPublic: boolean | undefined): ReadonlySet<Side> {
  if (isPublic === false) return new Set();
  const open = statements.filter(isOpen);
  if (isPublic && open.length === 0) return new Set(['read', 'write']);
  return new Set(open.flatMap(sides));
}

/** The names of the statements through which the public gets `side`. */
export const openStatements = (statements: readonly Statement[], side: Side): string[] =>
  statements.filter((statement) => isOpen(statement) && sides(statement).includes(side)).map(({ name }) => name);

/**
 * Whether a statement lets in anybody, by S3's own definition: it allows, to everybody, and no condition pins down the
 * request to fixed values. Denials are left out of account: what they leave open is more than a reading like this can tell.
 * Source: S3 User Guide, "Blocking public access to your Amazon S3 storage", section "The meaning of public".
 */
export function isOpen({ allows, allBut, principals, conditions }: Statement): boolean {
  return allows && (allBut || principals.some(({ id }) => id === '*')) && !conditions.some(pinsDown);
}

/** Condition keys whose fixed values make a statement not public. */
const PINNING = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);
const EQUALS = new Set(['stringequals', 'stringequalsignorecase', 'stringlike', 'arnequals', 'arnlike']);

function pinsDown({ operator, key, values, optional }: Condition): boolean {
  if (optional || values.length === 0) return false;
  if (key === 'aws:sourceip') return operator.toLowerCase() === 'ipaddress' && values.every(isNarrow);
  if (!PINNING.has(key) || !EQUALS.has(operator.toLowerCase())) return false;
  return values.every((value) => isFixed(value) || (key === 's3:dataaccesspointarn' && isAccessPointOfOne(value)));
}

/** No wildcard and no policy variable. */
const isFixed = (value: string): boolean => value !== '' && !/[*?]|\$\{/.test(value);
/** Here the access point's name may be a wildcard, as long as its account is fixed. */
const isAccessPointOfOne = (value: string): boolean => /^arn:[\w-]+:s3:[\w*-]+:\d{12}:accesspoint\/\S+$/.test(value);

/** Ranges broader than /8 in IPv4 and /32 in IPv6 count as the public. */
function isNarrow(cidr: string): boolean {
  const [address = '', bits] = cidr.split('/');
  const ipv6 = address.includes(':');
  if (!ipv6 && !/^\d+(\.\d+){3}$/.test(address)) return false;
  const length = bits === undefined ? (ipv6 ? 128 : 32) : Number(bits);
  return Number.isInteger(length) && length >= (ipv6 ? 32 : 8);
}

/** What a statement's actions come to. An action of a kind unknown to us counts as writing. */
function sides({ actions, allActionsBut }: Statement): Side[] {
  if (allActionsBut) return ['read', 'write'];
  return (['read', 'write'] as const).filter((side) => actions.some((action) => may(action, side)));
}

/** No S3 action that writes begins like one of these. */
const READING = ['get', 'list'];

function may(action: string, side: Side): boolean {
  const name = action.toLowerCase().replace(/^s3:/, '');
  const stem = name.split(/[*?]/, 1)[0] ?? '';
  const whole = stem === name;
  const reads = READING.some((verb) => stem.startsWith(verb) || (!whole && verb.startsWith(stem)));
  if (side === 'read') return reads;
  // `s3:*`, `s3:?etObject`: a pattern that says less than a verb may be any.
  return !reads || stem.length === 0;
}
