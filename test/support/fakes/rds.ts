import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  DeleteDBParameterGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBParametersCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  type RDSClient,
  ResetDBParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { EmulationGap, FakeContext } from '../gap.ts';
import { type Answer, errorAnswer, escapeXml, queryAnswer, type WireCall } from '../wire.ts';

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';
const PAGE = 100;

/**
 * Tags by which a test gives a DB instance what moto never gives it, e.g. `emulate:DBInstanceStatus`. The answer of
 * DescribeDBInstances shows them as the real thing, and not as tags.
 */
export const EMULATE = {
  status: 'emulate:DBInstanceStatus',
  applied: 'emulate:ParameterApplyStatus',
  /** The `DBInstanceClass` that waits for the maintenance window. */
  pendingClass: 'emulate:PendingDBInstanceClass',
  /** The `EngineVersion` that waits for the maintenance window. */
  pendingVersion: 'emulate:PendingEngineVersion',
} as const;

interface Rds {
  /** Values that moto cannot forget: `group/parameter`. */
  readonly reset: Set<string>;
  /** Instance -> the group it runs with, where another one is attached. */
  readonly runsWith: Map<string, string>;
}
const stateOf = (context: FakeContext): Rds =>
  context.memory('rds', (): Rds => ({ reset: new Set(), runsWith: new Map() }));

const text = (xml: string, name: string): string | undefined => new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1];
const tag = (xml: string, key: string): string | undefined =>
  new RegExp(`<Tag><Key>${key}</Key><Value>(.*?)</Value></Tag>`).exec(xml)?.[1];

/** What is known of a PostgreSQL family before anybody set anything; some others, so that one page does not hold all. */
function known(family: string): ReadonlyMap<string, string | undefined> {
  const major = Number.parseInt(family.replace(/\D*/, ''), 10);
  const others = Array.from({ length: 120 }, (_, n) => [`emulated_${n}`, undefined] as const);
  return new Map([...others, ['log_statement', undefined], ['rds.force_ssl', major >= 15 ? '1' : '0']]);
}

async function groupOf(rds: RDSClient, name: string) {
  const { DBParameterGroups: [group] = [] } = await rds.send(
    new DescribeDBParameterGroupsCommand({ DBParameterGroupName: name }),
  );
  return group;
}

async function usersOf(rds: RDSClient, name: string): Promise<readonly string[]> {
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  const uses = DBInstances.filter((one) => one.DBParameterGroups?.[0]?.DBParameterGroupName === name);
  return uses.map((one) => one.DBInstanceIdentifier ?? '');
}

/** Values of a query protocol's list: `Filters.Filter.1.Values.Value.1` ... */
const listed = ({ params }: WireCall, pattern: RegExp): string[] =>
  [...params].filter(([name]) => pattern.test(name)).map(([, value]) => value);

async function describeInstances(_call: WireCall, context: FakeContext): Promise<Answer> {
  const answer = await context.upstream();
  const { runsWith } = stateOf(context);
  const body = answer.body.replaceAll(/<DBInstance>.*?<\/DBInstance>/gs, (instance) => {
    const status = tag(instance, EMULATE.status) ?? text(instance, 'DBInstanceStatus');
    const attached = text(instance, 'DBParameterGroupName');
    const running = runsWith.get(text(instance, 'DBInstanceIdentifier') ?? '') ?? attached;
    const applied = tag(instance, EMULATE.applied) ?? (running === attached ? 'in-sync' : 'pending-reboot');
    const pendingClass = tag(instance, EMULATE.pendingClass);
    const pendingVersion = tag(instance, EMULATE.pendingVersion);
    const pending =
      (pendingClass ? `<DBInstanceClass>${pendingClass}</DBInstanceClass>` : '') +
      (pendingVersion ? `<EngineVersion>${pendingVersion}</EngineVersion>` : '');
    return instance
      .replace(/<DBInstanceStatus>.*?<\/DBInstanceStatus>/, `<DBInstanceStatus>${status}</DBInstanceStatus>`)
      .replace(
        /<ParameterApplyStatus>.*?<\/ParameterApplyStatus>/,
        `<ParameterApplyStatus>${applied}</ParameterApplyStatus>`,
      )
      .replaceAll(/<Tag><Key>emulate:.*?<\/Tag>/g, '')
      .replace('</DBInstance>', `<PendingModifiedValues>${pending}</PendingModifiedValues></DBInstance>`);
  });
  return { ...answer, body };
}

