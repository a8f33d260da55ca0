import type { Parameter } from '@aws-sdk/client-rds';
import { pages } from '../aws/op.ts';
import {
  describeDBInstances,
  describeDBParameterGroups,
  describeDBParameters,
  listTagsForResource,
  OWN_GROUP_PREFIX,
  usersOfGroup,
} from '../aws/rds.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { type Database, readInstance } from './database.ts';

export const reads = [describeDBInstances, describeDBParameters, describeDBParameterGroups, listTagsForResource];
type Call = Caller<(typeof reads)[number]>;

/** One parameter of one engine that a control requires. */
export interface RequiredParameter<P extends string = string> {
  readonly control: string;
  /** `DBInstance.Engine` of the databases that have it. */
  readonly engine: string;
  /** The engine's name for people. */
  readonly product: string;
  readonly name: P;
  /** The value it must have. */
  readonly value: string;
  /** What holds where a group does not say; `undefined` when that is not known for the version. */
  readonly byDefault: (version: string) => string | undefined;
}

/** A parameter as a group has it. */
export interface Setting {
  /** The value somebody set; `null` while the engine's or RDS's own default holds. */
  readonly set: string | null;
  /** The value that holds for databases of this group once they have taken it over; `undefined`: not known. */
  readonly value: string | undefined;
  /** A change takes effect without a restart. `false` also where RDS does not say. */
  readonly dynamic: boolean;
}

/** The parameter group that Suture makes for one database that would otherwise use a default group. */
export interface OwnGroup {
  readonly name: string;
  readonly family: string;
  /** `others`: a group of this name is there, and it does not carry our tags. */
  readonly madeBy: 'nobody' | 'us' | 'others';
  /** The required parameter's value in it, if set. */
  readonly set: string | null;
  /** Other parameters somebody set in it since. Then it is theirs, too: it is not deleted any more. */
  readonly alsoSets: readonly string[];
}

/** What is observed of one database, seen through one parameter. */
export interface ParameterState {
  readonly database: Database;
  /** `undefined` where the control does not apply: nothing more was read. */
  readonly setting: Setting | undefined;
  /** `undefined` while none is attached and none is needed. */
  readonly own: OwnGroup | undefined;
  /** Other databases that use the attached group; read only where changing that group is the fix. */
  readonly sharedWith: readonly string[];
}

/** AWS's own groups cannot be changed; no other name may hold a dot. */
export const isDefault = (group: string): boolean => group.startsWith('default.');

/**
 * The name of the group that Suture makes for a database. The family comes first: no family is another one with a hyphen
 * and a letter behind it, and an identifier begins with a letter, so two databases never share a name. Neither has two
 * hyphens in a row or one at its end. RDS allows 255 characters; an identifier has at most 63.
 */
export const ownGroupName = (id: string, family: string): string =>
  `${OWN_GROUP_PREFIX}${family.replaceAll('.', '-')}-${id}`.toLowerCase();

/** Tags by which a group is known to be ours and for which database; whatever lacks one of them is not deleted. */
export const ownTags = (control: string, database: Database) => [
  { Key: 'suture:control', Value: control },
  { Key: 'suture:resource', Value: database.arn },
];

export async function readParameter(
  key: ResourceKey,
  required: RequiredParameter,
  call: Call,
): Promise<ParameterState> {
  const database = await readInstance(key, call);
  const { engine, cluster, group } = database;
  if (engine !== required.engine || cluster) return { database, setting: undefined, own: undefined, sharedWith: [] };

  const setting = await readSetting(group.name, required, database, call);
  const drifted = setting.value !== required.value;
  const [own, sharedWith] = await Promise.all([
    // A default group that already has the value was never left, so no group of ours can be waiting beside it.
    isDefault(group.name)
      ? drifted && readOwnGroup(key, group.name.slice('default.'.length), required, database, call)
      : group.name.startsWith(OWN_GROUP_PREFIX) && readAttachedOwn(key, required, database, call),
    isDefault(group.name) || !drifted ? [] : readOthers(group.name, database.id, call),
  ]);
  return { database, setting, own: own || undefined, sharedWith };
}

