import type { DBCluster, Parameter } from '@aws-sdk/client-rds';
import auroraMysql from '../../functions/aurora/mysql-tls-required.ts';
import auroraPostgres from '../../functions/aurora/postgres-tls-required.ts';
import mariadb from '../../functions/rds/mariadb-tls-required.ts';
import mysql from '../../functions/rds/mysql-tls-required.ts';
import postgres from '../../functions/rds/postgres-tls-required.ts';
import sqlserver from '../../functions/rds/sqlserver-tls-required.ts';
import { dbCluster } from '../../lib/aws/rds-cluster.ts';
import type { AnyControl, Verdict } from '../../lib/control.ts';
import { DEFAULT_SETTINGS } from '../../lib/settings.ts';

type Answers = Readonly<Record<string, unknown>>;
/** One look of a control at answers given by operation; an operation without one must not be asked. */
async function judge(control: AnyControl, answers: Answers): Promise<{ verdict: Verdict; calls: readonly unknown[] }> {
  const [type] = control.resources;
  const key = { partition: 'aws', account: '123456789012', region: 'us-east-1', type, id: 'records' };
  const call = async ({ name }: { name: string }) => {
    if (!(name in answers)) throw new Error(`${name} was not to be asked`);
    return answers[name];
  };
  const read = call as unknown as Parameters<AnyControl['observe']>[1];
  const state = await control.observe(key, read, DEFAULT_SETTINGS);
  const verdict: Verdict = control.evaluate(state, { settings: DEFAULT_SETTINGS, now: new Date(0), key });
  const fixes = verdict.status === 'NON_COMPLIANT' && verdict.desired !== 'manual';
  return { verdict, calls: fixes ? control.set(state, verdict.desired) : [] };
}
const instance = (Engine: string, EngineVersion: string, parameters: readonly Parameter[]): Answers => ({
  'rds:DescribeDBInstances': {
    DBInstances: [
      {
        DBInstanceIdentifier: 'records',
        Engine,
        EngineVersion,
        DBInstanceStatus: 'available',
        DBParameterGroups: [{ DBParameterGroupName: 'clinic', ParameterApplyStatus: 'in-sync' }],
      },
    ],
  },
  'rds:DescribeDBParameters': { Parameters: parameters },
});
const cluster = (about: Partial<DBCluster>, parameters: readonly Parameter[]): Answers => ({
  'rds:DescribeDBClusters': {
    DBClusters: [{ DBClusterIdentifier: 'records', Status: 'available', DBClusterParameterGroup: 'clinic', ...about }],
  },
  'rds:DescribeDBClusterParameters': { Parameters: parameters },
});
const secure = (ParameterValue: string | undefined, AllowedValues?: string): Parameter => ({
  ParameterName: 'require_secure_transport',
  ...(ParameterValue !== undefined && { ParameterValue }),
  ...(AllowedValues && { AllowedValues }),
  ApplyType: 'dynamic',
});
const forced = (ParameterValue: string, ApplyType: string): Parameter => ({
  ParameterName: 'rds.force_ssl',
  ParameterValue,
  ApplyType,
});

describe('whose engine it is', () => {
  const instances: [string, AnyControl | undefined][] = [
    ['postgres', postgres],
    ['mysql', mysql],
    ['mariadb', mariadb],
    ...['sqlserver-ee', 'sqlserver-se', 'sqlserver-ex', 'sqlserver-web'].map((one): [string, AnyControl] => [
      one,
      sqlserver,
    ]),
    ...[
      'db2-ae',
      'db2-se',
      'docdb',
      'neptune',
      'oracle-ee',
      'oracle-se2-cdb',
      'aurora-mysql',
      'aurora-postgresql',
      'custom-sqlserver-ee',
    ].map((one): [string, undefined] => [one, undefined]),
  ];
  it.each(instances)('instances of %s', async (engine, owner) => {
    const on = [secure('1'), forced('1', 'dynamic')];
    for (const control of [postgres, mysql, mariadb, sqlserver]) {
      const { verdict } = await judge(control, instance(engine, '8.0', on));
      expect(verdict.status).toBe(control === owner ? 'COMPLIANT' : 'NOT_APPLICABLE');
    }
  });

  const clusters: [string, AnyControl | undefined][] = [
    ['aurora-mysql', auroraMysql],
    ['aurora', auroraMysql],
    ['mysql', auroraMysql],
    ['aurora-postgresql', auroraPostgres],
    ['postgres', auroraPostgres],
    ['docdb', undefined],
    ['neptune', undefined],
  ];
  it.each(clusters)('clusters of %s', async (Engine, owner) => {
    const on = [secure('ON'), forced('1', 'dynamic')];
    for (const control of [auroraMysql, auroraPostgres]) {
      const { verdict } = await judge(control, cluster({ Engine, EngineVersion: '8.0' }, on));
      expect(verdict.status).toBe(control === owner ? 'COMPLIANT' : 'NOT_APPLICABLE');
    }
  });
});

