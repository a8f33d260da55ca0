import type { DBInstance } from '@aws-sdk/client-rds';
import { dbInstance, describeDBInstances } from '../aws/rds.ts';
import type { Caller } from '../control.ts';
import type { ResourceKey } from '../resource.ts';

/** What a TLS control needs to know of a database, be it an instance or (later) a cluster. */
export interface Database {
  readonly id: string;
  readonly arn: string;
  readonly engine: string;
  readonly version: string;
  /** `DBInstanceStatus`. */
  readonly status: string;
  /** The cluster it takes its parameters from: Aurora's, or a Multi-AZ DB cluster. */
  readonly cluster: string | undefined;
  /** The engine version that waits for the maintenance window. */
  readonly upgradeTo: string | undefined;
  readonly group: AttachedGroup;
}
export interface AttachedGroup {
  readonly name: string;
  /** `ParameterApplyStatus`: how far this database has taken over the group. */
  readonly applied: string;
}

/** @throws Error when the answer names no parameter group: it cannot be judged then */
export async function readInstance(key: ResourceKey, call: Caller<typeof describeDBInstances>): Promise<Database> {
  const { DBInstances: [found] = [] } = await call(describeDBInstances, { DBInstanceIdentifier: key.id });
  const group = found?.DBParameterGroups?.[0];
  if (!found || !group?.DBParameterGroupName) {
    throw new Error(`DescribeDBInstances answers no parameter group for ${key.id}: the database cannot be judged.`);
  }
  return {
    // RDS stores identifiers in lowercase, whatever an event wrote.
    id: found.DBInstanceIdentifier ?? key.id.toLowerCase(),
    arn: found.DBInstanceArn ?? dbInstance.arn(key),
    engine: found.Engine ?? 'unknown',
    version: found.EngineVersion ?? 'unknown',
    status: found.DBInstanceStatus ?? 'unknown',
    cluster: found.DBClusterIdentifier || undefined,
    upgradeTo: pendingUpgrade(found),
    group: { name: group.DBParameterGroupName, applied: group.ParameterApplyStatus ?? 'unknown' },
  };
}

const pendingUpgrade = ({ PendingModifiedValues: pending }: DBInstance): string | undefined =>
  pending?.EngineVersion || undefined;

/**
 * What may be done with a database in a status: `change` judge and change it; `judge` its configuration stands and is
 * true, and it takes no change now; `wait` it is on its way to another status; `gone` it is about to vanish;
 * `stuck` it stays so until a person steps in.
 */
export type Readiness = 'change' | 'judge' | 'wait' | 'gone' | 'stuck';

/** Amazon RDS User Guide, "Viewing DB instance status". A status that is not here is waited out. */
const READINESS: Readonly<Record<string, Readiness>> = {
  available: 'change',
  'storage-full': 'change',
  'storage-initialization': 'change',
  'storage-optimization': 'change',
  'backing-up': 'judge',
  'configuring-enhanced-monitoring': 'judge',
  'configuring-iam-database-auth': 'judge',
  'configuring-log-exports': 'judge',
  'resetting-master-credentials': 'judge',
  // It accepts no client and no modification; AWS starts it again after seven days.
  stopped: 'judge',
  'delete-precheck': 'gone',
  deleting: 'gone',
  failed: 'stuck',
  'inaccessible-encryption-credentials': 'stuck',
  'inaccessible-encryption-credentials-recoverable': 'stuck',
  'incompatible-create': 'stuck',
  'incompatible-network': 'stuck',
  'incompatible-option-group': 'stuck',
  'incompatible-parameters': 'stuck',
  'incompatible-restore': 'stuck',
  'insufficient-capacity': 'stuck',
  'restore-error': 'stuck',
};
export const readinessOf = ({ status }: Database): Readiness => READINESS[status] ?? 'wait';

/** Seconds until a database that cannot be judged or changed now is looked at again. */
export const lookAgainSeconds = (database: Database): number =>
  database.status === 'stopped' ? 3600 : LOOK_AGAIN[readinessOf(database)];
const LOOK_AGAIN: Readonly<Record<Readiness, number>> = { change: 60, judge: 60, wait: 60, gone: 300, stuck: 3600 };
