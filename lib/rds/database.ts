/** What a TLS control needs to know of a database, be it an instance or a cluster. */
export interface Database {
  readonly id: string;
  readonly arn: string;
  readonly engine: string;
  readonly version: string;
  /** `DBInstanceStatus`, or a cluster's `Status`. */
  readonly status: string;
  /** The cluster an instance takes its parameters from: Aurora's, or a Multi-AZ DB cluster. */
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

/**
 * What may be done with a database in a status: `change` judge and change it; `judge` its configuration stands and is
 * true, and it takes no change now; `wait` it is on its way to another status; `gone` it is about to vanish;
 * `stuck` it stays so until a person steps in.
 */
export type Readiness = 'change' | 'judge' | 'wait' | 'gone' | 'stuck';

/** Amazon RDS User Guide, "Viewing DB instance status", and Aurora's "Viewing DB cluster status". A status that is not here is waited out. */
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
