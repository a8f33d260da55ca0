import {
  CreateDBClusterCommand,
  type CreateDBClusterMessage,
  CreateDBClusterParameterGroupCommand,
  CreateDBInstanceCommand,
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  ModifyDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { Case, TestAws } from '../../control-tester.ts';
import { EMULATE_CLUSTER } from '../../support/fakes/rds-cluster.ts';

/** One engine as the cases of its control need it. */
export interface Engine {
  readonly control: string;
  readonly Engine: string;
  readonly EngineVersion: string;
  readonly family: string;
  /** The Multi-AZ DB cluster's engine, and a version of either that lacks the parameter. */
  readonly multiAz: Pick<CreateDBClusterMessage, 'Engine' | 'EngineVersion'>;
  readonly unable: { readonly EngineVersion: string; readonly emulate?: Emulated };
  readonly parameter: string;
  /** As RDS spells it for this engine. */
  readonly on: string;
}
type Emulated = Partial<Record<keyof typeof EMULATE_CLUSTER, string>>;
type About = Partial<CreateDBClusterMessage> & { readonly emulate?: Emulated; readonly group?: string };
type Tags = readonly { readonly Key: string; readonly Value: string }[];

async function ofUser({ rds }: TestAws, name: string): Promise<Record<string, string | undefined>> {
  const asked = { DBClusterParameterGroupName: name, Source: 'user' };
  const { Parameters = [] } = await rds.send(new DescribeDBClusterParametersCommand(asked));
  return Object.fromEntries(Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]));
}
async function seen({ rds }: TestAws, id: string) {
  const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
  return DBClusters[0]!;
}

/** The cluster, and every cluster parameter group but AWS's own, with what somebody set in it. */
export async function snapshot(aws: TestAws, id: string) {
  const { DBClusterParameterGroups = [] } = await aws.rds.send(new DescribeDBClusterParameterGroupsCommand({}));
  const groups = [];
  for (const { DBClusterParameterGroupName: name = '', DBParameterGroupFamily: family } of DBClusterParameterGroups) {
    const ResourceName = `arn:aws:rds:us-east-1:123456789012:cluster-pg:${name}`;
    const { TagList } = await aws.rds.send(new ListTagsForResourceCommand({ ResourceName }));
    groups.push({ name, family, tags: TagList, set: await ofUser(aws, name) });
  }
  const { Status, DBClusterParameterGroup, DBClusterMembers, DeletionProtection } = await seen(aws, id);
  return JSON.parse(JSON.stringify({ groups, Status, DBClusterParameterGroup, DBClusterMembers, DeletionProtection }));
}

