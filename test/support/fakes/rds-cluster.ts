import {
  CreateDBClusterCommand,
  CreateDBClusterParameterGroupCommand,
  DeleteDBClusterParameterGroupCommand,
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  ModifyDBClusterParameterGroupCommand,
  type RDSClient,
  ResetDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import type { EmulationGap, FakeContext } from '../gap.ts';
import { type Answer, errorAnswer, queryAnswer, type WireCall } from '../wire.ts';

const NAMESPACE = 'http://rds.amazonaws.com/doc/2014-10-31/';
const PAGE = 100;

/** Tags by which a test gives a DB cluster what moto never gives it; DescribeDBClusters shows them as the real thing. */
export const EMULATE_CLUSTER = {
  engine: 'emulate:Engine',
  status: 'emulate:Status',
  /** `DBClusterParameterGroupStatus` of its members. */
  applied: 'emulate:DBClusterParameterGroupStatus',
} as const;

interface Clusters {
  /** Values that moto cannot forget: `group/parameter`. */
  readonly reset: Set<string>;
  /** Cluster -> the group its members run with, where another one is attached. */
  readonly runsWith: Map<string, string>;
}
const stateOf = (context: FakeContext): Clusters =>
  context.memory('rds-cluster', (): Clusters => ({ reset: new Set(), runsWith: new Map() }));

const text = (xml: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1] ?? '';
const tag = (xml: string, key: string): string | undefined =>
  new RegExp(`<Tag><Key>${key}</Key><Value>(.*?)</Value></Tag>`).exec(xml)?.[1];
const listed = ({ params }: WireCall, pattern: RegExp): string[] =>
  [...params].filter(([name]) => pattern.test(name)).map(([, value]) => value);

/** Parameter -> its default and what it may be; some others, so that one page does not hold all. */
function known(family: string): ReadonlyMap<string, { readonly byDefault?: string; readonly allowed?: string }> {
  const version = Number.parseFloat(family.replace(/^\D*/, ''));
  const aurora = family.startsWith('aurora');
  const others = Array.from({ length: 120 }, (_, n) => [`emulated_${n}`, {}] as const);
  const all = new Map<string, { byDefault?: string; allowed?: string }>([...others, ['log_output', {}]]);
  if (family.includes('postgres')) {
    if (version >= 10)
      all.set('rds.force_ssl', { byDefault: version >= (aurora ? 17 : 15) ? '1' : '0', allowed: '0,1' });
  } else if (version >= 5.7) {
    const allowed = aurora ? 'ON,OFF' : '0,1';
    all.set('require_secure_transport', { byDefault: aurora ? 'OFF' : '0', allowed });
  }
  return all;
}

/** The family of an engine's version, as RDS names it: `aurora-mysql8.0`, `aurora-postgresql14`. */
function familyOf(engine: string, version: string): string {
  const [major = '', minor = ''] = version.split('.');
  return engine.includes('postgres') ? `${engine}${major}` : `${engine}${major}.${minor}`;
}

async function groupFamily(rds: RDSClient, name: string): Promise<string | undefined> {
  if (name.startsWith('default.')) return name.slice('default.'.length);
  const { DBClusterParameterGroups = [] } = await rds.send(new DescribeDBClusterParameterGroupsCommand({}));
  return DBClusterParameterGroups.find((one) => one.DBClusterParameterGroupName === name)?.DBParameterGroupFamily;
}

async function describeClusters(_call: WireCall, context: FakeContext): Promise<Answer> {
  const answer = await context.upstream();
  const { runsWith } = stateOf(context);
  const body = answer.body.replaceAll(/<DBCluster>.*?<\/DBCluster>/gs, (cluster) => {
    const engine = tag(cluster, EMULATE_CLUSTER.engine) ?? text(cluster, 'Engine');
    const status = tag(cluster, EMULATE_CLUSTER.status) ?? text(cluster, 'Status');
    const own = text(cluster, 'DBClusterParameterGroup');
    const group = own.startsWith('default.') ? `default.${familyOf(engine, text(cluster, 'EngineVersion'))}` : own;
    const running = runsWith.get(text(cluster, 'DBClusterIdentifier')) ?? group;
    const applied = tag(cluster, EMULATE_CLUSTER.applied) ?? (running === group ? 'in-sync' : 'pending-reboot');
    const put = (xml: string, name: string, value: string) =>
      xml.replaceAll(new RegExp(`<${name}>.*?</${name}>`, 'g'), `<${name}>${value}</${name}>`);
    let changed = put(cluster, 'DBClusterParameterGroup', group);
    changed = put(changed, 'DBClusterParameterGroupStatus', applied);
    changed = put(put(changed, 'Status', status), 'Engine', engine);
    return changed.replaceAll(/<Tag><Key>emulate:.*?<\/Tag>/g, '');
  });
  return { ...answer, body };
}

async function seen({ fake, id }: { fake: FakeContext; id: string }) {
  const { DBClusters = [] } = await fake.aws.rds.send(new DescribeDBClustersCommand({}));
  return DBClusters.find((one) => one.DBClusterIdentifier === id);
}

async function modifyCluster(call: WireCall, context: FakeContext): Promise<Answer> {
  const id = (call.params.get('DBClusterIdentifier') ?? '').toLowerCase();
  const group = call.params.get('DBClusterParameterGroupName');
  const found = await seen({ fake: context, id });
  const tags = found?.TagList ?? [];
  const status = tags.find(({ Key }) => Key === EMULATE_CLUSTER.status)?.Value;
  if (status && status !== 'available') {
    return errorAnswer(call, 400, 'InvalidDBClusterStateFault', `Cluster is not in available state: ${status}`);
  }
  const answer = await context.upstream();
  const { runsWith } = stateOf(context);
  if (answer.status < 400 && group && found) {
    const attached = found.DBClusterParameterGroup ?? '';
    const real = attached.startsWith('default.')
      ? `default.${familyOf(found.Engine ?? '', found.EngineVersion ?? '')}`
      : attached;
    const running = runsWith.get(id) ?? real;
    if (running === group) runsWith.delete(id);
    else runsWith.set(id, running);
  }
  return answer;
}

async function describeParameters(call: WireCall, context: FakeContext): Promise<Answer> {
  const group = call.params.get('DBClusterParameterGroupName') ?? '';
  const { rds } = context.aws;
  const family = await groupFamily(rds, group);
  if (!family) return errorAnswer(call, 404, 'DBParameterGroupNotFound', `DBClusterParameterGroup not found: ${group}`);
  const { reset } = stateOf(context);
  const asked = new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group });
  const { Parameters = [] } = group.startsWith('default.') ? {} : await rds.send(asked);
  const set = new Map(
    Parameters.filter(({ ParameterName }) => !reset.has(`${group}/${ParameterName}`)).map((one) => [
      one.ParameterName ?? '',
      one.ParameterValue,
    ]),
  );
  const names = listed(call, /^Filters\.Filter\.1\.Values\./);
  const source = call.params.get('Source');
  const all = [...known(family)]
    .map(([name, { byDefault, allowed = '' }]) => {
      const value = set.get(name) ?? byDefault;
      const from = set.has(name) ? 'user' : byDefault === undefined ? 'engine-default' : 'system';
      return { name, value, from, allowed };
    })
    .filter(({ name, from }) => (names.length === 0 || names.includes(name)) && (!source || from === source));
  const start = Number(call.params.get('Marker') ?? 0);
  const parameters = all
    .slice(start, start + PAGE)
    .map(
      ({ name, value, from, allowed }) =>
        `<Parameter><ParameterName>${name}</ParameterName>${value === undefined ? '' : `<ParameterValue>${value}</ParameterValue>`}<Source>${from}</Source><ApplyType>dynamic</ApplyType><AllowedValues>${allowed}</AllowedValues></Parameter>`,
    );
  const marker = start + PAGE < all.length ? `<Marker>${start + PAGE}</Marker>` : '';
  return queryAnswer(call, `<Parameters>${parameters.join('')}</Parameters>${marker}`, NAMESPACE);
}

