import { text } from '../fields.ts';
import type { Locator, Named } from './locator.ts';

const INSTANCE = 'AWS::RDS::DBInstance';
const CLUSTER = 'AWS::RDS::DBCluster';

/** Letters, digits, hyphens, and in `default.postgres16` a dot; no colon, so no ARN and no `rds:...` snapshot passes. */
const NAME = /^[A-Za-z][A-Za-z0-9.-]{0,254}$/;
/** A DbiResourceId. RDS stores names in lowercase, so a capital after `db-` tells it from a name that begins alike. */
const RESOURCE_ID = /^db-[A-Z0-9]*[A-Z][A-Z0-9]*$/;
/** A DbClusterResourceId, likewise. */
const CLUSTER_RESOURCE_ID = /^cluster-[A-Z0-9]*[A-Z][A-Z0-9]*$/;

/** An identifier as a call or an ARN gives it: RDS stores it in lowercase whatever the caller wrote, and one database has one key. */
const named = (type: Named['type'], name: string | undefined, lookup?: string): Named | undefined => {
  if (name === undefined) return undefined;
  if (name.startsWith('arn:')) return { type, id: name, ...(lookup && { lookup }) };
  return NAME.test(name) ? { type, id: name.toLowerCase(), ...(lookup && { lookup }) } : undefined;
};

const instance = (name: string | undefined): Named | undefined =>
  name !== undefined && RESOURCE_ID.test(name)
    ? { type: INSTANCE, id: name, lookup: 'resource-id' }
    : named(INSTANCE, name);

const cluster = (name: string | undefined): Named | undefined =>
  name !== undefined && CLUSTER_RESOURCE_ID.test(name)
    ? { type: CLUSTER, id: name, lookup: 'cluster-resource-id' }
    : named(CLUSTER, name);

const present = (found: readonly (Named | undefined)[]): readonly Named[] => found.filter((one) => one !== undefined);

/** DocumentDB and Neptune use this source and these ARNs too: only the engine, which a control reads, tells them apart. */
export const rds: Locator = {
  source: 'rds.amazonaws.com',
  namespace: 'rds',
  types: [INSTANCE, CLUSTER],
  call({ name, parameters, response }) {
    switch (name) {
      case 'ModifyDBParameterGroup':
      case 'ResetDBParameterGroup':
        return present([
          named(
            INSTANCE,
            text(parameters.dBParameterGroupName) ?? text(response.dBParameterGroupName),
            'parameter-group',
          ),
        ]);
      case 'ModifyDBClusterParameterGroup':
      case 'ResetDBClusterParameterGroup':
        return present([
          named(
            CLUSTER,
            text(parameters.dBClusterParameterGroupName) ?? text(response.dBClusterParameterGroupName),
            'cluster-parameter-group',
          ),
        ]);
      case 'ModifyDBCluster':
        // A rename, as with ModifyDBInstance.
        return present([
          named(CLUSTER, text(parameters.dBClusterIdentifier) ?? text(response.dBClusterIdentifier)),
          named(CLUSTER, text(parameters.newDBClusterIdentifier)),
        ]);
      case 'RebootDBInstance':
        // A member that restarts takes over the group of its cluster, which only the answer names.
        return present([
          named(INSTANCE, text(parameters.dBInstanceIdentifier) ?? text(response.dBInstanceIdentifier)),
          named(CLUSTER, text(response.dBClusterIdentifier)),
        ]);
      case 'RestoreDBInstanceToPointInTime':
        // The source is in the call as well, and is not what was made.
        return present([
          named(INSTANCE, text(parameters.targetDBInstanceIdentifier) ?? text(response.dBInstanceIdentifier)),
        ]);
      case 'ModifyDBInstance':
        // A rename takes effect now or in the window: until then the old name answers, afterwards the new one.
        return present([
          named(INSTANCE, text(parameters.dBInstanceIdentifier) ?? text(response.dBInstanceIdentifier)),
          named(INSTANCE, text(parameters.newDBInstanceIdentifier)),
        ]);
      default:
        return present([
          /DBCluster/.test(name)
            ? named(CLUSTER, text(parameters.dBClusterIdentifier) ?? text(response.dBClusterIdentifier))
            : named(INSTANCE, text(parameters.dBInstanceIdentifier) ?? text(response.dBInstanceIdentifier)),
        ]);
    }
  },
  arn({ resource }) {
    const [, kind, id] = /^([a-z-]+)[:/](.+)$/.exec(resource) ?? [];
    // Security Hub writes `dbinstance:db-XXXX` and `dbcluster/cluster-XXXX`: resource ids and not names.
    if (kind === 'db' || kind === 'dbinstance') return instance(id);
    if (kind === 'pg') return named(INSTANCE, id, 'parameter-group');
    if (kind === 'cluster' || kind === 'dbcluster') return cluster(id);
    if (kind === 'cluster-pg') return named(CLUSTER, id, 'cluster-parameter-group');
    return undefined;
  },
  id: (type, id) => (type === INSTANCE ? instance(id) : type === CLUSTER ? cluster(id) : undefined),
  /**
   * A member of an Aurora cluster is new, the data it serves and its clients need not be. Nor are those of a cluster
   * that replicates another one, or joins a global database.
   */
  proves({ name, parameters }, claimed) {
    const older =
      name === 'CreateDBInstance'
        ? text(parameters.dBClusterIdentifier)
        : name === 'CreateDBCluster'
          ? (text(parameters.replicationSourceIdentifier) ?? text(parameters.globalClusterIdentifier))
          : undefined;
    return claimed === 'creates' && older !== undefined ? 'restores' : claimed;
  },
};
