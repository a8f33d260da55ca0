import type { TypeName } from '../resource.ts';

// `any` is the only supertype of the SDK's generated constructors: their inputs are contravariant.
// biome-ignore lint/suspicious/noExplicitAny: see above
type CommandClass = new (input: any) => { resolveMiddleware(...args: any[]): (args: any) => Promise<{ output: any }> };
// biome-ignore lint/suspicious/noExplicitAny: see above
export type ClientClass = new (config: any) => { send(command: any, options?: any): Promise<any>; destroy(): void };

/** The resource that one call reads or writes: what a lease must cover, and whose absence means "gone". */
export interface ActsOn {
  readonly type: TypeName;
  readonly id: string;
}

/** One AWS operation as a value: its command, the IAM it needs, what it acts on, and what its errors mean. */
export interface Op<
  C extends CommandClass = CommandClass,
  K extends 'read' | 'write' = 'read' | 'write',
  N extends boolean = boolean,
> {
  readonly kind: K;
  /** Service prefix and API operation, e.g. `s3:PutBucketEncryption`: the name in intents, evidence and documentation. */
  readonly name: string;
  readonly client: ClientClass;
  readonly command: C;
  /** The IAM actions the call needs; often not the operation's own name (`PutBucketEncryption` needs `s3:PutEncryptionConfiguration`). */
  readonly iam: readonly string[];
  /** The IAM resource as a CloudFormation `Fn::Sub` text, or `*` where IAM supports no resource for the action. */
  readonly arn: string;
  readonly on: (input: unknown) => ActsOn | undefined;
  /** Error names that mean: what it acts on does not exist. */
  readonly gone: readonly string[];
  /** Error names that mean: it exists, and has no such configuration. The call then answers `undefined`. */
  readonly none: readonly string[];
  readonly mayBeNone: N;
}
export type ReadOp = Op<CommandClass, 'read'>;
export type WriteOp = Op<CommandClass, 'write'>;
export type InputOf<O extends Op> = ConstructorParameters<O['command']>[0];
type Output<C extends CommandClass> = Awaited<ReturnType<ReturnType<InstanceType<C>['resolveMiddleware']>>>['output'];
export type OutputOf<O extends Op> =
  O extends Op<infer C, 'read' | 'write', infer N> ? Output<C> | (true extends N ? undefined : never) : never;

interface Needs<C extends CommandClass> {
  readonly iam: readonly [string, ...string[]];
  readonly arn?: string;
  readonly on?: (input: ConstructorParameters<C>[0]) => ActsOn | undefined;
  readonly gone?: readonly string[];
}

/**
 * The operations of one service: `const s3 = service('s3', S3Client)`, then `s3.read('GetBucketAcl', GetBucketAclCommand, {...})`.
 * The name is given as text because the bundler renames classes.
 */
export function service(prefix: string, client: ClientClass) {
  const make = <C extends CommandClass, K extends 'read' | 'write', N extends boolean>(
    kind: K,
    operation: string,
    command: C,
    { iam, arn = '*', on, gone = [] }: Needs<C>,
    none: readonly string[],
    mayBeNone: N,
  ): Op<C, K, N> => ({
    kind,
    name: `${prefix}:${operation}`,
    client,
    command,
    iam,
    arn,
    on: (on ?? (() => undefined)) as (input: unknown) => ActsOn | undefined,
    gone,
    none,
    mayBeNone,
  });
  return {
    /** A read whose answer always exists as long as the resource does. */
    read: <C extends CommandClass>(operation: string, command: C, needs: Needs<C>): Op<C, 'read', false> =>
      make('read', operation, command, needs, [], false),
    /** A read that may find nothing configured: the errors named in `none` answer `undefined`. */
    readOptional: <C extends CommandClass>(
      operation: string,
      command: C,
      needs: Needs<C> & { readonly none: readonly [string, ...string[]] },
    ): Op<C, 'read', true> => make('read', operation, command, needs, needs.none, true),
    write: <C extends CommandClass>(operation: string, command: C, needs: Needs<C>): Op<C, 'write', false> =>
      make('write', operation, command, needs, [], false),
  };
}

/**
 * Everything a paginated read has to give, page by page.
 * @param next sends the read with the marker of the page before (`undefined` for the first)
 * @param marker finds the marker of the next page in an answer
 */
export async function* pages<P>(
  next: (marker: string | undefined) => Promise<P>,
  marker: (page: P) => string | undefined,
): AsyncGenerator<P> {
  let token: string | undefined;
  do {
    const page = await next(token);
    yield page;
    token = marker(page) || undefined;
  } while (token);
}
