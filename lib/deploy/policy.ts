import type { Op } from '../aws/op.ts';
import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';
import type { Mode, Settings } from '../settings.ts';
import { type Statement, sub } from './cloudformation.ts';

/** A control that is not named in the settings reports. */
export const modeOf = ({ modes }: Settings, { id }: Pick<AnyControl, 'id'>): Mode => modes[id] ?? 'report';

/**
 * What the function that runs these controls may do to the account's resources, and nothing else: the operations the
 * controls declare. Operations that only a revert needs are never in it, since revert runs in the role of who asks for
 * it; those of a fix only for controls in `auto` mode, so that a deployment that reports cannot write.
 */
export function controlStatements(
  controls: readonly AnyControl[],
  types: readonly AnyTypeSpec[],
  settings: Settings,
): readonly Statement[] {
  const active = controls.filter((control) => modeOf(settings, control) !== 'off');
  const reads: readonly Op[] = [...active.flatMap((control) => control.reads), ...types.flatMap((type) => type.reads)];
  const fixes: readonly Op[] = active
    .filter((control) => modeOf(settings, control) === 'auto')
    .flatMap((control) => control.writes.fix);
  return [...allow('Observe', reads), ...allow('Remediate', fixes)];
}

/** One statement for each ARN pattern: `Observe`, `Observe2` ... */
function allow(sid: string, ops: readonly Op[]): Statement[] {
  const actions = new Map<string, Set<string>>();
  for (const { arn, iam } of ops) actions.set(arn, new Set([...(actions.get(arn) ?? []), ...iam]));
  return [...actions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([arn, names], index) => ({
      Sid: index === 0 ? sid : `${sid}${index + 1}`,
      Effect: 'Allow',
      Action: [...names].sort(),
      Resource: arn === '*' ? arn : sub(arn),
    }));
}
