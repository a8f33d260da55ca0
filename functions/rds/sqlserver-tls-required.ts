import { defineControl } from '../../lib/control.ts';
import { INSTANCE_LIMITS, instanceTls } from '../../lib/rds/instance-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * Amazon RDS User Guide, "Forcing connections to your DB instance to use SSL" for Microsoft SQL Server: off by default
 * in every edition, and a static parameter, so that a change waits for a restart. Editions are engines of their own:
 * `sqlserver-ee`, `-se`, `-ex`, `-web` and those to come.
 */
const forceSsl: RequiredParameter<'rds.force_ssl'> = {
  control: 'rds-sqlserver-tls-required',
  runs: (engine) => engine.startsWith('sqlserver-'),
  product: 'SQL Server',
  name: 'rds.force_ssl',
  values: ['1'],
  byDefault: () => '0',
};

export default defineControl({
  ...instanceTls(forceSsl),
  rationale:
    'Without rds.force_ssl SQL Server encrypts a connection only where the client asks for it: patient data and passwords of all others cross the network readable.',
  limits: `The setting is static: whatever group holds it, it is in force only from the next restart. RDS Custom for SQL Server has no parameter groups and is not judged. ${INSTANCE_LIMITS}`,
  mapsTo: { configRules: ['rds-sqlserver-encrypted-in-transit'], securityHub: ['RDS.41'] },
});
