import type { DBInstance, Parameter } from '@aws-sdk/client-rds';
import { pages } from '../aws/op.ts';
import {
  createDBParameterGroup,
  dbInstance,
  deleteDBParameterGroup,
  describeDBInstances,
  describeDBParameterGroups,
  describeDBParameters,
  listTagsForResource,
  modifyDBInstance,
  modifyDBParameterGroup,
  resetDBParameterGroup,
  usersOfGroup,
} from '../aws/rds.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import type { Database } from './database.ts';
import type { GroupCalls } from './lens.ts';
import type { Groups } from './parameter-group.ts';

export const reads = [describeDBInstances, describeDBParameters, describeDBParameterGroups, listTagsForResource];
export const writes = {
  fix: [createDBParameterGroup, modifyDBParameterGroup, modifyDBInstance],
  revert: [resetDBParameterGroup, deleteDBParameterGroup],
};
type Write = (typeof writes.fix)[number] | (typeof writes.revert)[number];

/** A DB instance and DB parameter groups. */
export const instanceGroups = (key: ResourceKey, call: Caller<(typeof reads)[number]>): Groups => ({
  database: () => readInstance(key, call),
  async parameters(DBParameterGroupName, which) {
    const all: Parameter[] = [];
    const page = (Marker: string | undefined) => call(describeDBParameters, { DBParameterGroupName, Marker, ...which });
    for await (const { Parameters = [] } of pages(page, ({ Marker }) => Marker)) all.push(...Parameters);
    return all;
  },
  async family(DBParameterGroupName) {
    const found = await call(describeDBParameterGroups, { DBParameterGroupName });
    return found?.DBParameterGroups?.[0]?.DBParameterGroupFamily;
  },
  async tags(group) {
    const ResourceName = `arn:${key.partition}:rds:${key.region}:${key.account}:pg:${group}`;
    return (await call(listTagsForResource, { ResourceName })).TagList ?? [];
  },
  users: (group) => usersOfGroup(group, call),
});

/** @throws Error when the answer names no parameter group: it cannot be judged then */
async function readInstance(key: ResourceKey, call: Caller<typeof describeDBInstances>): Promise<Database> {
  const { DBInstances: [found] = [] } = await call(describeDBInstances, { DBInstanceIdentifier: key.id });
  const group = found?.DBParameterGroups?.[0];
  if (!found || !group?.DBParameterGroupName) {
    throw new Error(`DescribeDBInstances answers no parameter group for ${key.id}: the database cannot be judged.`);
  }
  return {
    // RDS stores identifiers in lowercase, whatever an event wrote.
    id: found.DBInstanceIdentifier ?? key.id.toLowerCase(),
    arn: found.DBInstanceArn ?? dbInstance.arn(key),
    engine: found.Engine ?? 'unknown',
    version: found.EngineVersion ?? 'unknown',
    status: found.DBInstanceStatus ?? 'unknown',
    cluster: found.DBClusterIdentifier || undefined,
    upgradeTo: pendingUpgrade(found),
    group: { name: group.DBParameterGroupName, applied: group.ParameterApplyStatus ?? 'unknown' },
  };
}

const pendingUpgrade = ({ PendingModifiedValues: pending }: DBInstance): string | undefined =>
  pending?.EngineVersion || undefined;

/**
 * `ApplyImmediately` is never sent. It would apply everything else that waits for the maintenance window; the name of
 * the group changes at once without it (API reference of ModifyDBInstance, `DBParameterGroupName`).
 */
export const instanceCalls: GroupCalls<Write> = {
  create: ({ name, family, description, tags }) => ({
    op: createDBParameterGroup,
    input: { DBParameterGroupName: name, DBParameterGroupFamily: family, Description: description, Tags: tags },
    accept: ['DBParameterGroupAlreadyExistsFault'],
  }),
  modify: (group, parameter) => ({
    op: modifyDBParameterGroup,
    input: { DBParameterGroupName: group, Parameters: [parameter] },
  }),
  reset: (group, parameter) => ({
    op: resetDBParameterGroup,
    input: { DBParameterGroupName: group, Parameters: [parameter] },
  }),
  attach: (id, group) => ({
    op: modifyDBInstance,
    input: { DBInstanceIdentifier: id, DBParameterGroupName: group },
  }),
  drop: (group) => ({
    op: deleteDBParameterGroup,
    input: { DBParameterGroupName: group },
    accept: ['DBParameterGroupNotFoundFault'],
  }),
};
