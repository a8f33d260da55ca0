import { defineControl } from '../../lib/control.ts';
import { INSTANCE_LIMITS, instanceTls } from '../../lib/rds/instance-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * Amazon RDS User Guide, "Requiring SSL/TLS for all connections to a MySQL DB instance on Amazon RDS": off unless set.
 * MySQL has it from 5.7.8 (MySQL 5.7 Reference Manual, "Server System Variables"); groups of 5.5 and 5.6 do not list it.
 * No default is assumed of a version newer than those the guide speaks of.
 */
const requireSecureTransport: RequiredParameter<'require_secure_transport'> = {
  control: 'rds-mysql-tls-required',
  runs: (engine) => engine === 'mysql',
  product: 'MySQL',
  name: 'require_secure_transport',
  values: ['1', 'on'],
  byDefault: (version) => (/^(?:5\.|8\.0)/.test(version) ? '0' : undefined),
};

export default defineControl({
  ...instanceTls(requireSecureTransport, { RestoreDBInstanceFromS3: 'restores' }),
  rationale:
    'Unless require_secure_transport is on a client may talk to the database in the clear, and clients whose TLS mode is "preferred" do so by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits: `${INSTANCE_LIMITS} Accounts that demand TLS of themselves (REQUIRE SSL) are not seen: RDS does not show them.`,
  mapsTo: { configRules: ['rds-mysql-instance-encrypted-in-transit'], securityHub: ['RDS.39'] },
});
