import {
  createDBParameterGroup,
  deleteDBParameterGroup,
  modifyDBInstance,
  modifyDBParameterGroup,
  resetDBParameterGroup,
} from '../aws/rds.ts';
import type { Call } from '../control.ts';
import type { Database } from './database.ts';
import { isDefault, type OwnGroup, ownTags, type ParameterState, type RequiredParameter } from './parameter-group.ts';

export const writes = {
  fix: [createDBParameterGroup, modifyDBParameterGroup, modifyDBInstance],
  revert: [resetDBParameterGroup, deleteDBParameterGroup],
};
type Write = (typeof writes.fix)[number] | (typeof writes.revert)[number];

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
 *
 * `ApplyImmediately` is never sent. It would apply everything else that waits for the maintenance window; the name of
 * the group changes at once without it (API reference of ModifyDBInstance, `DBParameterGroupName`).
 */
export function setSlots<P extends string>(
  { database, own, setting }: ParameterState,
  required: RequiredParameter<P>,
  slots: Partial<ParameterSlots<P>>,
): readonly Call<Write>[] {
  if (!setting) throw new Error(`${required.control} does not apply to ${database.id}: nothing can be changed there.`);
  const attached = database.group.name;
  const target = slots.parameterGroup ?? attached;
  const creates = Boolean(slots.ownParameterGroup) && own?.madeBy === 'nobody';
  const deletes = slots.ownParameterGroup === null && own && isOurs(own) && own.name !== target;

  const group = isDefault(target) ? usable(own)?.name : target;
  const was = group === attached ? setting.set : group === own?.name ? own?.set : undefined;
  const value = slots[parameterSlot(required.name)] as string | null | undefined;
  const changes = group !== undefined && !deletes && value !== undefined && value !== was;

  const create = creates ? [createOwn(own, database, required)] : [];
  const change = changes ? [setTo(value, group, required.name, setting.dynamic)] : [];
  const attach = target === attached ? [] : [attachTo(database.id, target)];
  const drop = deletes ? [deleteOwn(own.name)] : [];
  return [...create, ...(group === target ? [...change, ...attach] : [...attach, ...change]), ...drop];
}

const createOwn = (own: OwnGroup, database: Database, required: RequiredParameter): Call<Write> => ({
  op: createDBParameterGroup,
  input: {
    DBParameterGroupName: own.name,
    DBParameterGroupFamily: own.family,
    Description: `Made by Suture for ${database.id}: ${required.name} is ${required.value}.`,
    Tags: ownTags(required.control, database),
  },
  accept: ['DBParameterGroupAlreadyExistsFault'],
});

/** A default is handed back, not written down as a value: it may change with the next engine version. */
function setTo(value: string | null, group: string, name: string, dynamic: boolean): Call<Write> {
  const parameter = {
    ParameterName: name,
    ApplyMethod: dynamic ? ('immediate' as const) : ('pending-reboot' as const),
  };
  return value === null
    ? { op: resetDBParameterGroup, input: { DBParameterGroupName: group, Parameters: [parameter] } }
    : {
        op: modifyDBParameterGroup,
        input: { DBParameterGroupName: group, Parameters: [{ ...parameter, ParameterValue: value }] },
      };
}

const attachTo = (id: string, group: string): Call<Write> => ({
  op: modifyDBInstance,
  input: { DBInstanceIdentifier: id, DBParameterGroupName: group },
});

const deleteOwn = (group: string): Call<Write> => ({
  op: deleteDBParameterGroup,
  input: { DBParameterGroupName: group },
  accept: ['DBParameterGroupNotFoundFault'],
});
