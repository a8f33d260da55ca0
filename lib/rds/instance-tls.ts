import type { Caller, Origin, Trigger } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { instanceCalls, instanceGroups, reads, writes } from './instance.ts';
import { getSlots, type ParameterSlots, setSlots } from './lens.ts';
import { type ParameterState, type RequiredParameter, readParameter } from './parameter-group.ts';
import { judgeTls, REASONS, REVERTS, TRANSIT } from './tls.ts';

/** The calls after which an instance of any engine may accept clients without TLS, or refuses them. */
const EVENTS: Readonly<Record<string, Origin>> = {
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
};

/**
 * All that controls which require TLS of a DB instance have in common: everything but their words and their mapping.
 * @param moreEvents calls that only this engine has
 */
export const instanceTls = <P extends string>(
  required: RequiredParameter<P>,
  moreEvents: Readonly<Record<string, Origin>> = {},
) => ({
  id: required.control,
  title: `${required.product} refuses connections without TLS`,
  severity: 'MEDIUM' as const,
  impact: 'may-reject-clients' as const,
  reverts: REVERTS,
  hipaa: TRANSIT,
  resources: ['AWS::RDS::DBInstance'] as const,
  triggers: [{ source: 'rds.amazonaws.com', events: { ...EVENTS, ...moreEvents } }] satisfies Trigger[],
  reasons: REASONS,
  reads,
  writes,

  observe: (key: ResourceKey, call: Caller<(typeof reads)[number]>) =>
    readParameter(instanceGroups(key, call), required),
  get: (state: ParameterState) => getSlots(state, required),
  evaluate: (state: ParameterState) => judgeTls(state, required),
  set: (state: ParameterState, slots: Partial<ParameterSlots<P>>) => setSlots(state, required, slots, instanceCalls),
});

/** What holds of every engine, for a control's `limits`. */
export const INSTANCE_LIMITS =
  'Aurora and Multi-AZ DB clusters set this for their members and are left to controls of their own. A database is never restarted: one that leaves a default group keeps accepting clients without TLS until its next restart, and is reported as failed until then. Connections that are open stay open. A group of ours that a database left by a rename or a major upgrade stays behind.';
