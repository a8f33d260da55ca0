import type { Parameter, Tag } from '@aws-sdk/client-rds';
import type { WriteOp } from '../aws/op.ts';
import type { Call } from '../control.ts';
import { isDefault, type OwnGroup, ownTags, type ParameterState, type RequiredParameter } from './parameter-group.ts';

/** The calls on one kind of parameter group: an instance's, or a cluster's. */
export interface GroupCalls<W extends WriteOp> {
  create(group: {
    readonly name: string;
    readonly family: string;
    readonly description: string;
    readonly tags: Tag[];
  }): Call<W>;
  modify(group: string, parameter: Parameter): Call<W>;
  /** Hands the parameter back to its default. */
  reset(group: string, parameter: Parameter): Call<W>;
  attach(id: string, group: string): Call<W>;
  drop(group: string): Call<W>;
}

/** What a control of one parameter judges and may change of a database. All `null` where it does not apply. */
export type ParameterSlots<P extends string> = {
  /** The name of the attached group. */
  readonly parameterGroup: string | null;
  /** The group made by Suture for this database. Once somebody sets anything else in it, it counts as theirs: `null`. */
  readonly ownParameterGroup: string | null;
} & {
  /** The value set in the attached group, or in ours while a default one is attached; `null` where nobody set any. */
  readonly [S in `parameter:${P}`]: string | null;
};

export const parameterSlot = <P extends string>(name: P): `parameter:${P}` => `parameter:${name}`;

/** Ours alone: carries our tags, and nobody else has set anything in it. Only such a group is ever deleted. */
const isOurs = ({ madeBy, alsoSets }: OwnGroup): boolean => madeBy === 'us' && alsoSets.length === 0;

/** Our group unless somebody else's stands in its place. */
const usable = (own: OwnGroup | undefined): OwnGroup | undefined => (own?.madeBy === 'others' ? undefined : own);

export function getSlots<P extends string>(
  { database, setting, own }: ParameterState,
  { name }: RequiredParameter<P>,
): ParameterSlots<P> {
  const slots = {
    parameterGroup: setting ? database.group.name : null,
    ownParameterGroup: own && isOurs(own) ? own.name : null,
    [parameterSlot(name)]: (isDefault(database.group.name) ? usable(own)?.set : setting?.set) ?? null,
  };
  return slots as ParameterSlots<P>;
}

/**
 * The calls that bring these slots to these values.
 *
 * Our group is filled before it is attached, and not after. A database takes over a newly attached group when it is
 * restarted next, but a dynamic parameter changed in an attached group at once. This way round clients without TLS are
 * cut off with the restart and not before, as the plan says, and until then the fix can be withdrawn without anybody
 * having noticed; a database that is restarted in between, or a run that dies there, leaves it on a group that is whole.
 */
export function setSlots<P extends string, W extends WriteOp>(
  { database, own, setting }: ParameterState,
  required: RequiredParameter<P>,
  slots: Partial<ParameterSlots<P>>,
  calls: GroupCalls<W>,
): readonly Call<W>[] {
  if (!setting) throw new Error(`${required.control} does not apply to ${database.id}: nothing can be changed there.`);
  const attached = database.group.name;
  const target = slots.parameterGroup ?? attached;
  const creates = Boolean(slots.ownParameterGroup) && own?.madeBy === 'nobody';
  const deletes = slots.ownParameterGroup === null && own && isOurs(own) && own.name !== target;

  const group = isDefault(target) ? usable(own)?.name : target;
  const was = group === attached ? setting.set : group === own?.name ? own?.set : undefined;
  const value = slots[parameterSlot(required.name)] as string | null | undefined;
  const changes = group !== undefined && !deletes && value !== undefined && value !== was;

  const description = `Made by Suture for ${database.id}: ${required.name} is ${setting.required}.`;
  const tags = ownTags(required.control, database);
  const create = creates ? [calls.create({ name: own.name, family: own.family, description, tags })] : [];
  const change = changes ? [setTo(value, group, required.name, setting.dynamic, calls)] : [];
  const attach = target === attached ? [] : [calls.attach(database.id, target)];
  const drop = deletes ? [calls.drop(own.name)] : [];
  return [...create, ...(group === target ? [...change, ...attach] : [...attach, ...change]), ...drop];
}

/** A default is handed back, not written down as a value: it may change with the next engine version. */
function setTo<W extends WriteOp>(
  value: string | null,
  group: string,
  ParameterName: string,
  dynamic: boolean,
  calls: GroupCalls<W>,
): Call<W> {
  const parameter: Parameter = { ParameterName, ApplyMethod: dynamic ? 'immediate' : 'pending-reboot' };
  return value === null ? calls.reset(group, parameter) : calls.modify(group, { ...parameter, ParameterValue: value });
}