async function modifyInstance(call: WireCall, context: FakeContext): Promise<Answer> {
  const id = (call.params.get('DBInstanceIdentifier') ?? '').toLowerCase();
  const group = call.params.get('DBParameterGroupName');
  const { rds } = context.aws;
  const found = await rds
    .send(new DescribeDBInstancesCommand({}))
    .then(({ DBInstances = [] }) => DBInstances.find((one) => one.DBInstanceIdentifier === id));
  const status = found?.TagList?.find(({ Key }) => Key === EMULATE.status)?.Value;
  if (status && status !== 'available') {
    return errorAnswer(call, 400, 'InvalidDBInstanceState', `Database instance is not in available state: ${status}`);
  }
  const pendingClass = found?.TagList?.find(({ Key }) => Key === EMULATE.pendingClass)?.Value;
  if (call.params.get('ApplyImmediately') === 'true' && pendingClass) {
    await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, DBInstanceClass: pendingClass }));
  }
  const answer = await context.upstream();
  const attached = found?.DBParameterGroups?.[0]?.DBParameterGroupName;
  if (answer.status < 400 && group && attached) {
    const { runsWith } = stateOf(context);
    const running = runsWith.get(id) ?? attached;
    if (running === group) runsWith.delete(id);
    else runsWith.set(id, running);
  }
  return answer;
}

async function describeParameters(call: WireCall, context: FakeContext): Promise<Answer> {
  const answer = await context.upstream();
  if (answer.status >= 400) return answer;
  const group = call.params.get('DBParameterGroupName') ?? '';
  const { rds } = context.aws;
  const family = (await groupOf(rds, group))?.DBParameterGroupFamily ?? '';
  const { Parameters = [] } = await rds.send(new DescribeDBParametersCommand({ DBParameterGroupName: group }));
  const { reset } = stateOf(context);
  const set = new Map(
    Parameters.filter(({ ParameterName }) => !reset.has(`${group}/${ParameterName}`)).map((one) => [
      one.ParameterName ?? '',
      one.ParameterValue,
    ]),
  );
  const names = listed(call, /^Filters\.Filter\.1\.Values\./);
  const source = call.params.get('Source');
  const all = [...known(family)].map(([name, byDefault]) => ({
    name,
    value: set.get(name) ?? byDefault,
    source: set.has(name) ? 'user' : byDefault === undefined ? 'engine-default' : 'system',
  }));
  const asked = all.filter(
    (one) => (names.length === 0 || names.includes(one.name)) && (!source || one.source === source),
  );
  const from = Number(call.params.get('Marker') ?? 0);
  const parameters = asked
    .slice(from, from + PAGE)
    .map(
      ({ name, value, source: of }) =>
        `<Parameter><ParameterName>${name}</ParameterName>${value === undefined ? '' : `<ParameterValue>${escapeXml(value)}</ParameterValue>`}<Source>${of}</Source><ApplyType>dynamic</ApplyType><DataType>string</DataType><IsModifiable>true</IsModifiable></Parameter>`,
    );
  const marker = from + PAGE < asked.length ? `<Marker>${from + PAGE}</Marker>` : '';
  return queryAnswer(call, `<Parameters>${parameters.join('')}</Parameters>${marker}`, NAMESPACE);
}

/** Refuses what RDS refuses of a change to a group; `undefined`: it may go on. */
async function refused(call: WireCall, { aws }: FakeContext): Promise<Answer | undefined> {
  const name = call.params.get('DBParameterGroupName') ?? '';
  if (name.startsWith('default.')) {
    return errorAnswer(call, 400, 'InvalidDBParameterGroupState', `${name} is a default group and cannot be changed`);
  }
  const group = await groupOf(aws.rds, name);
  if (!group) return errorAnswer(call, 404, 'DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`);
  const stray = listed(call, /^Parameters\.Parameter\.\d+\.ParameterName$/).find(
    (parameter) => !known(group.DBParameterGroupFamily ?? '').has(parameter),
  );
  return stray
    ? errorAnswer(call, 400, 'InvalidParameterValue', `Could not find parameter with name: ${stray}`)
    : undefined;
}

async function changeGroup(call: WireCall, context: FakeContext): Promise<Answer> {
  const no = await refused(call, context);
  if (no) return no;
  const resets = call.operation === 'rds:ResetDBParameterGroup';
  const group = call.params.get('DBParameterGroupName');
  const answer = resets
    ? queryAnswer(call, `<DBParameterGroupName>${group}</DBParameterGroupName>`, NAMESPACE)
    : await context.upstream();
  if (answer.status >= 400) return answer;
  const { reset } = stateOf(context);
  for (const parameter of listed(call, /^Parameters\.Parameter\.\d+\.ParameterName$/)) {
    if (resets) reset.add(`${group}/${parameter}`);
    else reset.delete(`${group}/${parameter}`);
  }
  return answer;
}

async function describeGroups(call: WireCall, context: FakeContext): Promise<Answer> {
  const answer = await context.upstream();
  const name = call.params.get('DBParameterGroupName');
  return name && answer.status < 400 && !answer.body.includes('<DBParameterGroup>')
    ? errorAnswer(call, 404, 'DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`)
    : answer;
}

async function deleteGroup(call: WireCall, context: FakeContext): Promise<Answer> {
  const no = await refused(call, context);
  if (no) return no;
  const name = call.params.get('DBParameterGroupName') ?? '';
  const [user] = await usersOf(context.aws.rds, name);
  if (user) return errorAnswer(call, 400, 'InvalidDBParameterGroupState', `${user} is still a member of ${name}`);
  const answer = await context.upstream();
  const { reset } = stateOf(context);
  if (answer.status < 400) for (const one of reset) if (one.startsWith(`${name}/`)) reset.delete(one);
  return answer;
}

const database = (DBInstanceIdentifier: string, DBParameterGroupName?: string) =>
  new CreateDBInstanceCommand({
    DBInstanceIdentifier,
    DBParameterGroupName,
    Engine: 'postgres',
    EngineVersion: '14.12',
    DBInstanceClass: 'db.t3.micro',
    MasterUsername: 'postgres',
    MasterUserPassword: 'not-a-secret',
    AllocatedStorage: 20,
  });
const group = (DBParameterGroupName: string) =>
  new CreateDBParameterGroupCommand({ DBParameterGroupName, DBParameterGroupFamily: 'postgres14', Description: 'gap' });
const forceSsl = { ParameterName: 'rds.force_ssl', ParameterValue: '1', ApplyMethod: 'immediate' as const };

/** Whether a command is refused with an error of this name, as the SDK throws it. */
const refuses = (sent: Promise<unknown>, name: string): Promise<boolean> =>
  sent.then(
    () => false,
    (error: Error) => error.name === name,
  );

/** A group attached to a running database waits for a restart. */
async function waits({ rds }: FakeContext['aws']): Promise<boolean> {
  await rds.send(database('gap-waits'));
  await rds.send(group('gap-waits'));
  await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'gap-waits', DBParameterGroupName: 'gap-waits' }));
  const { DBInstances: [found] = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  return found?.DBParameterGroups?.[0]?.ParameterApplyStatus === 'pending-reboot';
}