async function changeGroup(call: WireCall, context: FakeContext): Promise<Answer> {
  const group = call.params.get('DBClusterParameterGroupName') ?? '';
  if (group.startsWith('default.')) {
    return errorAnswer(call, 400, 'InvalidDBParameterGroupState', `${group} is a default group and cannot be changed`);
  }
  const family = await groupFamily(context.aws.rds, group);
  if (!family) return errorAnswer(call, 404, 'DBParameterGroupNotFound', `DBClusterParameterGroup not found: ${group}`);
  const parameters = listed(call, /^Parameters\.Parameter\.\d+\.ParameterName$/);
  const stray = parameters.find((parameter) => !known(family).has(parameter));
  if (stray) return errorAnswer(call, 400, 'InvalidParameterValue', `Could not find parameter with name: ${stray}`);
  const resets = call.operation === 'rds:ResetDBClusterParameterGroup';
  const answer = resets
    ? queryAnswer(call, `<DBClusterParameterGroupName>${group}</DBClusterParameterGroupName>`, NAMESPACE)
    : await context.upstream();
  if (answer.status >= 400) return answer;
  const { reset } = stateOf(context);
  for (const parameter of parameters) {
    if (resets) reset.add(`${group}/${parameter}`);
    else reset.delete(`${group}/${parameter}`);
  }
  return answer;
}

