import type { Cause } from '../lib/cause.ts';
import type { Match } from '../lib/triggers/index.ts';
import type { Io } from './io.ts';
import { wrapped } from './layout.ts';
import type { Fix, MatchedEvent, Replayed, ReplayedControl, ReplayedResource } from './replay-json.ts';
import { DECISION } from './words.ts';

/** Where one event leads, for a reader. */
export const matchedText = (io: Io, { file, outcome, reason, targets }: MatchedEvent): string =>
  [
    wrapped(io, `${io.style('bold', file)}  ${outcome}`),
    ...(reason ? [wrapped(io, reason, 2)] : []),
    ...targets.map(({ type, id, account, region, controls, lookup }) =>
      wrapped(
        io,
        `${type} ${id} (${account}, ${region})${lookup ? `, by ${lookup}` : ''}: ${controls.join(', ') || 'no control'}`,
        2,
      ),
    ),
  ].join('\n');

/** What came of one event, for a reader. */
export const replayedText = (io: Io, replayed: Replayed, match: Match): string =>
  [
    wrapped(io, `${io.style('bold', replayed.file)}  ${replayed.outcome}`),
    ...(replayed.reason ? [wrapped(io, replayed.reason, 2)] : []),
    ...(match.outcome === 'matched'
      ? [causedBy(match.cause), ...(match.passedOver ?? [])].map((line) => wrapped(io, line, 2))
      : []),
    ...replayed.resources.flatMap((resource) => resourceText(io, resource, replayed.dryRun === true)),
    ...(match.outcome === 'matched' && replayed.resources.length === 0
      ? ['  No resource uses what the event names.']
      : []),
  ].join('\n');

const causedBy = ({ eventName, principal, time }: Cause): string => {
  const who = principal?.issuerArn ?? principal?.arn ?? principal?.invokedBy;
  return `${eventName}${who ? ` by ${who}` : ''} at ${time}`;
};

function resourceText(io: Io, resource: ReplayedResource, dryRun: boolean): string[] {
  const { type, id, account, region, status, error, controls } = resource;
  return [
    '',
    wrapped(io, `${type} ${id} (${account}, ${region})`, 2),
    ...(error ? [io.style('red', wrapped(io, `failed: ${error}`, 4))] : []),
    ...(status === 'left' ? [wrapped(io, 'Another run holds this resource and does it.', 4)] : []),
    ...controls.flatMap((control) => controlText(io, control, resource, dryRun)),
  ];
}

function controlText(io: Io, result: ReplayedControl, { id, region }: ReplayedResource, dryRun: boolean): string[] {
  const { control, reason, fix, finding } = result;
  const [colour, words] = cameTo(result, dryRun);
  const revert = `npx suture revert ${control} ${id} --region ${region} --reason "..."`;
  return [
    `    ${io.style('bold', control)}`,
    io.style(colour, wrapped(io, words, 6)),
    ...(reason && !finding ? [wrapped(io, reason, 6)] : []),
    ...(finding ? [wrapped(io, `finding ${finding.compliance}: ${finding.text}`, 6)] : []),
    ...(fix ? fixText(io, fix, 8) : []),
    // Not wrapped, so that it can be copied.
    ...(fix?.intent ? ['      take it back:', `      ${revert}`] : []),
  ];
}

/** What came of one control, in words and a colour. */
function cameTo({ status, decision, fix }: ReplayedControl, dryRun: boolean): ['green' | 'yellow' | 'red', string] {
  if (status === 'COMPLIANT') return ['green', fix ? 'fixed, and read back: COMPLIANT' : 'COMPLIANT'];
  if (status === 'NOT_APPLICABLE' || status === 'GONE') return ['green', status];
  if (status === 'UNKNOWN') return ['red', 'UNKNOWN: it could not be judged'];
  if (decision === 'REMEDIATE' && !dryRun) return ['red', `${status}: the fix was sent or refused, and does not show`];
  return ['yellow', decision ? `${status}: ${DECISION[decision]}` : status];
}

/** The slots before and after, and the calls that bring them there. */
export const fixText = (io: Io, { before, after, calls }: Pick<Fix, 'before' | 'after' | 'calls'>, indent: number) => [
  ...Object.keys(after).map((slot) => wrapped(io, `${slot}: ${shown(before[slot])} -> ${shown(after[slot])}`, indent)),
  ...calls.map(({ op, input }) => io.style('dim', wrapped(io, `${op} ${shown(input)}`, indent))),
];

/** JSON on one line, with spaces at which it can be wrapped. */
export const shown = (value: unknown): string =>
  value === undefined || value === null ? 'none' : JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, ' ');
