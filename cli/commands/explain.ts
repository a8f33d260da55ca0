import type { AnyControl } from '../../lib/control.ts';
import { HIPAA } from '../../lib/hipaa.ts';
import { findControl } from '../find-control.ts';
import type { Io } from '../io.ts';
import { items, wrapped } from '../layout.ts';
import { loadSettings, modeOf, whereSaid } from '../settings.ts';
import { IMPACT, MODE, PROVES, takenBack } from '../words.ts';

/** `suture explain <control>`: everything about one control, in words. */
export function explain(io: Io, id: string, { settings: file }: { settings?: string }): void {
  const control = findControl(id);
  const loaded = loadSettings(file);
  const mode = modeOf(loaded.settings, control);
  const { severity, exposure, impact, resources, rationale, limits, title, hipaa, reasons } = control;
  const section = (head: string, body: string): string[] => ['', io.style('bold', head), body];
  const text = [
    io.style('bold', control.id),
    wrapped(io, title),
    ...section('Why', wrapped(io, rationale, 2)),
    ...(limits ? section('What it leaves alone', wrapped(io, limits, 2)) : []),
    ...section(
      'In short',
      items(io, [
        ['mode', `${mode}: ${MODE[mode]} (${whereSaid(loaded, control)})`],
        ['severity', exposure ? `${severity}, open to the public` : severity],
        ['impact of fix', `${impact}: ${IMPACT[impact]}`],
        ['taken back', takenBack(control)],
        ['resources', resources.join(', ')],
        ['elsewhere', elsewhere(control)],
      ]),
    ),
    ...section(
      'HIPAA Security Rule, 45 CFR',
      items(
        io,
        hipaa.map((citation) => [citation, HIPAA[citation]]),
      ),
    ),
    ...section('Looks when CloudTrail tells of', items(io, calls(control))),
    wrapped(io, 'and when AWS Config or Security Hub finds fault with such a resource.', 2),
    ...section('Reads', items(io, operations(control.reads))),
    ...section('Writes to fix', operationsOrNone(io, control.writes.fix)),
    ...section('Writes only to take back, never from a function', operationsOrNone(io, revertOnly(control))),
    ...section('What it may find', items(io, Object.entries(reasons))),
  ];
  io.out(text.join('\n'));
}

const calls = ({ triggers }: AnyControl): [string, string][] =>
  triggers.flatMap(({ source, events }) =>
    Object.entries(events).map(([event, origin]): [string, string] => [event, `${source}; ${PROVES[origin]}`]),
  );

type Operation = AnyControl['reads'][number] | AnyControl['writes']['fix'][number];

const operations = (all: readonly Operation[]): [string, string][] =>
  all.map(({ name, iam }: Operation): [string, string] => [name, `needs ${iam.join(', ')}`]);

const operationsOrNone = (io: Io, all: readonly Operation[]): string =>
  all.length > 0 ? items(io, operations(all)) : '  none';

const revertOnly = ({ writes: { fix, revert } }: AnyControl): Operation[] =>
  revert.filter((op: Operation) => !fix.includes(op));

function elsewhere({ mapsTo: { configRules = [], securityHub = [], guardDuty = [] } }: AnyControl): string {
  const names = [
    ...configRules.map((rule) => `AWS Config ${rule}`),
    ...securityHub.map((id) => `Security Hub ${id}`),
    ...guardDuty.map((type) => `GuardDuty ${type}`),
  ];
  return names.join(', ') || 'no other system knows it';
}
