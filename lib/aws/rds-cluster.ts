import {
  CreateDBClusterParameterGroupCommand,
  type DBCluster,
  DeleteDBClusterParameterGroupCommand,
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  type Filter,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  ModifyDBClusterParameterGroupCommand,
  RDSClient,
  ResetDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { Caller } from '../control.ts';
import { type ActsOn, pages, service } from './op.ts';
import { OWN_GROUP_PREFIX } from './rds.ts';
import { defineType } from './type.ts';

/** The operations on RDS DB clusters and their parameter groups; sources as in `rds.ts`. */
const rds = service('rds', RDSClient);

const onCluster = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:*',
  on: ({ DBClusterIdentifier }: { DBClusterIdentifier?: string | undefined } = {}): ActsOn | undefined => {
    const id = DBClusterIdentifier?.toLowerCase();
    return id ? { type: 'AWS::RDS::DBCluster', id } : undefined;
  },
  gone: ['DBClusterNotFoundFault'],
};
const onClusterGroup = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*',
  on: ({
    DBClusterParameterGroupName: name,
  }: {
    DBClusterParameterGroupName?: string | undefined;
  } = {}): ActsOn | undefined => {
    const id = name?.toLowerCase();
    return id ? { type: 'AWS::RDS::DBClusterParameterGroup', id } : undefined;
  },
  gone: ['DBParameterGroupNotFoundFault', 'DBClusterParameterGroupNotFoundFault'],
};
const onOwnClusterGroup = {
  ...onClusterGroup,
  arn: `arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:cluster-pg:${OWN_GROUP_PREFIX}*`,
};

export const describeDBClusters = rds.read('DescribeDBClusters', DescribeDBClustersCommand, {
  ...onCluster,
  iam: ['rds:DescribeDBClusters'],
});
/** `Filters` with `parameter-name` asks for one parameter; read every page, and look for the name. */
export const describeDBClusterParameters = rds.read('DescribeDBClusterParameters', DescribeDBClusterParametersCommand, {
  ...onClusterGroup,
  iam: ['rds:DescribeDBClusterParameters'],
});
export const describeDBClusterParameterGroups = rds.readOptional(
  'DescribeDBClusterParameterGroups',
  DescribeDBClusterParameterGroupsCommand,
  {
    ...onClusterGroup,
    iam: ['rds:DescribeDBClusterParameterGroups'],
    none: ['DBParameterGroupNotFoundFault', 'DBClusterParameterGroupNotFoundFault'],
  },
);
/** Only asked about cluster parameter groups: the same operation as in `rds.ts`, on another kind of resource. */
export const listTagsOfClusterGroup = rds.read('ListTagsForResource', ListTagsForResourceCommand, {
  arn: onClusterGroup.arn,
  iam: ['rds:ListTagsForResource'],
});

export const createDBClusterParameterGroup = rds.write(
  'CreateDBClusterParameterGroup',
  CreateDBClusterParameterGroupCommand,
  { ...onOwnClusterGroup, iam: ['rds:CreateDBClusterParameterGroup', 'rds:AddTagsToResource'] },
);
export const modifyDBClusterParameterGroup = rds.write(
  'ModifyDBClusterParameterGroup',
  ModifyDBClusterParameterGroupCommand,
  { ...onClusterGroup, iam: ['rds:ModifyDBClusterParameterGroup'] },
);
export const modifyDBCluster = rds.write('ModifyDBCluster', ModifyDBClusterCommand, {
  ...onCluster,
  // As with ModifyDBInstance: the cluster, and the group it is attached to.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:*',
  iam: ['rds:ModifyDBCluster'],
});
export const resetDBClusterParameterGroup = rds.write(
  'ResetDBClusterParameterGroup',
  ResetDBClusterParameterGroupCommand,
  { ...onClusterGroup, iam: ['rds:ResetDBClusterParameterGroup'] },
);
export const deleteDBClusterParameterGroup = rds.write(
  'DeleteDBClusterParameterGroup',
  DeleteDBClusterParameterGroupCommand,
  { ...onOwnClusterGroup, iam: ['rds:DeleteDBClusterParameterGroup'] },
);

type CallClusters = Caller<typeof describeDBClusters>;

/** DB clusters of one account and region, page by page: Aurora's, Multi-AZ DB clusters, DocumentDB's and Neptune's. */
export async function* eachCluster(call: CallClusters, filter?: Filter): AsyncGenerator<DBCluster> {
  const page = (Marker: string | undefined) => call(describeDBClusters, { Marker, Filters: filter && [filter] });
  for await (const { DBClusters = [] } of pages(page, ({ Marker }) => Marker)) yield* DBClusters;
}

/** Identifiers of the DB clusters that use a cluster parameter group. */
export async function* clustersOfGroup(group: string, call: CallClusters): AsyncGenerator<string> {
  for await (const { DBClusterIdentifier, DBClusterParameterGroup } of eachCluster(call)) {
    if (DBClusterParameterGroup === group && DBClusterIdentifier) yield DBClusterIdentifier;
  }
}

export const dbCluster = defineType({
  name: 'AWS::RDS::DBCluster',
  asff: 'AwsRdsDbCluster',
  arn: ({ partition, region, account, id }) => `arn:${partition}:rds:${region}:${account}:cluster:${id}`,
  deletedBy: { source: 'rds.amazonaws.com', events: ['DeleteDBCluster'] },
  reads: [describeDBClusters],
  async *list(call) {
    for await (const { DBClusterIdentifier } of eachCluster(call)) if (DBClusterIdentifier) yield DBClusterIdentifier;
  },
  lookups: {
    'cluster-parameter-group': clustersOfGroup,
    /** AWS Config names a DB cluster by its `DbClusterResourceId`, which survives a rename. */
    async *'cluster-resource-id'(resourceId, call) {
      const all = eachCluster(call, { Name: 'db-cluster-resource-id', Values: [resourceId] });
      for await (const { DBClusterIdentifier } of all) if (DBClusterIdentifier) yield DBClusterIdentifier;
    },
  },
});
