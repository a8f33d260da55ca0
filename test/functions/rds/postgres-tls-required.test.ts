import { CreateDBClusterCommand, CreateDBInstanceCommand, ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import control from '../../../functions/rds/postgres-tls-required.ts';
import { dbInstance } from '../../../lib/aws/rds.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { databases, ofUser, seen, snapshot } from './databases.ts';

const {
  own: OWN,
  ours: OURS,
  database,
  group,
  set,
} = databases({
  control: 'rds-postgres-tls-required',
  Engine: 'postgres',
  EngineVersion: '14.12',
  family: 'postgres14',
  parameter: 'rds.force_ssl',
  on: '1',
  off: '0',
});

const hasOwn = async (aws: TestAws, id: string) => {
  expect((await seen(aws, id)).DBParameterGroups).toEqual([
    { DBParameterGroupName: OWN, ParameterApplyStatus: 'pending-reboot' },
  ]);
  expect(await ofUser(aws, OWN)).toMatchObject({ 'rds.force_ssl': '1' });
};

testControl(control, {
  type: dbInstance,
  budget: 13,
  snapshot,
  cases: [
    {
      name: 'PostgreSQL 16 with its default group',
      given: (aws) => database(aws, { EngineVersion: '16.3' }),
      is: 'COMPLIANT',
    },
    {
      name: 'PostgreSQL 14 with a group in which it is on',
      given: async (aws) => database(aws, { group: await group(aws, 'clinic', { 'rds.force_ssl': '1' }) }),
      is: 'COMPLIANT',
    },
    {
      name: 'the group made by Suture, taken over',
      given: async (aws) => database(aws, { group: await group(aws, OWN, { 'rds.force_ssl': '1' }, { tags: OURS }) }),
      is: 'COMPLIANT',
    },
    {
      name: 'stopped, and on',
      given: (aws) => database(aws, { EngineVersion: '16.3', emulate: { status: 'stopped' } }),
      is: 'COMPLIANT',
    },

    {
      name: 'MySQL',
      given: (aws) => database(aws, { Engine: 'mysql', EngineVersion: '8.0.36' }),
      is: 'NOT_APPLICABLE',
      reason: 'otherEngine',
    },
    {
      name: 'a member of an Aurora cluster',
      given: async (aws) => {
        const cluster = { DBClusterIdentifier: 'au', Engine: 'aurora-postgresql', EngineVersion: '14.12' };
        await aws.rds.send(
          new CreateDBClusterCommand({ ...cluster, MasterUsername: 'postgres', MasterUserPassword: 'not-a-secret' }),
        );
        const DBInstanceClass = 'db.r6g.large';
        await aws.rds.send(
          new CreateDBInstanceCommand({ ...cluster, DBInstanceIdentifier: 'records', DBInstanceClass }),
        );
        return 'records';
      },
      is: 'NOT_APPLICABLE',
      reason: 'otherEngine',
    },
    {
      name: 'a member of a Multi-AZ DB cluster',
      given: async (aws) => {
        const cluster = { DBClusterIdentifier: 'az', Engine: 'postgres', EngineVersion: '14.12' };
        await aws.rds.send(
          new CreateDBClusterCommand({
            ...cluster,
            MasterUsername: 'postgres',
            MasterUserPassword: 'not-a-secret',
            DBClusterInstanceClass: 'db.m6gd.large',
            AllocatedStorage: 100,
            Iops: 1000,
            StorageType: 'io1',
          }),
        );
        const DBInstanceClass = 'db.m6gd.large';
        await aws.rds.send(
          new CreateDBInstanceCommand({ ...cluster, DBInstanceIdentifier: 'records', DBInstanceClass }),
        );
        return 'records';
      },
      is: 'NOT_APPLICABLE',
      reason: 'inCluster',
    },

    ...['creating', 'modifying', 'rebooting', 'deleting', 'incompatible-parameters'].map((status) => ({
      name: `a database that is ${status}`,
      given: (aws: TestAws) => database(aws, { emulate: { status } }),
      is: 'UNSETTLED' as const,
      reason: 'unsettled',
    })),
    ...['stopped', 'backing-up'].map((status) => ({
      name: `off, and ${status}`,
      given: (aws: TestAws) => database(aws, { emulate: { status } }),
      is: 'UNSETTLED' as const,
      reason: 'unchangeable',
    })),

    {
      name: 'a group in which it is on, attached and not yet taken over',
      given: async (aws) => {
        const id = await database(aws);
        const DBParameterGroupName = await group(aws, 'clinic', { 'rds.force_ssl': '1' });
        await aws.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, DBParameterGroupName }));
        return id;
      },
      is: 'PENDING',
      reason: 'waitsForRestart',
    },
    {
      name: 'on, and just being applied',
      given: (aws) => database(aws, { EngineVersion: '16.3', emulate: { applied: 'applying' } }),
      is: 'PENDING',
      reason: 'applying',
    },
    {
      name: 'on, in a group RDS could not apply',
      given: (aws) => database(aws, { EngineVersion: '16.3', emulate: { applied: 'failed-to-apply' } }),
      is: 'MANUAL',
      reason: 'notApplied',
    },

    {
      name: 'a new PostgreSQL 14 with its default group gets one of its own, and what others left pending stays so',
      given: (aws) => database(aws, { emulate: { pendingClass: 'db.r6g.2xlarge' } }),
      is: 'DRIFTED',
      reason: 'offByDefault',
      becomes: 'PENDING',
      shows: async (aws, id) => {
        await hasOwn(aws, id);
        const { DBInstanceClass, PendingModifiedValues } = await seen(aws, id);
        expect(DBInstanceClass).toBe('db.t3.micro');
        expect(PendingModifiedValues).toEqual({ DBInstanceClass: 'db.r6g.2xlarge' });
      },
      neighbour: async ({ rds }, id) => {
        await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, DBInstanceClass: 'db.t3.large' }));
      },
    },
    {
      name: 'an older database with a default group: its clients are asked for first',
      given: (aws) => database(aws),
      origin: 'changes',
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'a restored copy',
      given: (aws) => database(aws),
      origin: 'restores',
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'an upgrade waits that needs another group',
      given: (aws) => database(aws, { emulate: { pendingVersion: '16.3' } }),
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'a version that has no such parameter',
      given: (aws) => database(aws, { EngineVersion: '9.2.1' }),
      is: 'MANUAL',
      reason: 'versionCannot',
    },
    {
      name: 'our group is there and empty',
      given: async (aws) => {
        await group(aws, OWN, {}, { tags: OURS });
        return database(aws);
      },
      is: 'DRIFTED',
      reason: 'offByDefault',
      becomes: 'PENDING',
      shows: hasOwn,
    },
    {
      name: 'our group is there, and somebody set something else in it',
      given: async (aws) => {
        await group(aws, OWN, { log_statement: 'all' }, { tags: OURS });
        return database(aws);
      },
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: "somebody else's group has our name",
      given: async (aws) => {
        await group(aws, OWN);
        return database(aws);
      },
      is: 'MANUAL',
      reason: 'nameTaken',
    },

    {
      name: 'turned off in a group of its own',
      given: async (aws) =>
        database(aws, { group: await group(aws, 'clinic', { 'rds.force_ssl': '0', log_statement: 'all' }) }),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'off',
      shows: async (aws) => {
        expect(await ofUser(aws, 'clinic')).toEqual({ 'rds.force_ssl': '1', log_statement: 'all' });
      },
      neighbour: async (aws) => {
        await set(aws, 'clinic', { log_statement: 'ddl' });
      },
    },
    {
      name: 'a group of its own that leaves it to the default of PostgreSQL 14',
      given: async (aws) => database(aws, { group: await group(aws, 'clinic') }),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'off',
      shows: async (aws) => {
        expect(await ofUser(aws, 'clinic')).toEqual({ 'rds.force_ssl': '1' });
      },
    },
    {
      name: 'a group that another database uses',
      given: async (aws) => {
        const name = await group(aws, 'clinic', { 'rds.force_ssl': '0' });
        await database(aws, { id: 'lab', group: name });
        return database(aws, { group: name });
      },
      is: 'APPROVAL',
      reason: 'off',
    },
  ],
});