async function readSetting(group: string, required: RequiredParameter, { version }: Database, call: Call) {
  const asked = { Filters: [{ Name: 'parameter-name', Values: [required.name] }] };
  const found = (await readParameters(group, asked, call)).find(({ ParameterName }) => ParameterName === required.name);
  return settingOf(found, required.byDefault(version));
}

/** A parameter listed without a source was set by somebody: AWS names `system` or `engine-default` as such. */
function settingOf(found: Parameter | undefined, byDefault: string | undefined): Setting {
  const set = found && (found.Source ?? 'user') === 'user' ? (found.ParameterValue ?? null) : null;
  return { set, value: found?.ParameterValue ?? byDefault, dynamic: found?.ApplyType === 'dynamic' };
}

/** Our group as it is attached. One that carries our prefix and is not this database's own is like any other group. */
async function readAttachedOwn(key: ResourceKey, required: RequiredParameter, database: Database, call: Call) {
  const { name } = database.group;
  const groups = await call(describeDBParameterGroups, { DBParameterGroupName: name });
  const family = groups?.DBParameterGroups?.[0]?.DBParameterGroupFamily;
  if (!family || name !== ownGroupName(database.id, family)) return undefined;
  return readContents(key, { name, family }, required, database, call);
}

async function readOwnGroup(
  key: ResourceKey,
  family: string,
  required: RequiredParameter,
  database: Database,
  call: Call,
): Promise<OwnGroup> {
  const name = ownGroupName(database.id, family);
  const groups = await call(describeDBParameterGroups, { DBParameterGroupName: name });
  const found = groups?.DBParameterGroups?.[0];
  if (!found) return { name, family, madeBy: 'nobody', set: null, alsoSets: [] };
  if (found.DBParameterGroupFamily !== family) return { name, family, madeBy: 'others', set: null, alsoSets: [] };
  return readContents(key, { name, family }, required, database, call);
}

async function readContents(
  key: ResourceKey,
  { name, family }: Pick<OwnGroup, 'name' | 'family'>,
  required: RequiredParameter,
  database: Database,
  call: Call,
): Promise<OwnGroup> {
  const ResourceName = `arn:${key.partition}:rds:${key.region}:${key.account}:pg:${name}`;
  const [{ TagList = [] }, parameters] = await Promise.all([
    call(listTagsForResource, { ResourceName }),
    readParameters(name, { Source: 'user' }, call),
  ]);
  const ours = ownTags(required.control, database).every((tag) =>
    TagList.some(({ Key, Value }) => Key === tag.Key && Value === tag.Value),
  );
  const set = parameters.filter(({ Source = 'user' }) => Source === 'user');
  return {
    name,
    family,
    madeBy: ours ? 'us' : 'others',
    set: set.find(({ ParameterName }) => ParameterName === required.name)?.ParameterValue ?? null,
    alsoSets: set.flatMap(({ ParameterName = '' }) => (ParameterName === required.name ? [] : [ParameterName])).sort(),
  };
}

async function readParameters(
  DBParameterGroupName: string,
  which: { readonly Source: string } | { readonly Filters: { Name: string; Values: string[] }[] },
  call: Call,
): Promise<readonly Parameter[]> {
  const all: Parameter[] = [];
  const page = (Marker: string | undefined) => call(describeDBParameters, { DBParameterGroupName, Marker, ...which });
  for await (const { Parameters = [] } of pages(page, ({ Marker }) => Marker)) all.push(...Parameters);
  return all;
}

async function readOthers(group: string, id: string, call: Call): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const user of usersOfGroup(group, call)) if (user !== id) all.push(user);
  return all.sort();
}
