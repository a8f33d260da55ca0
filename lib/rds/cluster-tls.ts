import type { Caller, Origin, Trigger, Verdict } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { clusterCalls, clusterGroups, reads, writes } from './cluster.ts';
import { getSlots, type ParameterSlots, setSlots } from './lens.ts';
import { type ParameterState, type RequiredParameter, readParameter } from './parameter-group.ts';
import { judgeTls, REASONS, REVERTS, TRANSIT } from './tls.ts';

/** The calls after which a cluster of any engine may accept clients without TLS, or refuses them. */
const EVENTS: Readonly<Record<string, Origin>> = {
  CreateDBCluster: 'creates',
  ModifyDBCluster: 'changes',
  ModifyDBClusterParameterGroup: 'changes',
  ResetDBClusterParameterGroup: 'opens',
  RestoreDBClusterFromSnapshot: 'restores',
  RestoreDBClusterToPointInTime: 'restores',
  PromoteReadReplicaDBCluster: 'restores',
  RebootDBCluster: 'looks',
  // A member that restarts takes over the group of its cluster.
  RebootDBInstance: 'looks',
  StartDBCluster: 'looks',
};

/** A cluster is in no cluster: that reason is for instances. */
const { inCluster: _, ...CLUSTER_REASONS } = REASONS;
type ClusterVerdict<P extends string> = Verdict<keyof typeof CLUSTER_REASONS, ParameterSlots<P>>;

/**
 * All that controls which require TLS of a DB cluster have in common: everything but their words.
 * @param moreEvents calls that only this engine has
 */
export const clusterTls = <P extends string>(
  required: RequiredParameter<P>,
  moreEvents: Readonly<Record<string, Origin>> = {},
) => ({
  id: required.control,
  title: `${required.product} refuses connections without TLS`,
  severity: 'MEDIUM' as const,
  impact: 'may-reject-clients' as const,
  reverts: REVERTS,
  hipaa: TRANSIT,
  mapsTo: {},
  resources: ['AWS::RDS::DBCluster'] as const,
  triggers: [{ source: 'rds.amazonaws.com', events: { ...EVENTS, ...moreEvents } }] satisfies Trigger[],
  reasons: CLUSTER_REASONS,
  reads,
  writes,

  observe: (key: ResourceKey, call: Caller<(typeof reads)[number]>) =>
    readParameter(clusterGroups(key, call), required),
  get: (state: ParameterState) => getSlots(state, required),
  evaluate: (state: ParameterState) => judgeTls(state, required) as ClusterVerdict<P>,
  set: (state: ParameterState, slots: Partial<ParameterSlots<P>>) => setSlots(state, required, slots, clusterCalls),
});

/** What holds of every engine, for a control's `limits`. */
export const CLUSTER_LIMITS =
  'Covers Aurora clusters and Multi-AZ DB clusters of this engine. A member is never restarted: a cluster that leaves a default group keeps accepting clients without TLS until its members are restarted, and is reported as failed until then. Connections that are open stay open. A group of ours that a cluster left by a rename or a major upgrade stays behind.';
