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
import { rdsClusterGaps } from './rds-cluster.ts';

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
  cluster: 'emulate:DBClusterIdentifier',
} as const;

interface Rds {
  /** Values that moto cannot forget: `group/parameter`. */
  readonly reset: Set<string>;
  /** Instance -> the group it runs with, where another one is attached. */
  readonly runsWith: Map<string, string>;
  /** `group/parameter` of static parameters changed while in use -> the value its databases still run with. */
  readonly runsOn: Map<string, string | undefined>;
}
const stateOf = (context: FakeContext): Rds =>
  context.memory('rds', (): Rds => ({ reset: new Set(), runsWith: new Map(), runsOn: new Map() }));

const text = (xml: string, name: string): string | undefined => new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1];
const tag = (xml: string, key: string): string | undefined =>
  new RegExp(`<Tag><Key>${key}</Key><Value>(.*?)</Value></Tag>`).exec(xml)?.[1];

/** A parameter as a family has it before anybody set anything. */
interface Known {
  readonly byDefault?: string;
  readonly isStatic?: boolean;
  readonly allowed?: string;
}

/** What is known of a family; some others besides the one that matters, so that one page does not hold all. */
function known(family: string): ReadonlyMap<string, Known> {
  const others = Array.from({ length: 120 }, (_, n): [string, Known] => [`emulated_${n}`, {}]);
  return new Map([...others, ['log_statement', {}], ...tlsParameter(family)]);
}
function tlsParameter(family: string): [string, Known][] {
  const version = Number.parseFloat(family.replace(/^\D*/, ''));
  if (family.startsWith('sqlserver')) {
    return version < 10 ? [] : [['rds.force_ssl', { byDefault: '0', isStatic: true, allowed: '0,1' }]];
  }
  if (family.startsWith('postgres')) {
    return version < 9.3 ? [] : [['rds.force_ssl', { byDefault: version >= 15 ? '1' : '0', allowed: '0,1' }]];
  }
  const since = family.startsWith('mariadb') ? 10.5 : 5.7;
  const allowed = family.startsWith('mariadb') ? 'OFF,ON' : '0,1';
  return version < since ? [] : [['require_secure_transport', { byDefault: allowed.split(',')[0]!, allowed }]];
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
  const { runsWith, runsOn } = stateOf(context);
  const changed = new Set([...runsOn.keys()].map((one) => one.split('/')[0]));
  const body = answer.body.replaceAll(/<DBInstance>.*?<\/DBInstance>/gs, (instance) => {
    const status = tag(instance, EMULATE.status) ?? text(instance, 'DBInstanceStatus');
    const attached = text(instance, 'DBParameterGroupName');
    const running = runsWith.get(text(instance, 'DBInstanceIdentifier') ?? '') ?? attached;
    const applied =
      tag(instance, EMULATE.applied) ?? (running === attached && !changed.has(attached) ? 'in-sync' : 'pending-reboot');
    const pendingClass = tag(instance, EMULATE.pendingClass);
    const pendingVersion = tag(instance, EMULATE.pendingVersion);
    const cluster = tag(instance, EMULATE.cluster);
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
      .replace(
        '</DBInstance>',
        `${cluster ? `<DBClusterIdentifier>${cluster}</DBClusterIdentifier>` : ''}</DBInstance>`,
      )
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

/** What somebody set in a group, without what was reset since. */
async function setIn(context: FakeContext, group: string): Promise<ReadonlyMap<string, string | undefined>> {
  const asked = new DescribeDBParametersCommand({ DBParameterGroupName: group });
  const { Parameters = [] } = await context.aws.rds.send(asked);
  const { reset } = stateOf(context);
  const set = Parameters.filter(({ ParameterName }) => !reset.has(`${group}/${ParameterName}`));
  return new Map(set.map((one) => [one.ParameterName ?? '', one.ParameterValue]));
}

async function describeParameters(call: WireCall, context: FakeContext): Promise<Answer> {
  const answer = await context.upstream();
  if (answer.status >= 400) return answer;
  const group = call.params.get('DBParameterGroupName') ?? '';
  const { rds } = context.aws;
  const family = (await groupOf(rds, group))?.DBParameterGroupFamily ?? '';
  const set = await setIn(context, group);
  const names = listed(call, /^Filters\.Filter\.1\.Values\./);
  const source = call.params.get('Source');
  const all = [...known(family)].map(([name, { byDefault, isStatic = false, allowed }]) => ({
    name,
    type: isStatic ? 'static' : 'dynamic',
    allowed,
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
      ({ name, value, type, allowed, source: of }) =>
        `<Parameter><ParameterName>${name}</ParameterName>${value === undefined ? '' : `<ParameterValue>${escapeXml(value)}</ParameterValue>`}<Source>${of}</Source><ApplyType>${type}</ApplyType>${allowed ? `<AllowedValues>${allowed}</AllowedValues>` : ''}<DataType>string</DataType><IsModifiable>true</IsModifiable></Parameter>`,
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
  const parameters = listed(call, /^Parameters\.Parameter\.\d+\.ParameterName$/);
  const all = known(group.DBParameterGroupFamily ?? '');
  const stray = parameters.find((parameter) => !all.has(parameter));
  if (stray) return errorAnswer(call, 400, 'InvalidParameterValue', `Could not find parameter with name: ${stray}`);
  const methods = listed(call, /^Parameters\.Parameter\.\d+\.ApplyMethod$/);
  return parameters.some((parameter, n) => all.get(parameter)?.isStatic && methods[n] === 'immediate')
    ? errorAnswer(call, 400, 'InvalidParameterCombination', 'cannot use immediate apply method for static parameter')
    : undefined;
}

async function changeGroup(call: WireCall, context: FakeContext): Promise<Answer> {
  const no = await refused(call, context);
  if (no) return no;
  const resets = call.operation === 'rds:ResetDBParameterGroup';
  const group = call.params.get('DBParameterGroupName') ?? '';
  const before = await setIn(context, group);
  const answer = resets
    ? queryAnswer(call, `<DBParameterGroupName>${group}</DBParameterGroupName>`, NAMESPACE)
    : await context.upstream();
  if (answer.status >= 400) return answer;
  const { reset } = stateOf(context);
  for (const parameter of listed(call, /^Parameters\.Parameter\.\d+\.ParameterName$/)) {
    if (resets) reset.add(`${group}/${parameter}`);
    else reset.delete(`${group}/${parameter}`);
  }
  await noteStatic(context, group, before);
  return answer;
}

/** A static parameter changed in a group that databases use: they run on with the old value until a restart. */
async function noteStatic(context: FakeContext, group: string, before: ReadonlyMap<string, string | undefined>) {
  const { runsOn } = stateOf(context);
  const family = (await groupOf(context.aws.rds, group))?.DBParameterGroupFamily ?? '';
  const used = (await usersOf(context.aws.rds, group)).length > 0;
  const now = await setIn(context, group);
  for (const [name, { byDefault, isStatic }] of used ? known(family) : []) {
    if (!isStatic) continue;
    const key = `${group}/${name}`;
    const running = runsOn.has(key) ? runsOn.get(key) : (before.get(name) ?? byDefault);
    if ((now.get(name) ?? byDefault) === running) runsOn.delete(key);
    else runsOn.set(key, running);
  }
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
  ...rdsClusterGaps,
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
