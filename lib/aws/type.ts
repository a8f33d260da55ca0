import type { Caller } from '../control.ts';
import type { ResourceKey, TypeName } from '../resource.ts';
import type { ReadOp } from './op.ts';

/** What the product knows of one resource type; one value per type in `lib/aws/<service>.ts`; `npm run generate` lists them in `functions/catalog.ts`. */
export interface ResourceTypeSpec<D extends ReadOp = ReadOp> {
  readonly name: TypeName;
  /** ASFF's `Resources[].Type`, e.g. `AwsS3Bucket`. */
  readonly asff: string;
  /** The resource's ARN, for findings. */
  arn(key: ResourceKey): string;
  /** The CloudTrail calls after which it no longer exists: they close its findings. */
  readonly deletedBy: { readonly source: `${string}.amazonaws.com`; readonly events: readonly string[] };
  /** Operations that `list` and `lookups` send. */
  readonly reads: readonly D[];
  /** Ids of all resources of this type in one account and region, streamed page by page. */
  list(call: Caller<D>, where: Pick<ResourceKey, 'account' | 'region'>): AsyncIterable<string>;
  /**
   * Ways from what an event names to ids of this type, where the two differ: a parameter group to the databases that
   * use it, a DbiResourceId to the DB instance's identifier.
   */
  readonly lookups?: Readonly<Record<string, (named: string, call: Caller<D>) => AsyncIterable<string>>>;
}

/** Gives a type spec its operations' types. */
export const defineType = <D extends ReadOp>(spec: ResourceTypeSpec<D>): ResourceTypeSpec<D> => spec;
// biome-ignore lint/suspicious/noExplicitAny: a registry of specs with different reads
export type AnyTypeSpec = ResourceTypeSpec<any>;
