import type { DBCluster, Parameter } from '@aws-sdk/client-rds';
import { pages } from '../aws/op.ts';
import {
  clustersOfGroup,
  createDBClusterParameterGroup,
  dbCluster,
  deleteDBClusterParameterGroup,
  describeDBClusterParameterGroups,
  describeDBClusterParameters,
  describeDBClusters,
  listTagsOfClusterGroup,
  modifyDBCluster,
  modifyDBClusterParameterGroup,
  resetDBClusterParameterGroup,
} from '../aws/rds-cluster.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import type { Database } from './database.ts';
import type { GroupCalls } from './lens.ts';
import type { Groups } from './parameter-group.ts';

export const reads = [
  describeDBClusters,
  describeDBClusterParameters,
  describeDBClusterParameterGroups,
  listTagsOfClusterGroup,
];
export const writes = {
  fix: [createDBClusterParameterGroup, modifyDBClusterParameterGroup, modifyDBCluster],
  revert: [resetDBClusterParameterGroup, deleteDBClusterParameterGroup],
};
type Write = (typeof writes.fix)[number] | (typeof writes.revert)[number];

/** A DB cluster, Aurora's or a Multi-AZ DB cluster, and DB cluster parameter groups. */
export const clusterGroups = (key: ResourceKey, call: Caller<(typeof reads)[number]>): Groups => ({
  database: () => readCluster(key, call),
  async parameters(DBClusterParameterGroupName, which) {
    const all: Parameter[] = [];
    const page = (Marker: string | undefined) =>
      call(describeDBClusterParameters, { DBClusterParameterGroupName, Marker, ...which });
    for await (const { Parameters = [] } of pages(page, ({ Marker }) => Marker)) all.push(...Parameters);
    return all;
  },
  async family(DBClusterParameterGroupName) {
    const found = await call(describeDBClusterParameterGroups, { DBClusterParameterGroupName });
    return found?.DBClusterParameterGroups?.[0]?.DBParameterGroupFamily;
  },
  async tags(group) {
    const ResourceName = `arn:${key.partition}:rds:${key.region}:${key.account}:cluster-pg:${group}`;
    return (await call(listTagsOfClusterGroup, { ResourceName })).TagList ?? [];
  },
  users: (group) => clustersOfGroup(group, call),
});

/** @throws Error when the answer names no cluster parameter group: it cannot be judged then */
async function readCluster(key: ResourceKey, call: Caller<typeof describeDBClusters>): Promise<Database> {
  const { DBClusters: [found] = [] } = await call(describeDBClusters, { DBClusterIdentifier: key.id });
  if (!found?.DBClusterParameterGroup) {
    throw new Error(`DescribeDBClusters answers no parameter group for ${key.id}: the cluster cannot be judged.`);
  }
  return {
    id: found.DBClusterIdentifier ?? key.id.toLowerCase(),
    arn: found.DBClusterArn ?? dbCluster.arn(key),
    engine: found.Engine ?? 'unknown',
    version: found.EngineVersion ?? 'unknown',
    status: found.Status ?? 'unknown',
    cluster: undefined,
    upgradeTo: found.PendingModifiedValues?.EngineVersion || undefined,
    group: { name: found.DBClusterParameterGroup, applied: appliedOf(found) },
  };
}

/**
 * How far the members have taken over the group: what the least advanced one says. A cluster without members accepts no
 * client, and one that is added takes over the group as it starts.
 */
function appliedOf({ DBClusterMembers: members = [] }: DBCluster): string {
  const said = members.map(({ DBClusterParameterGroupStatus = 'unknown' }) => DBClusterParameterGroupStatus);
  return (
    said.find((one) => one === 'failed-to-apply') ??
    said.find((one) => one !== 'in-sync' && one !== 'applying') ??
    said.find((one) => one !== 'in-sync') ??
    'in-sync'
  );
}

/**
 * `ApplyImmediately` is never sent: it would apply everything else that waits for the maintenance window. The name of
 * the group does not wait for it; what the group says does, until each member is restarted (Amazon Aurora User Guide,
 * "Rebooting an Amazon Aurora DB cluster": associating a different parameter group needs a reboot).
 */
export const clusterCalls: GroupCalls<Write> = {
  create: ({ name, family, description, tags }) => ({
    op: createDBClusterParameterGroup,
    input: { DBClusterParameterGroupName: name, DBParameterGroupFamily: family, Description: description, Tags: tags },
    accept: ['DBParameterGroupAlreadyExistsFault'],
  }),
  modify: (group, parameter) => ({
    op: modifyDBClusterParameterGroup,
    input: { DBClusterParameterGroupName: group, Parameters: [parameter] },
  }),
  reset: (group, parameter) => ({
    op: resetDBClusterParameterGroup,
    input: { DBClusterParameterGroupName: group, Parameters: [parameter] },
  }),
  attach: (id, group) => ({
    op: modifyDBCluster,
    input: { DBClusterIdentifier: id, DBClusterParameterGroupName: group },
  }),
  drop: (group) => ({
    op: deleteDBClusterParameterGroup,
    input: { DBClusterParameterGroupName: group },
    accept: ['DBParameterGroupNotFoundFault', 'DBClusterParameterGroupNotFoundFault'],
  }),
};
