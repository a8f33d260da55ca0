/** A bucket policy's statement in one form, whatever of IAM's several notations it was written in. */
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

/**
 * @param text the policy as GetBucketPolicy answers it; `undefined` where the bucket has none
 * @throws when it is no policy: what cannot be read cannot be judged
 */
export function parsePolicy(text: string | undefined, bucket: string): readonly Statement[] {
  if (text === undefined) return [];
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The policy of bucket ${bucket} is not JSON.`, { cause });
  }
  const { Statement } = asObject(policy, `The policy of bucket ${bucket}`);
  return list(Statement).map((raw, index) => {
    const statement = asObject(raw, `Statement ${index + 1} in the policy of bucket ${bucket}`);
    return {
      name: typeof statement.Sid === 'string' && statement.Sid ? statement.Sid : `statement ${index + 1}`,
      // Anything but a clear Deny is taken for what could open the bucket.
      allows: statement.Effect !== 'Deny',
      principals: principals(statement.Principal ?? statement.NotPrincipal),
      allBut: statement.NotPrincipal !== undefined,
      actions: strings(statement.Action ?? statement.NotAction),
      allActionsBut: statement.NotAction !== undefined,
      conditions: conditions(statement.Condition),
    };
  });
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
const strings = (value: unknown): string[] => list(value).map(String);

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Error(`${what} is no object.`);
  return value as Record<string, unknown>;
}
