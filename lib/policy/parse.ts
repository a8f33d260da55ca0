/** A resource policy's statement in one form, whatever of IAM's several notations it was written in. */
export interface Statement {
  /** Its Sid, or its place in the policy: how a reader finds it. */
  readonly name: string;
  readonly allows: boolean;
  /** `kind` as IAM has it: AWS, Service, CanonicalUser, Federated. `"Principal": "*"` is kind AWS, id `*`. */
  readonly principals: readonly { readonly kind: string; readonly id: string }[];
  /** `NotPrincipal`: everybody but the principals. */
  readonly allBut: boolean;
  readonly actions: readonly string[];
  /** `NotAction`: every action but these. */
  readonly allActionsBut: boolean;
  readonly conditions: readonly Condition[];
}

/** One key of a statement's Condition; all of a statement's have to hold. */
export interface Condition {
  /** Without `ForAnyValue:`, `ForAllValues:` and `IfExists`. */
  readonly operator: string;
  /** Lower case. */
  readonly key: string;
  readonly values: readonly string[];
  /** `IfExists` and `ForAllValues:` also hold for a request that lacks the key, so they keep nobody out. */
  readonly optional: boolean;
}

/** A JSON object as it was written: every member, known to us or not, in its order. */
export type Raw = Readonly<Record<string, unknown>>;

/** A policy as it was written, and what its statements say. */
export interface Policy {
  readonly document: Raw;
  readonly statements: readonly { readonly raw: Raw; readonly says: Statement }[];
}

/**
 * @param text the policy as the service answers it; `undefined` where the resource has none
 * @param resource the resource in words, e.g. `bucket charts`, for errors
 * @returns `null` where there is none
 * @throws when it is no policy: what cannot be read can neither be judged nor rewritten
 */
export function readPolicy(text: string | undefined, resource: string): Policy | null {
  if (text === undefined) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The policy of ${resource} is not JSON.`, { cause });
  }
  const document = asObject(json, `The policy of ${resource}`);
  const statements = list(document.Statement).map((one, index) => {
    const statement = asObject(one, `Statement ${index + 1} in the policy of ${resource}`);
    const says: Statement = {
      name: typeof statement.Sid === 'string' && statement.Sid ? statement.Sid : `statement ${index + 1}`,
      // Anything but a clear Deny is taken for what could open the bucket.
      allows: statement.Effect !== 'Deny',
      principals: principals(statement.Principal ?? statement.NotPrincipal),
      allBut: statement.NotPrincipal !== undefined,
      actions: strings(statement.Action ?? statement.NotAction),
      allActionsBut: statement.NotAction !== undefined,
      conditions: conditions(statement.Condition),
    };
    return { raw: statement, says };
  });
  return { document, statements };
}

function principals(principal: unknown): Statement['principals'] {
  if (typeof principal === 'string') return [{ kind: 'AWS', id: principal }];
  return Object.entries(asObject(principal ?? {}, 'A Principal')).flatMap(([kind, ids]) =>
    strings(ids).map((id) => ({ kind, id })),
  );
}

function conditions(condition: unknown): Condition[] {
  return Object.entries(asObject(condition ?? {}, 'A Condition')).flatMap(([name, keys]) =>
    Object.entries(asObject(keys, `Condition ${name}`)).map(([key, values]) => ({
      operator: name.replace(/^For(AnyValue|AllValues):/i, '').replace(/IfExists$/i, ''),
      key: key.toLowerCase(),
      values: strings(values),
      optional: /^ForAllValues:|IfExists$/i.test(name),
    })),
  );
}

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
/** One text or a list of texts, as IAM has it everywhere. */
export const strings = (value: unknown): string[] => list(value).map(String);

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error(`${what} is no object.`);
  return value as Record<string, unknown>;
}
