import {
  CreateDBParameterGroupCommand,
  type DBInstance,
  DeleteDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  type Filter,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  RDSClient,
  ResetDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { Caller } from '../control.ts';
import { type ActsOn, pages, service } from './op.ts';
import { defineType } from './type.ts';

/**
 * The operations on RDS DB instances and their parameter groups. IAM actions and resources: Service Authorization
 * Reference, "Actions, resources, and condition keys for Amazon RDS". Errors are named as the SDK throws them; on the
 * wire they lack the `Fault`.
 */
const rds = service('rds', RDSClient);

/** Every parameter group that Suture creates begins so: its role may create and delete no other. */
export const OWN_GROUP_PREFIX = 'suture-';

const lower = (id: string | undefined): string | undefined => id?.toLowerCase();
const onInstance = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*',
  on: ({ DBInstanceIdentifier }: { DBInstanceIdentifier?: string | undefined } = {}): ActsOn | undefined => {
    const id = lower(DBInstanceIdentifier);
    return id ? { type: 'AWS::RDS::DBInstance', id } : undefined;
  },
  gone: ['DBInstanceNotFoundFault'],
};
const onGroup = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:pg:*',
  on: ({ DBParameterGroupName }: { DBParameterGroupName?: string | undefined } = {}): ActsOn | undefined => {
    const id = lower(DBParameterGroupName);
    return id ? { type: 'AWS::RDS::DBParameterGroup', id } : undefined;
  },
  gone: ['DBParameterGroupNotFoundFault'],
};
const onOwnGroup = {
  ...onGroup,
  arn: `arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:pg:${OWN_GROUP_PREFIX}*`,
};

export const describeDBInstances = rds.read('DescribeDBInstances', DescribeDBInstancesCommand, {
  ...onInstance,
  iam: ['rds:DescribeDBInstances'],
});
/**
 * `Filters` with `parameter-name` asks for one parameter out of some 400. Where a service does not know the filter it
 * answers all of them, page by page: read every page, and look for the name.
 */
export const describeDBParameters = rds.read('DescribeDBParameters', DescribeDBParametersCommand, {
  ...onGroup,
  iam: ['rds:DescribeDBParameters'],
});
export const describeDBParameterGroups = rds.readOptional(
  'DescribeDBParameterGroups',
  DescribeDBParameterGroupsCommand,
  { ...onGroup, iam: ['rds:DescribeDBParameterGroups'], none: ['DBParameterGroupNotFoundFault'] },
);
/** Only asked about parameter groups. */
export const listTagsForResource = rds.read('ListTagsForResource', ListTagsForResourceCommand, {
  arn: onGroup.arn,
  iam: ['rds:ListTagsForResource'],
});

export const createDBParameterGroup = rds.write('CreateDBParameterGroup', CreateDBParameterGroupCommand, {
  ...onOwnGroup,
  // Tags in the call need the second permission.
  iam: ['rds:CreateDBParameterGroup', 'rds:AddTagsToResource'],
});
export const modifyDBParameterGroup = rds.write('ModifyDBParameterGroup', ModifyDBParameterGroupCommand, {
  ...onGroup,
  iam: ['rds:ModifyDBParameterGroup'],
});
export const modifyDBInstance = rds.write('ModifyDBInstance', ModifyDBInstanceCommand, {
  ...onInstance,
  // IAM asks about the database and about each thing it is attached to, here a parameter group.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:*',
  iam: ['rds:ModifyDBInstance'],
});
export const resetDBParameterGroup = rds.write('ResetDBParameterGroup', ResetDBParameterGroupCommand, {
  ...onGroup,
  iam: ['rds:ResetDBParameterGroup'],
});
export const deleteDBParameterGroup = rds.write('DeleteDBParameterGroup', DeleteDBParameterGroupCommand, {
  ...onOwnGroup,
  iam: ['rds:DeleteDBParameterGroup'],
});

type CallInstances = Caller<typeof describeDBInstances>;

/** DB instances of one account and region, page by page; DocumentDB's and Neptune's too, which answer the same API. */
export async function* eachInstance(call: CallInstances, filter?: Filter): AsyncGenerator<DBInstance> {
  const page = (Marker: string | undefined) => call(describeDBInstances, { Marker, Filters: filter && [filter] });
  for await (const { DBInstances = [] } of pages(page, ({ Marker }) => Marker)) yield* DBInstances;
}

/** Identifiers of the DB instances that use a parameter group. RDS has no filter for it, so all are read. */
export async function* usersOfGroup(group: string, call: CallInstances): AsyncGenerator<string> {
  for await (const { DBInstanceIdentifier, DBParameterGroups = [] } of eachInstance(call)) {
    const uses = DBParameterGroups.some(({ DBParameterGroupName }) => DBParameterGroupName === group);
    if (uses && DBInstanceIdentifier) yield DBInstanceIdentifier;
  }
}

export const dbInstance = defineType({
  name: 'AWS::RDS::DBInstance',
  asff: 'AwsRdsDbInstance',
  arn: ({ partition, region, account, id }) => `arn:${partition}:rds:${region}:${account}:db:${id}`,
  deletedBy: { source: 'rds.amazonaws.com', events: ['DeleteDBInstance'] },
  reads: [describeDBInstances],
  async *list(call) {
    for await (const { DBInstanceIdentifier } of eachInstance(call))
      if (DBInstanceIdentifier) yield DBInstanceIdentifier;
  },
  lookups: {
    'parameter-group': usersOfGroup,
    /** AWS Config and Security Hub name a DB instance by its `DbiResourceId`, which survives a rename. */
    async *'resource-id'(resourceId, call) {
      const all = eachInstance(call, { Name: 'dbi-resource-id', Values: [resourceId] });
      for await (const { DBInstanceIdentifier } of all) if (DBInstanceIdentifier) yield DBInstanceIdentifier;
    },
  },
});
