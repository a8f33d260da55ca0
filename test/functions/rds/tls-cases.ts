import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import type { Case, TestAws } from '../../control-tester.ts';
import { databases, type Engine, ofUser, seen } from './databases.ts';

/** The cases that controls of one lens have in common: what is the engine's own, and each reason. The lens has tests of its own. */
export function tlsCases(engine: Engine, unable: string): Case[] {
  const { parameter, on, off, isStatic } = engine;
  const { own, ours, database, group, set } = databases(engine);
  const clinic = async (aws: TestAws, values: Readonly<Record<string, string>>) =>
    database(aws, { group: await group(aws, 'clinic', values) });
  const emulated = (status: string) => (aws: TestAws) => database(aws, { emulate: { status } });
  return [
    { name: 'on', given: (aws) => clinic(aws, { [parameter]: on }), is: 'COMPLIANT' },
    {
      name: 'the group made by Suture, taken over',
      given: async (aws) => database(aws, { group: await group(aws, own, { [parameter]: on }, { tags: ours }) }),
      is: 'COMPLIANT',
    },
    {
      name: 'Oracle',
      given: (aws) => database(aws, { Engine: 'oracle-ee', EngineVersion: '19.0.0.0' }),
      is: 'NOT_APPLICABLE',
      reason: 'otherEngine',
    },
    {
      name: 'a member of a cluster',
      given: (aws) => database(aws, { emulate: { cluster: 'az' } }),
      is: 'NOT_APPLICABLE',
      reason: 'inCluster',
    },
    {
      name: 'turned off in a group that another database uses',
      given: async (aws) => {
        const id = await clinic(aws, { [parameter]: off });
        await database(aws, { id: 'lab', group: 'clinic' });
        return id;
      },
      is: 'APPROVAL',
      reason: 'off',
    },
    { name: 'creating', given: emulated('creating'), is: 'UNSETTLED', reason: 'unsettled' },
    { name: 'off, and stopped', given: emulated('stopped'), is: 'UNSETTLED', reason: 'unchangeable' },
    {
      name: 'on, attached and not yet taken over',
      given: async (aws) => {
        const id = await database(aws);
        const DBParameterGroupName = await group(aws, 'clinic', { [parameter]: on });
        await aws.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, DBParameterGroupName }));
        return id;
      },
      is: 'PENDING',
      reason: 'waitsForRestart',
    },
    ...(['applying', 'failed-to-apply'] as const).map(
      (applied): Case => ({
        name: `on, ${applied}`,
        given: async (aws) =>
          database(aws, { group: await group(aws, 'clinic', { [parameter]: on }), emulate: { applied } }),
        ...(applied === 'applying' ? { is: 'PENDING', reason: 'applying' } : { is: 'MANUAL', reason: 'notApplied' }),
      }),
    ),
    {
      name: "somebody else's group has our name",
      given: async (aws) => {
        await group(aws, own);
        return database(aws);
      },
      is: 'MANUAL',
      reason: 'nameTaken',
    },
    {
      name: 'a version that has no such parameter',
      given: (aws) => database(aws, { EngineVersion: unable }),
      is: 'MANUAL',
      reason: 'versionCannot',
    },
    {
      name: 'a restored copy',
      given: (aws) => database(aws),
      origin: 'restores',
      is: 'APPROVAL',
      reason: 'offByDefault',
    },
    {
      name: 'a new one with its default group gets one of its own',
      given: (aws) => database(aws),
      is: 'DRIFTED',
      reason: 'offByDefault',
      becomes: 'PENDING',
      shows: async (aws, id) => {
        const attached = [{ DBParameterGroupName: own, ParameterApplyStatus: 'pending-reboot' }];
        expect((await seen(aws, id)).DBParameterGroups).toEqual(attached);
        expect(await ofUser(aws, own)).toEqual({ [parameter]: on });
      },
    },
    {
      name: 'a group of its own that leaves it to the default',
      given: (aws) => clinic(aws, { log_statement: 'all' }),
      // A fix that waits for a restart is made unasked only for what was just created.
      origin: isStatic ? 'creates' : 'opens',
      is: 'DRIFTED',
      reason: 'off',
      ...(isStatic && { becomes: 'PENDING' as const }),
      shows: async (aws) => {
        expect(await ofUser(aws, 'clinic')).toEqual({ [parameter]: on, log_statement: 'all' });
      },
      neighbour: async (aws) => {
        await set(aws, 'clinic', { log_statement: 'ddl' });
      },
    },
  ];
}
