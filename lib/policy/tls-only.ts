import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '../control.ts';
import { covers } from './covers.ts';
import { type Policy, type Raw, type Statement, strings } from './parse.ts';

/** What a resource policy has to refuse without TLS, and how large the service lets it grow. */
export interface TlsOnly {
  /** The resource in words, e.g. `Bucket charts`. */
  readonly resource: string;
  /** ARNs, one with a star at its end for all that begin so. */
  readonly arns: readonly [string, ...string[]];
  /** As a statement names it: `s3:*`. */
  readonly action: string;
  /** Quotas of the service; `bytes` in UTF-8. */
  readonly most: { readonly bytes: number; readonly statements?: number };
}

const SID = 'SutureTlsOnly';
const SLOT = `policy/statement:${SID}` as const;

/** Our statement as it stands in the policy, or `null`. Its neighbours belong to others. */
export interface TlsSlots extends Readonly<Record<string, unknown>> {
  readonly [SLOT]: Raw | null;
}

export const REASONS = {
  open: '{{resource}} accepts requests without TLS: {{gap}}.',
  cannot:
    '{{resource}} accepts requests without TLS: {{gap}}. Suture does not add the statement that denies them: {{why}}.',
} as const;

/**
 * Judged as AWS Config's `s3-bucket-ssl-requests-only`: only statements that deny count. One that allows with TLS alone
 * keeps nobody out whom another policy lets in. Under which Sid a statement denies makes no difference.
 */
export function judgeTlsOnly(
  policy: Policy | null,
  rule: TlsOnly,
  blastRadius: readonly string[] = [],
): Verdict<keyof typeof REASONS, TlsSlots> {
  const open = rule.arns.filter((arn) => !policy?.statements.some((statement) => deniesPlain(statement, rule, arn)));
  if (open.length === 0) return { status: 'COMPLIANT' };
  const gap = policy ? `its policy does not deny them on ${open.join(' and ')}` : 'it has no policy';
  const data = { resource: rule.resource, gap };
  const statement = ours(policy, rule);
  const why = refusal(policy, withSlot(policy, statement), rule);
  if (why) return { status: 'NON_COMPLIANT', reason: 'cannot', data: { ...data, why }, desired: 'manual' };
  return { status: 'NON_COMPLIANT', reason: 'open', data, desired: { [SLOT]: statement }, blastRadius };
}

/** Denies everybody this action on this ARN without TLS, whatever else it may deny. */
function deniesPlain({ raw, says }: Policy['statements'][number], { action }: TlsOnly, arn: string): boolean {
  return (
    !says.allows &&
    !says.allBut &&
    says.principals.some(({ kind, id }) => kind === 'AWS' && id === '*') &&
    !says.allActionsBut &&
    says.actions.some((pattern) => covers(pattern.toLowerCase(), action.toLowerCase())) &&
    strings(raw.Resource).some((pattern) => covers(pattern, arn)) &&
    // All conditions have to hold for a denial: any other one would let some requests pass.
    says.conditions.every(isPlain)
  );
}

/** In a denial it makes no difference that `IfExists` also holds for a request that lacks the key. */
const isPlain = ({ operator, key, values }: Statement['conditions'][number]): boolean =>
  key === 'aws:securetransport' && /^Bool$/i.test(operator) && values.some((value) => value.toLowerCase() === 'false');

/** Somebody may have edited our statement: by its Sid and its purpose it is ours still. */
const isOurs = ({ raw, says }: Policy['statements'][number]): boolean =>
  typeof raw.Sid === 'string' &&
  /^SutureTlsOnly\d*$/.test(raw.Sid) &&
  !says.allows &&
  says.conditions.some(({ key }) => key === 'aws:securetransport');

const place = (policy: Policy | null): number => policy?.statements.findIndex(isOurs) ?? -1;

export const getTlsOnly = (policy: Policy | null): TlsSlots => ({
  [SLOT]: policy?.statements[place(policy)]?.raw ?? null,
});

function ours(policy: Policy | null, { arns: [first, ...more], action }: TlsOnly): Raw {
  return {
    Sid: getTlsOnly(policy)[SLOT]?.Sid ?? freeSid(policy),
    Effect: 'Deny',
    Principal: '*',
    Action: action,
    Resource: more.length > 0 ? [first, ...more] : first,
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Services refuse a policy with one Sid twice, and a statement of somebody else's may have taken ours. */
function freeSid(policy: Policy | null): string {
  const taken = new Set(policy?.statements.map(({ raw }) => raw.Sid));
  let sid = SID;
  for (let number = 2; taken.has(sid); number++) sid = `${SID}${number}`;
  return sid;
}

/** The policy with our statement so; `null` when no statement is left. Everything else stays as it is and where it is. */
function withSlot(policy: Policy | null, statement: Raw | null): Raw | null {
  const document = policy?.document ?? { Version: '2012-10-17' };
  const before = policy?.statements.map(({ raw }) => raw) ?? [];
  const at = place(policy);
  const now = statement ? [statement] : [];
  const after = at < 0 ? [...before, ...now] : before.toSpliced(at, 1, ...now);
  return after.length > 0 ? { ...document, Statement: after } : null;
}

/**
 * What to write so that our statement is as the slots say: the policy's text, `null` for no policy at all, `undefined`
 * when there is nothing to write.
 */
export function setTlsOnly(policy: Policy | null, slots: Partial<TlsSlots>): string | null | undefined {
  const statement = slots[SLOT];
  if (statement === undefined || isDeepStrictEqual(statement, getTlsOnly(policy)[SLOT])) return undefined;
  const document = withSlot(policy, statement);
  return document && JSON.stringify(document);
}

/** The id that IAM shows in a policy in the place of a user or role that was deleted: AIDA..., AROA... */
const DELETED = /^A(?:ID|RO)A[A-Z0-9]{12,}$/;

/** Why the service would not take the policy; `undefined` when nothing speaks against it. */
function refusal(before: Policy | null, after: Raw | null, { most }: TlsOnly): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(after));
  if (bytes > most.bytes) return `the policy would have ${bytes} bytes, and ${most.bytes} are allowed`;
  const count = Array.isArray(after?.Statement) ? after.Statement.length : 0;
  if (most.statements !== undefined && count > most.statements)
    return `the policy would have ${count} statements, and ${most.statements} are allowed`;
  const deleted = before?.statements
    .flatMap(({ says }) => says.principals)
    .find(({ kind, id }) => kind === 'AWS' && DELETED.test(id));
  if (deleted) return `the policy names ${deleted.id}, the id of a deleted user or role, and AWS takes no such policy`;
  return undefined;
}