/** The cases that controls of clusters have in common. The lens has tests of its own. */
export function clusterCases({ control, family, parameter, on, multiAz, unable, ...engine }: Engine): Case[] {
  const own = `suture-${family.replaceAll('.', '-')}-records`;
  const ours: Tags = [
    { Key: 'suture:control', Value: control },
    { Key: 'suture:resource', Value: 'arn:aws:rds:us-east-1:123456789012:cluster:records' },
  ];
  /** A cluster with one member: without any there is nobody to take over a group. */
  const cluster = async ({ rds }: TestAws, { emulate = {}, group, ...about }: About = {}) => {
    const whole = { DBClusterIdentifier: 'records', ...engine, ...about };
    await rds.send(
      new CreateDBClusterCommand({
        ...whole,
        DBClusterParameterGroupName: group,
        MasterUsername: 'somebody',
        MasterUserPassword: 'not-a-secret',
        Tags: Object.entries(emulate).map(([name, Value]) => ({
          Key: EMULATE_CLUSTER[name as keyof typeof EMULATE_CLUSTER],
          Value,
        })),
      }),
    );
    const { DBClusterIdentifier, Engine } = whole;
    const DBInstanceIdentifier = `${DBClusterIdentifier}-1`;
    const DBInstanceClass = 'db.r6g.large';
    await rds.send(new CreateDBInstanceCommand({ DBClusterIdentifier, Engine, DBInstanceIdentifier, DBInstanceClass }));
    return DBClusterIdentifier;
  };
  const group = async ({ rds }: TestAws, name: string, values: Readonly<Record<string, string>>, tags: Tags = []) => {
    const about = { DBParameterGroupFamily: family, Description: name, Tags: [...tags] };
    await rds.send(new CreateDBClusterParameterGroupCommand({ DBClusterParameterGroupName: name, ...about }));
    const Parameters = Object.entries(values).map(([ParameterName, ParameterValue]) => ({
      ParameterName,
      ParameterValue,
      ApplyMethod: 'immediate' as const,
    }));
    const change = { DBClusterParameterGroupName: name, Parameters };
    if (Parameters.length > 0) await rds.send(new ModifyDBClusterParameterGroupCommand(change));
    return name;
  };
  const clinic = async (aws: TestAws, values: Readonly<Record<string, string>>, about: About = {}) =>
    cluster(aws, { ...about, group: await group(aws, 'clinic', values) });
  return [
    { name: 'on', given: (aws) => clinic(aws, { [parameter]: on }), is: 'COMPLIANT' },
    {
      name: 'the group made by Suture, taken over',
      given: async (aws) => cluster(aws, { group: await group(aws, own, { [parameter]: on }, ours) }),
      is: 'COMPLIANT',
    },
    {
      name: 'Neptune, which answers the same API',
      given: (aws) => cluster(aws, { Engine: 'neptune', EngineVersion: '1.3.1.0' }),
      is: 'NOT_APPLICABLE',
      reason: 'otherEngine',
    },
    {
      name: 'DocumentDB, which answers the same API',
      given: (aws) => cluster(aws, { emulate: { engine: 'docdb' } }),
      is: 'NOT_APPLICABLE',
      reason: 'otherEngine',
    },
    {
      name: 'modifying',
      given: (aws) => cluster(aws, { emulate: { status: 'modifying' } }),
      is: 'UNSETTLED',
      reason: 'unsettled',
    },
    {
      name: 'off, and stopped',
      given: (aws) => cluster(aws, { emulate: { status: 'stopped' } }),
      is: 'UNSETTLED',
      reason: 'unchangeable',
    },
    {
      name: 'on, and a member has not been restarted',
      given: (aws) => clinic(aws, { [parameter]: on }, { emulate: { applied: 'pending-reboot' } }),
      is: 'PENDING',
      reason: 'waitsForRestart',
    },
    {
      name: 'on, being applied',
      given: (aws) => clinic(aws, { [parameter]: on }, { emulate: { applied: 'applying' } }),
      is: 'PENDING',
      reason: 'applying',
    },
    {
      name: 'on, in a group RDS could not apply',
      given: (aws) => clinic(aws, { [parameter]: on }, { emulate: { applied: 'failed-to-apply' } }),
      is: 'MANUAL',
      reason: 'notApplied',
    },
    {
      name: "somebody else's group has our name",
      given: async (aws) => {
        await group(aws, own, {});
        return cluster(aws);
      },
      is: 'MANUAL',
      reason: 'nameTaken',
    },
    {
      name: 'a version that has no such parameter',
      given: (aws) => cluster(aws, unable),
      is: 'MANUAL',
      reason: 'versionCannot',
    },
    {
      name: 'a restored copy',
      given: (aws) => cluster(aws),
      origin: 'restores',
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'a Multi-AZ DB cluster, established',
      given: (aws) =>
        cluster(aws, {
          ...multiAz,
          DBClusterInstanceClass: 'db.m6gd.large',
          AllocatedStorage: 100,
          Iops: 1000,
          StorageType: 'io1',
        }),
      origin: 'changes',
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'a group that another cluster uses',
      given: async (aws) => {
        const id = await clinic(aws, {});
        return cluster(aws, { DBClusterIdentifier: 'lab', group: 'clinic' }).then(() => id);
      },
      is: 'APPROVAL',
      reason: 'off',
    },
    {
      name: 'a new one with its default group gets one of its own',
      given: (aws) => cluster(aws),
      is: 'DRIFTED',
      reason: 'offByDefault',
      becomes: 'PENDING',
      shows: async (aws, id) => {
        const { DBClusterParameterGroup, DBClusterMembers } = await seen(aws, id);
        expect(DBClusterParameterGroup).toBe(own);
        expect(DBClusterMembers).toMatchObject([{ DBClusterParameterGroupStatus: 'pending-reboot' }]);
        expect(await ofUser(aws, own)).toEqual({ [parameter]: on });
      },
      neighbour: async ({ rds }, DBClusterIdentifier) => {
        await rds.send(new ModifyDBClusterCommand({ DBClusterIdentifier, DeletionProtection: true }));
      },
    },
    {
      name: 'a group of its own that leaves it to the default',
      given: (aws) => clinic(aws, { log_output: 'FILE' }),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'off',
      shows: async (aws) => {
        expect(await ofUser(aws, 'clinic')).toEqual({ [parameter]: on, log_output: 'FILE' });
      },
    },
  ];
}
