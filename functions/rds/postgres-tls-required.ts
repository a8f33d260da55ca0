import { defineControl } from '../../lib/control.ts';
import { getSlots, setSlots, writes } from '../../lib/rds/lens.ts';
import { type RequiredParameter, readParameter, reads } from '../../lib/rds/parameter-group.ts';
import { judgeTls, REASONS } from '../../lib/rds/tls.ts';

/**
 * `rds.force_ssl` is on by default from PostgreSQL 15: Amazon RDS User Guide, "Requiring an SSL connection to a
 * PostgreSQL DB instance". A version that cannot be read has no known default.
 */
const forceSsl: RequiredParameter<'rds.force_ssl'> = {
  control: 'rds-postgres-tls-required',
  engine: 'postgres',
  product: 'PostgreSQL',
  name: 'rds.force_ssl',
  value: '1',
  byDefault(version) {
    const major = Number.parseInt(version, 10);
    return Number.isNaN(major) ? undefined : major >= 15 ? '1' : '0';
  },
};

export default defineControl({
  id: forceSsl.control,
  title: 'PostgreSQL refuses connections without TLS',
  rationale:
    'Without rds.force_ssl a client may talk to the database in the clear, and most fall back to that by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits:
    'Aurora and Multi-AZ DB clusters set this for their members and are left to controls of their own. A database is never restarted: one that leaves a default group keeps accepting clients without TLS until its next restart, and is reported as failed until then. Connections that are open stay open. A group of ours that a database left by a rename or a major upgrade stays behind.',
  severity: 'MEDIUM',
  impact: 'may-reject-clients',
  reverts: {
    partly:
      'A parameter group made by Suture in which somebody has set something else since is detached and not deleted. What already waits for a restart, or was taken over by one, is undone by the next restart.',
  },
  hipaa: ['164.312(e)(1)', '164.312(e)(2)(i)', '164.312(e)(2)(ii)'],
  mapsTo: { configRules: ['rds-postgres-instance-encrypted-in-transit'], securityHub: ['RDS.38'] },
  resources: ['AWS::RDS::DBInstance'],
  triggers: [
    {
      source: 'rds.amazonaws.com',
      events: {
        CreateDBInstance: 'creates',
        ModifyDBInstance: 'changes',
        ModifyDBParameterGroup: 'changes',
        ResetDBParameterGroup: 'opens',
        RestoreDBInstanceFromDBSnapshot: 'restores',
        RestoreDBInstanceToPointInTime: 'restores',
        CreateDBInstanceReadReplica: 'restores',
        PromoteReadReplica: 'restores',
        RebootDBInstance: 'looks',
        StartDBInstance: 'looks',
      },
    },
  ],
  reasons: REASONS,
  reads,
  writes,

  observe: (key, call) => readParameter(key, forceSsl, call),
  get: (state) => getSlots(state, forceSsl),
  evaluate: (state) => judgeTls(state, forceSsl),
  set: (state, slots) => setSlots(state, forceSsl, slots),
});
