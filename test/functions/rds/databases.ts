import {
  CreateDBInstanceCommand,
  type CreateDBInstanceMessage,
  CreateDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  ListTagsForResourceCommand,
  ModifyDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { TestAws } from '../../control-tester.ts';
import { EMULATE } from '../../support/fakes/rds.ts';

/** One engine as the cases of its control need it. */
export interface Engine {
  readonly control: string;
  readonly Engine: string;
  readonly EngineVersion: string;
  /** As moto derives it from engine and version. */
  readonly family: string;
  readonly parameter: string;
  /** As RDS spells them for this engine. */
  readonly on: string;
  readonly off: string;
  readonly isStatic?: true;
}
type About = Partial<CreateDBInstanceMessage> & {
  /** Another database's name. */
  readonly id?: string;
  readonly group?: string;
  /** What moto never shows by itself; see EMULATE. */
  readonly emulate?: Partial<Record<keyof typeof EMULATE, string>>;
};
export type Tags = readonly { readonly Key: string; readonly Value: string }[];

const ARN = 'arn:aws:rds:us-east-1:123456789012:db:records';

/** The verbs by which the cases of one engine build and look at databases called `records`. */
export function databases({ control, family: ownFamily, parameter, isStatic, ...engine }: Engine) {
  const own = `suture-${ownFamily.replaceAll('.', '-')}-records`;
  const ours: Tags = [
    { Key: 'suture:control', Value: control },
    { Key: 'suture:resource', Value: ARN },
  ];
  const database = async ({ rds }: TestAws, { id = 'records', group, emulate = {}, ...about }: About = {}) => {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: id,
        DBParameterGroupName: group,
        Engine: engine.Engine,
        EngineVersion: engine.EngineVersion,
        DBInstanceClass: 'db.t3.micro',
        MasterUsername: 'somebody',
        MasterUserPassword: 'not-a-secret',
        AllocatedStorage: 20,
        Tags: Object.entries(emulate).map(([name, Value]) => ({ Key: EMULATE[name as keyof typeof EMULATE], Value })),
        ...about,
      }),
    );
    return id;
  };
  const set = ({ rds }: TestAws, group: string, values: Readonly<Record<string, string>>) =>
    rds.send(
      new ModifyDBParameterGroupCommand({
        DBParameterGroupName: group,
        Parameters: Object.entries(values).map(([ParameterName, ParameterValue]) => ({
          ParameterName,
          ParameterValue,
          ApplyMethod: isStatic && ParameterName === parameter ? 'pending-reboot' : 'immediate',
        })),
      }),
    );
  const group = async (
    aws: TestAws,
    name: string,
    values: Readonly<Record<string, string>> = {},
    { family = ownFamily, tags = [] as Tags } = {},
  ) => {
    const about = { DBParameterGroupName: name, DBParameterGroupFamily: family, Description: name, Tags: [...tags] };
    await aws.rds.send(new CreateDBParameterGroupCommand(about));
    if (Object.keys(values).length > 0) await set(aws, name, values);
    return name;
  };
  return { own, ours, database, set, group };
}

export async function ofUser({ rds }: TestAws, name: string): Promise<Record<string, string | undefined>> {
  const asked = { DBParameterGroupName: name, Source: 'user' };
  const { Parameters = [] } = await rds.send(new DescribeDBParametersCommand(asked));
  return Object.fromEntries(Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]));
}

export async function seen({ rds }: TestAws, id: string) {
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
  return DBInstances[0]!;
}

/** The database, and every parameter group but AWS's own, with what somebody set in it. */
export async function snapshot(aws: TestAws, id: string) {
  const { DBParameterGroups = [] } = await aws.rds.send(new DescribeDBParameterGroupsCommand({}));
  const groups = [];
  for (const { DBParameterGroupName: name = '', DBParameterGroupArn, DBParameterGroupFamily } of DBParameterGroups) {
    if (name.startsWith('default.')) continue;
    const ResourceName = DBParameterGroupArn;
    const { TagList } = await aws.rds.send(new ListTagsForResourceCommand({ ResourceName }));
    groups.push({ name, family: DBParameterGroupFamily, tags: TagList, set: await ofUser(aws, name) });
  }
  const { DBInstanceClass, DBInstanceStatus, DBParameterGroups: attached, PendingModifiedValues } = await seen(aws, id);
  return JSON.parse(JSON.stringify({ groups, DBInstanceClass, DBInstanceStatus, attached, PendingModifiedValues }));
}
