import { defineControl } from '../../lib/control.ts';
import { INSTANCE_LIMITS, instanceTls } from '../../lib/rds/instance-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * `rds.force_ssl` is on by default from PostgreSQL 15: Amazon RDS User Guide, "Requiring an SSL connection to a
 * PostgreSQL DB instance". A version that cannot be read has no known default.
 */
const forceSsl: RequiredParameter<'rds.force_ssl'> = {
  control: 'rds-postgres-tls-required',
  runs: (engine) => engine === 'postgres',
  product: 'PostgreSQL',
  name: 'rds.force_ssl',
  values: ['1'],
  byDefault(version) {
    const major = Number.parseInt(version, 10);
    return Number.isNaN(major) ? undefined : major >= 15 ? '1' : '0';
  },
};

export default defineControl({
  ...instanceTls(forceSsl),
  rationale:
    'Without rds.force_ssl a client may talk to the database in the clear, and most fall back to that by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits: INSTANCE_LIMITS,
  mapsTo: { configRules: ['rds-postgres-instance-encrypted-in-transit'], securityHub: ['RDS.38'] },
});
