import { defineControl } from '../../lib/control.ts';
import { INSTANCE_LIMITS, instanceTls } from '../../lib/rds/instance-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * Amazon RDS User Guide, "Requiring SSL/TLS for all connections to a MariaDB DB instance on Amazon RDS": from MariaDB
 * 10.5, off unless set; newer versions turn it on, so from 11 on no default is assumed where RDS does not tell it.
 */
const requireSecureTransport: RequiredParameter<'require_secure_transport'> = {
  control: 'rds-mariadb-tls-required',
  runs: (engine) => engine === 'mariadb',
  product: 'MariaDB',
  name: 'require_secure_transport',
  values: ['1', 'on'],
  byDefault: (version) => (/^10\./.test(version) ? '0' : undefined),
};

export default defineControl({
  ...instanceTls(requireSecureTransport),
  rationale:
    'Unless require_secure_transport is on a client may talk to the database in the clear, and many fall back to that by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits: `${INSTANCE_LIMITS} MariaDB before 10.5 cannot require TLS of everybody and has to be upgraded. Accounts that demand TLS of themselves (REQUIRE SSL) are not seen: RDS does not show them.`,
  mapsTo: { configRules: ['rds-mariadb-instance-encrypted-in-transit'], securityHub: ['RDS.44'] },
});
