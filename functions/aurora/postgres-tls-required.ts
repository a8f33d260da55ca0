import { defineControl } from '../../lib/control.ts';
import { CLUSTER_LIMITS, clusterTls } from '../../lib/rds/cluster-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * `rds.force_ssl` is a cluster parameter, on by default from Aurora PostgreSQL 17 (Amazon Aurora User Guide, "Requiring
 * an SSL/TLS connection to an Aurora PostgreSQL DB cluster") and from PostgreSQL 15 in a Multi-AZ DB cluster. In between
 * the version alone does not tell, so no default is assumed there where RDS does not say it.
 */
const forceSsl: RequiredParameter<'rds.force_ssl'> = {
  control: 'aurora-postgres-tls-required',
  runs: (engine) => engine === 'aurora-postgresql' || engine === 'postgres',
  product: 'Aurora PostgreSQL',
  name: 'rds.force_ssl',
  values: ['1', 'on'],
  byDefault(version) {
    const major = Number.parseInt(version, 10);
    return major >= 17 ? '1' : major < 15 ? '0' : undefined;
  },
};

export default defineControl({
  ...clusterTls(forceSsl),
  rationale:
    'Without rds.force_ssl a client may talk to the cluster in the clear, and most fall back to that by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits: CLUSTER_LIMITS,
});
