import type { Parameter, Tag } from '@aws-sdk/client-rds';
import { OWN_GROUP_PREFIX } from '../aws/rds.ts';
import type { Database } from './database.ts';

export type WhichParameters = { readonly Source: string } | { readonly Filters: { Name: string; Values: string[] }[] };

/** How one database and its kind of parameter group are read: an instance's, or a cluster's. */
export interface Groups {
  database(): Promise<Database>;
  /** All that match, from every page. */
  parameters(group: string, which: WhichParameters): Promise<readonly Parameter[]>;
  /** `undefined`: there is no such group. */
  family(group: string): Promise<string | undefined>;
  tags(group: string): Promise<readonly Tag[]>;
  /** Identifiers of all that use the group, this database included. */
  users(group: string): AsyncIterable<string>;
}

/** One parameter of one engine that a control requires. */
export interface RequiredParameter<P extends string = string> {
  readonly control: string;
  /** Whether databases of this `Engine` are the ones that are judged by it. */
  readonly runs: (engine: string) => boolean;
  /** The engine's name for people. */
  readonly product: string;
  readonly name: P;
  /** The spellings of the value it must have, in lowercase; the first is written where RDS does not say which it takes. */
  readonly values: readonly [string, ...string[]];
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
  /** The required value as this version spells it, from `AllowedValues`. */
  readonly required: string;
  /** The family has the parameter at all: RDS lists every parameter of a family, set or not. */
  readonly listed: boolean;
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

export async function readParameter(groups: Groups, required: RequiredParameter): Promise<ParameterState> {
  const database = await groups.database();
  const { engine, cluster, group } = database;
  if (!required.runs(engine) || cluster) return { database, setting: undefined, own: undefined, sharedWith: [] };

  const setting = await readSetting(groups, required, database);
  const drifted = !holds(setting, required);
  const [own, sharedWith] = await Promise.all([
    // A default group that already has the value was never left, so no group of ours can be waiting beside it.
    isDefault(group.name)
      ? drifted && setting.listed && readOwnGroup(groups, group.name.slice('default.'.length), required, database)
      : group.name.startsWith(OWN_GROUP_PREFIX) && readAttachedOwn(groups, required, database),
    isDefault(group.name) || !drifted ? [] : readOthers(groups, database),
  ]);
  return { database, setting, own: own || undefined, sharedWith };
}

async function readSetting(groups: Groups, required: RequiredParameter, { group, version }: Database) {
  const asked = { Filters: [{ Name: 'parameter-name', Values: [required.name] }] };
  const parameters = await groups.parameters(group.name, asked);
  return settingOf(
    parameters.find(({ ParameterName }) => ParameterName === required.name),
    required,
    version,
  );
}

/** A parameter listed without a source was set by somebody: AWS names `system` or `engine-default` as such. */
function settingOf(found: Parameter | undefined, required: RequiredParameter, version: string): Setting {
  const set = found && (found.Source ?? 'user') === 'user' ? (found.ParameterValue ?? null) : null;
  const allowed = found?.AllowedValues?.split(',').map((one) => one.trim()) ?? [];
  return {
    set,
    value: found?.ParameterValue ?? required.byDefault(version),
    dynamic: found?.ApplyType === 'dynamic',
    required: allowed.find((one) => required.values.includes(one.toLowerCase())) ?? required.values[0],
    listed: found !== undefined,
  };
}

/** Whether the parameter has the value it must have, in whichever spelling. Unknown is not compliant. */
export const holds = ({ value }: Setting, { values }: RequiredParameter): boolean =>
  value !== undefined && values.includes(value.toLowerCase());

/** Our group as it is attached. One that carries our prefix and is not this database's own is like any other group. */
async function readAttachedOwn(groups: Groups, required: RequiredParameter, database: Database) {
  const { name } = database.group;
  const family = await groups.family(name);
  if (!family || name !== ownGroupName(database.id, family)) return undefined;
  return readContents(groups, { name, family }, required, database);
}

async function readOwnGroup(
  groups: Groups,
  family: string,
  required: RequiredParameter,
  database: Database,
): Promise<OwnGroup> {
  const name = ownGroupName(database.id, family);
  const found = await groups.family(name);
  if (!found) return { name, family, madeBy: 'nobody', set: null, alsoSets: [] };
  if (found !== family) return { name, family, madeBy: 'others', set: null, alsoSets: [] };
  return readContents(groups, { name, family }, required, database);
}

async function readContents(
  groups: Groups,
  { name, family }: Pick<OwnGroup, 'name' | 'family'>,
  required: RequiredParameter,
  database: Database,
): Promise<OwnGroup> {
  const [tags, parameters] = await Promise.all([groups.tags(name), groups.parameters(name, { Source: 'user' })]);
  const ours = ownTags(required.control, database).every((tag) =>
    tags.some(({ Key, Value }) => Key === tag.Key && Value === tag.Value),
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

async function readOthers(groups: Groups, { id, group }: Database): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const user of groups.users(group.name)) if (user !== id) all.push(user);
  return all.sort();
}