describe('how the value is spelled', () => {
  it.each(['1', 'ON', 'on'])('%s is on', async (value) => {
    const { verdict } = await judge(mysql, instance('mysql', '8.0.36', [secure(value)]));
    expect(verdict).toEqual({ status: 'COMPLIANT' });
  });
  it.each([
    ['0', '0,1', '1'],
    ['OFF', 'ON,OFF', 'ON'],
    ['0', '0, 1', '1'],
    ['0', undefined, '1'],
  ])('%s of %s becomes %s', async (value, allowed, expected) => {
    const { calls } = await judge(mysql, instance('mysql', '8.0.36', [secure(value, allowed)]));
    const changed = { ParameterName: 'require_secure_transport', ParameterValue: expected, ApplyMethod: 'immediate' };
    expect(calls).toMatchObject([{ input: { DBParameterGroupName: 'clinic', Parameters: [changed] } }]);
  });
  it('a static parameter is set for the next restart, and says so', async () => {
    const { verdict, calls } = await judge(sqlserver, instance('sqlserver-se', '15.00', [forced('0', 'static')]));
    expect(verdict).toMatchObject({ status: 'NON_COMPLIANT', reason: 'off', takesEffect: 'later' });
    expect(calls).toMatchObject([{ input: { Parameters: [{ ApplyMethod: 'pending-reboot' }] } }]);
  });
});

describe('a version whose groups do not list the parameter', () => {
  it.each([
    [mysql, 'mysql', '5.6.51'],
    [mariadb, 'mariadb', '10.4.30'],
    [mariadb, 'mariadb', '12.1'],
    [sqlserver, 'sqlserver-ee', '10.50'],
  ] as const)('%#: %s %s has to be upgraded by a person', async (control, engine, version) => {
    const { verdict } = await judge(control, instance(engine, version, []));
    expect(verdict).toMatchObject({ status: 'NON_COMPLIANT', reason: 'versionCannot', desired: 'manual' });
  });
});

describe('a cluster has taken over its group', () => {
  const members = (...said: (string | undefined)[]) =>
    said.map((DBClusterParameterGroupStatus, n) => ({
      DBInstanceIdentifier: `records-${n}`,
      ...(DBClusterParameterGroupStatus && { DBClusterParameterGroupStatus }),
    }));
  it.each([
    [members(), 'COMPLIANT', undefined],
    [members('in-sync', 'in-sync'), 'COMPLIANT', undefined],
    [members('in-sync', 'pending-reboot'), 'PENDING', 'waitsForRestart'],
    [members('applying', 'pending-reboot'), 'PENDING', 'waitsForRestart'],
    [members('in-sync', 'applying'), 'PENDING', 'applying'],
    [members('in-sync', undefined), 'PENDING', 'waitsForRestart'],
    [members('pending-reboot', 'failed-to-apply'), 'NON_COMPLIANT', 'notApplied'],
  ])('%#: as far as its slowest member', async (DBClusterMembers, status, reason) => {
    const about = { Engine: 'aurora-mysql', EngineVersion: '8.0', DBClusterMembers };
    const { verdict } = await judge(auroraMysql, cluster(about, [secure('ON')]));
    expect(verdict).toMatchObject({ status, ...(reason && { reason }) });
  });
  it('is not judged when RDS names no group', async () => {
    const answers = cluster({ Engine: 'aurora-mysql', DBClusterParameterGroup: undefined }, []);
    await expect(judge(auroraMysql, answers)).rejects.toThrow('no parameter group for records');
  });
});

describe('DB clusters as a resource type', () => {
  const all = Array.from({ length: 3 }, (_, n) => ({
    DBClusterIdentifier: `c-${n}`,
    DbClusterResourceId: `cluster-R${n}`,
    DBClusterParameterGroup: n === 1 ? 'default' : 'clinic',
  }));
  const asked: unknown[] = [];
  /** One cluster a page. */
  // biome-ignore lint/suspicious/noExplicitAny: the caller's types are the operation's own
  const call: any = async (
    _op: unknown,
    input: { Marker?: string; Filters?: { Name: string; Values: string[] }[] },
  ) => {
    asked.push(input);
    const wanted = input.Filters?.[0]?.Values;
    const found = wanted ? all.filter((one) => wanted.includes(one.DbClusterResourceId)) : all;
    const at = Number(input.Marker ?? 0);
    return { DBClusters: found.slice(at, at + 1), ...(at + 1 < found.length && { Marker: String(at + 1) }) };
  };
  const ids = async (found: AsyncIterable<string>) => {
    const list: string[] = [];
    for await (const id of found) list.push(id);
    return list;
  };
  it('lists every page', async () => {
    expect(await ids(dbCluster.list(call, { account: '123456789012', region: 'us-east-1' }))).toEqual([
      'c-0',
      'c-1',
      'c-2',
    ]);
  });
  it('finds the users of a group, and the name behind a resource id', async () => {
    expect(await ids(dbCluster.lookups!['cluster-parameter-group']!('clinic', call))).toEqual(['c-0', 'c-2']);
    expect(await ids(dbCluster.lookups!['cluster-resource-id']!('cluster-R1', call))).toEqual(['c-1']);
    expect(asked.at(-1)).toMatchObject({ Filters: [{ Name: 'db-cluster-resource-id', Values: ['cluster-R1'] }] });
  });
});