async function deleteGroup(call: WireCall, context: FakeContext): Promise<Answer> {
  const group = call.params.get('DBClusterParameterGroupName') ?? '';
  const { DBClusters = [] } = await context.aws.rds.send(new DescribeDBClustersCommand({}));
  const user = DBClusters.find((one) => one.DBClusterParameterGroup === group);
  if (user) {
    const message = `${user.DBClusterIdentifier} is still a member of ${group}`;
    return errorAnswer(call, 400, 'InvalidDBParameterGroupState', message);
  }
  const answer = await context.upstream();
  const { reset } = stateOf(context);
  if (answer.status < 400) for (const one of reset) if (one.startsWith(`${group}/`)) reset.delete(one);
  return answer;
}

const cluster = (DBClusterIdentifier: string, DBClusterParameterGroupName?: string) =>
  new CreateDBClusterCommand({
    DBClusterIdentifier,
    DBClusterParameterGroupName,
    Engine: 'aurora-mysql',
    EngineVersion: '8.0.mysql_aurora.3.05.2',
    MasterUsername: 'somebody',
    MasterUserPassword: 'not-a-secret',
  });
const group = (DBClusterParameterGroupName: string) =>
  new CreateDBClusterParameterGroupCommand({
    DBClusterParameterGroupName,
    DBParameterGroupFamily: 'aurora-mysql8.0',
    Description: 'gap',
  });
const parameter = { ParameterName: 'no_such_parameter', ParameterValue: 'ON', ApplyMethod: 'immediate' as const };
const refuses = (sent: Promise<unknown>): Promise<boolean> =>
  sent.then(
    () => false,
    () => true,
  );
async function namesItsDefault({ rds }: FakeContext['aws']): Promise<boolean> {
  await rds.send(cluster('gap-default'));
  const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({}));
  return DBClusters.some((one) => one.DBClusterParameterGroup === 'default.aurora-mysql8.0');
}

/** What RDS does with clusters: its API reference, and the Amazon Aurora User Guide's "Parameter groups". */
export const rdsClusterGaps: readonly EmulationGap[] = [
  {
    service: 'rds',
    operation: 'DescribeDBClusters',
    reason: "moto gives every cluster the same default group, and in-sync members whatever happens; RDS the family's.",
    learnt: namesItsDefault,
    fake: describeClusters,
  },
  {
    service: 'rds',
    operation: 'ModifyDBCluster',
    reason:
      'moto modifies in any status and at once; RDS waits for a restart with a group, and refuses unless available.',
    learnt: namesItsDefault,
    fake: modifyCluster,
  },
  {
    service: 'rds',
    operation: 'DescribeDBClusterParameters',
    reason: 'moto lists only what was set; RDS lists every parameter of the family, page by page.',
    async learnt({ rds }) {
      await rds.send(group('gap-parameters'));
      const asked = { DBClusterParameterGroupName: 'gap-parameters' };
      const { Parameters = [] } = await rds.send(new DescribeDBClusterParametersCommand(asked));
      return Parameters.some(({ ParameterName }) => ParameterName === 'require_secure_transport');
    },
    fake: describeParameters,
  },
  {
    service: 'rds',
    operation: 'ModifyDBClusterParameterGroup',
    reason: 'moto takes parameters that do not exist; RDS refuses them.',
    async learnt({ rds }) {
      await rds.send(group('gap-modify'));
      const change = { DBClusterParameterGroupName: 'gap-modify', Parameters: [parameter] };
      return refuses(rds.send(new ModifyDBClusterParameterGroupCommand(change)));
    },
    fake: changeGroup,
  },
  {
    service: 'rds',
    operation: 'ResetDBClusterParameterGroup',
    reason: 'moto lacks it.',
    async learnt({ rds }) {
      await rds.send(group('gap-reset'));
      const change = { DBClusterParameterGroupName: 'gap-reset', Parameters: [parameter] };
      return !(await refuses(rds.send(new ResetDBClusterParameterGroupCommand(change))));
    },
    fake: changeGroup,
  },
  {
    service: 'rds',
    operation: 'DeleteDBClusterParameterGroup',
    reason: 'moto deletes a group that clusters use; RDS refuses.',
    async learnt({ rds }) {
      await rds.send(group('gap-used'));
      await rds.send(cluster('gap-used'));
      const attach = { DBClusterIdentifier: 'gap-used', DBClusterParameterGroupName: 'gap-used' };
      await rds.send(new ModifyDBClusterCommand(attach));
      return refuses(rds.send(new DeleteDBClusterParameterGroupCommand({ DBClusterParameterGroupName: 'gap-used' })));
    },
    fake: deleteGroup,
  },
];
