import type { Data, Verdict } from '../control.ts';
import { lookAgainSeconds, readinessOf } from './database.ts';
import { type ParameterSlots, parameterSlot } from './lens.ts';
import { holds, isDefault, type ParameterState, type RequiredParameter } from './parameter-group.ts';

export const TRANSIT = ['164.312(e)(1)', '164.312(e)(2)(i)', '164.312(e)(2)(ii)'] as const;

export const REVERTS = {
  partly:
    'A parameter group made by Suture in which somebody has set something else since is detached and not deleted. What already waits for a restart, or was taken over by one, is undone by the next restart.',
};

/** The reasons of every control that requires TLS by a parameter. */
export const REASONS = {
  otherEngine: '{{database}} runs {{engine}}: this control is for {{product}}.',
  inCluster: '{{database}} takes {{parameter}} from its cluster {{cluster}}.',
  unsettled: '{{database}} is {{status}}: it cannot be judged now.',
  unchangeable:
    '{{parameter}} is {{value}} in {{group}}, so {{database}} accepts clients without TLS; while it is {{status}} it cannot be changed.',
  applying: '{{parameter}} is {{value}} in {{group}}, and RDS is applying the group to {{database}} ({{applied}}).',
  waitsForRestart:
    '{{parameter}} is {{value}} in {{group}}, and {{database}} has not taken over the whole group ({{applied}}): until it is restarted it may accept clients without TLS. Suture never restarts a database.',
  notApplied:
    '{{parameter}} is {{value}} in {{group}}, and RDS could not apply the group to {{database}} ({{applied}}). Correct the group, then restart the database.',
  versionCannot:
    '{{database}} runs {{product}} {{version}}, whose groups ({{group}}) have no {{parameter}}: it accepts clients without TLS, and no setting of RDS changes that. Upgrade it.',
  off: '{{parameter}} is {{value}} in {{group}}, so {{database}} accepts clients without TLS.',
  offByDefault:
    '{{parameter}} is {{value}} in {{group}}, so {{database}} accepts clients without TLS. AWS owns that group and nobody can change it: {{database}} gets one of its own, {{own}}, which it takes over with its next restart.',
  nameTaken:
    '{{parameter}} is {{value}} in {{group}}, so {{database}} accepts clients without TLS. The group it would get, {{own}}, exists and was not made by Suture for it: delete it, or attach a group in which {{parameter}} is {{required}}.',
} as const;
type Reason = keyof typeof REASONS;

/** Judges whether a database refuses clients without TLS, by the parameter that requires it. Pure. */
export function judgeTls<P extends string>(
  state: ParameterState,
  required: RequiredParameter<P>,
): Verdict<Reason, ParameterSlots<P>> {
  const { database, setting, own, sharedWith } = state;
  const { group, cluster, engine, status } = database;
  const data: Data = {
    database: database.id,
    engine,
    product: required.product,
    cluster,
    status,
    parameter: required.name,
    version: database.version,
    required: setting?.required ?? required.values[0],
    value: setting?.value ?? 'unknown',
    group: group.name,
    applied: group.applied,
    own: own?.name,
  };
  if (!required.runs(engine)) return { status: 'NOT_APPLICABLE', reason: 'otherEngine', data };
  if (cluster) return { status: 'NOT_APPLICABLE', reason: 'inCluster', data };

  const readiness = readinessOf(database);
  const later = { data, lookAgainSeconds: lookAgainSeconds(database) };
  if (!setting || (readiness !== 'change' && readiness !== 'judge')) {
    return { status: 'UNSETTLED', reason: 'unsettled', ...later };
  }
  if (holds(setting, required)) return inForce(group.applied, data);
  if (!setting.listed) return { status: 'NON_COMPLIANT', reason: 'versionCannot', data, desired: 'manual' };
  if (readiness === 'judge') return { status: 'UNSETTLED', reason: 'unchangeable', ...later };

  const on = { [parameterSlot(required.name)]: setting.required } as Partial<ParameterSlots<P>>;
  if (!isDefault(group.name)) {
    return {
      status: 'NON_COMPLIANT',
      reason: 'off',
      data,
      desired: on,
      blastRadius: sharedWith.map((id) => `${id}, which uses ${group.name} too`),
      ...(setting.dynamic ? {} : { takesEffect: 'later' }),
    };
  }
  if (!own || own.madeBy === 'others') return { status: 'NON_COMPLIANT', reason: 'nameTaken', data, desired: 'manual' };
  const { upgradeTo } = database;
  return {
    status: 'NON_COMPLIANT',
    reason: 'offByDefault',
    data,
    desired: {
      ...on,
      parameterGroup: own.name,
      // A group that somebody else has set something in meanwhile is used, and not taken for ours again.
      ...(own.alsoSets.length === 0 && { ownParameterGroup: own.name }),
    } as Partial<ParameterSlots<P>>,
    blastRadius: [
      ...own.alsoSets.map((name) => `${database.id}, which would get ${name} as somebody set it in ${own.name}`),
      ...(upgradeTo ? [`the upgrade to ${upgradeTo}, which waits and needs another group by then`] : []),
    ],
    takesEffect: 'later',
  };
}

/**
 * The value is right: has the database taken it over? The group's status is all RDS tells, and it speaks of the whole
 * group: a static parameter that waits for a restart and an association that does look alike. Unknown is not compliant.
 */
function inForce(applied: string, data: Data): Verdict<Reason, never> {
  switch (applied) {
    case 'in-sync':
      return { status: 'COMPLIANT' };
    case 'applying':
      return { status: 'PENDING', reason: 'applying', data, lookAgainSeconds: 60 };
    case 'failed-to-apply':
      return { status: 'NON_COMPLIANT', reason: 'notApplied', data, desired: 'manual' };
    default:
      return { status: 'PENDING', reason: 'waitsForRestart', data, lookAgainSeconds: 3600 };
  }
}
