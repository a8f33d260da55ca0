import { defineControl } from '../../lib/control.ts';
import { CLUSTER_LIMITS, clusterTls } from '../../lib/rds/cluster-tls.ts';
import type { RequiredParameter } from '../../lib/rds/parameter-group.ts';

/**
 * Amazon Aurora User Guide, "Requiring SSL/TLS connections to Aurora MySQL DB clusters": a cluster parameter, off unless
 * set. Version 1 (MySQL 5.6, engine `aurora`) does not list it. No default is assumed of versions the guide does not
 * speak of.
 */
const requireSecureTransport: RequiredParameter<'require_secure_transport'> = {
  control: 'aurora-mysql-tls-required',
  runs: (engine) => engine === 'aurora-mysql' || engine === 'aurora' || engine === 'mysql',
  product: 'Aurora MySQL',
  name: 'require_secure_transport',
  values: ['on', '1'],
  byDefault: (version) => (/^(?:5\.|8\.0)/.test(version) ? 'off' : undefined),
};

export default defineControl({
  ...clusterTls(requireSecureTransport, { RestoreDBClusterFromS3: 'restores' }),
  rationale:
    'Unless require_secure_transport is on a client may talk to the cluster in the clear, and clients whose TLS mode is "preferred" do so by themselves when TLS fails: patient data and passwords then cross the network readable.',
  limits: `${CLUSTER_LIMITS} Accounts that demand TLS of themselves (REQUIRE SSL) are not seen: RDS does not show them.`,
});
