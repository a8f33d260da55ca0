import {
  createDBParameterGroup,
  deleteDBParameterGroup,
  modifyDBInstance,
  modifyDBParameterGroup,
  resetDBParameterGroup,
} from '../aws/rds.ts';
import type { Call } from '../control.ts';
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
  /** The value set in the attached group; `null` while a default holds. */
  readonly [S in `parameter:${P}`]: string | null;
};

export const parameterSlot = <P extends string>(name: P): `parameter:${P}` => `parameter:${name}`;

/** Ours alone: carries our tags, and nobody else has set anything in it. Only such a group is ever deleted. */
const isOurs = ({ madeBy, alsoSets }: OwnGroup): boolean => madeBy === 'us' && alsoSets.length === 0;

export function getSlots<P extends string>(
  { database, setting, own }: ParameterState,
  { name }: RequiredParameter<P>,
): ParameterSlots<P> {
  const slots = {
    parameterGroup: setting ? database.group.name : null,
    ownParameterGroup: own && isOurs(own) ? own.name : null,
    [parameterSlot(name)]: setting?.set ?? null,
  };
  return slots as ParameterSlots<P>;
}

/**
 * The calls that bring these slots to these values: create, set, attach, delete.
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
  state: ParameterState,
  required: RequiredParameter<P>,
  slots: Partial<ParameterSlots<P>>,
): readonly Call<Write>[] {
  const { database, own, setting } = state;
  if (!setting)
    throw new Error(`${required.control} does not apply to ${database.id}: it has nothing to change there.`);
  const calls: Call<Write>[] = [];
  const attached = database.group.name;
  const target = slots.parameterGroup ?? attached;

  if (slots.ownParameterGroup && own?.madeBy === 'nobody') {
    calls.push({
      op: createDBParameterGroup,
      input: {
        DBParameterGroupName: own.name,
        DBParameterGroupFamily: own.family,
        Description: `Made by Suture for ${database.id}: ${required.name} is ${required.value}.`,
        Tags: ownTags(required.control, database),
      },
      accept: ['DBParameterGroupAlreadyExistsFault'],
    });
  }

  const value = slots[parameterSlot(required.name)] as string | null | undefined;
  const current = target === attached ? setting.set : target === own?.name ? own.set : undefined;
  if (value !== undefined && value !== current && !isDefault(target)) {
    const ApplyMethod = setting.dynamic ? ('immediate' as const) : ('pending-reboot' as const);
    const parameter = { ParameterName: required.name, ApplyMethod };
    const group = { DBParameterGroupName: target };
    calls.push(
      value === null
        ? { op: resetDBParameterGroup, input: { ...group, Parameters: [parameter] } }
        : { op: modifyDBParameterGroup, input: { ...group, Parameters: [{ ...parameter, ParameterValue: value }] } },
    );
  }

  if (target !== attached) {
    calls.push({
      op: modifyDBInstance,
      input: { DBInstanceIdentifier: database.id, DBParameterGroupName: target },
    });
  }

  if (slots.ownParameterGroup === null && own && isOurs(own) && own.name !== target) {
    calls.push({
      op: deleteDBParameterGroup,
      input: { DBParameterGroupName: own.name },
      accept: ['DBParameterGroupNotFoundFault'],
    });
  }
  return calls;
}