/** What RDS does: its API reference, and the User Guide's "Parameter groups for Amazon RDS". */
export const rdsGaps: readonly EmulationGap[] = [
  {
    service: 'rds',
    operation: 'DescribeDBInstances',
    reason:
      'moto says available and in-sync whatever happens; RDS says pending-reboot after another group was attached, and has PendingModifiedValues.',
    learnt: waits,
    fake: describeInstances,
  },
  {
    service: 'rds',
    operation: 'ModifyDBInstance',
    reason: 'moto modifies at once in any status; RDS waits for a restart with a group, and refuses unless available.',
    learnt: waits,
    fake: modifyInstance,
  },
  {
    service: 'rds',
    operation: 'DescribeDBParameters',
    reason:
      'moto lists only what was set, without Source and ApplyType, and ignores Source and Filters; RDS lists every parameter of the family, page by page.',
    async learnt({ rds }) {
      await rds.send(group('gap-parameters'));
      const asked = { DBParameterGroupName: 'gap-parameters', Source: 'system' };
      const { Parameters = [] } = await rds.send(new DescribeDBParametersCommand(asked));
      return Parameters.some(({ ParameterName }) => ParameterName === 'rds.force_ssl');
    },
    fake: describeParameters,
  },
  {
    service: 'rds',
    operation: 'DescribeDBParameterGroups',
    reason: 'moto answers an empty list for a group that is not there; RDS answers DBParameterGroupNotFound.',
    learnt: ({ rds }) =>
      refuses(
        rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'gap-nobody' })),
        'DBParameterGroupNotFoundFault',
      ),
    fake: describeGroups,
  },
  {
    service: 'rds',
    operation: 'ModifyDBParameterGroup',
    reason: 'moto changes default groups and takes parameters that do not exist; RDS refuses both.',
    async learnt({ rds }) {
      await rds.send(database('gap-default'));
      await rds.send(new DescribeDBInstancesCommand({}));
      const change = { DBParameterGroupName: 'default.postgres14', Parameters: [forceSsl] };
      return refuses(rds.send(new ModifyDBParameterGroupCommand(change)), 'InvalidDBParameterGroupStateFault');
    },
    fake: changeGroup,
  },
  {
    service: 'rds',
    operation: 'ResetDBParameterGroup',
    reason: 'moto lacks it.',
    async learnt({ rds }) {
      await rds.send(group('gap-reset'));
      const change = { DBParameterGroupName: 'gap-reset', Parameters: [forceSsl] };
      await rds.send(new ModifyDBParameterGroupCommand(change));
      return rds.send(new ResetDBParameterGroupCommand(change)).then(
        () => true,
        () => false,
      );
    },
    fake: changeGroup,
  },
  {
    service: 'rds',
    operation: 'DeleteDBParameterGroup',
    reason: 'moto deletes a group that databases use; RDS refuses.',
    async learnt({ rds }) {
      await rds.send(group('gap-used'));
      await rds.send(database('gap-used', 'gap-used'));
      const gone = rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName: 'gap-used' }));
      return refuses(gone, 'InvalidDBParameterGroupStateFault');
    },
    fake: deleteGroup,
  },
];
