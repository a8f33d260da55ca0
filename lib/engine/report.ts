import type { ResourceKey } from '../resource.ts';
import { type Assessment, DAY_MS, openFix } from './assess.ts';
import { lookAgain } from './backoff.ts';
import { told as tellable } from './errors.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './findings.ts';
import type { AgendaEntry, Intent, Pauses, ReportedFinding, ResourceState, SettledIntent } from './record.ts';
import type { Runtime } from './runtime.ts';
import { remembered, tell } from './tell.ts';

interface Known {
  readonly key: ResourceKey;
  readonly state: ResourceState;
  readonly pauses: Pauses;
  readonly assessments: readonly Assessment[];
}
interface Published {
  /** The state with which the lease is to be given back. */
  readonly state: ResourceState;
  readonly settled: readonly SettledIntent[];
  /** The findings Security Hub accepted. */
  readonly told: readonly Finding[];
}

/**
 * Sends out what a run has to say: evidence and findings, at the same time. An intent is settled only when both are out;
 * otherwise it stays open in the returned state, and the agenda brings it back.
 */
export async function publish({ key, state, pauses, assessments }: Known, runtime: Runtime): Promise<Published> {
  const now = runtime.clock.now();
  const findings = new Map<string, Finding>();
  for (const assessment of assessments) {
    const finding = tell(assessment, { key, state, pauses, now });
    if (finding) findings.set(assessment.control.id, finding);
  }
  const [accepted, ...kept] = await Promise.all([
    importAll([...findings.values()], runtime),
    ...assessments.map((assessment) => keepEvidence(assessment, openFix(state, assessment.control), now, runtime)),
  ]);

  const next = draft(state);
  const settled: SettledIntent[] = [];
  const told: Finding[] = [];
  assessments.forEach((assessment, index) => {
    const { control, settle } = assessment;
    const { id } = control;
    const finding = findings.get(id);
    const out = finding === undefined || accepted.has(finding.id);
    const intent = openFix(state, control);
    if (finding && out) {
      told.push(finding);
      put(next.findings, id, remembered(finding, assessment.reason, now));
    }
    const done = out && kept[index] === true;
    if (intent && settle && done) {
      delete next.intents[id];
      settled.push({ ...intent, settledAt: new Date(now).toISOString(), outcome: settle });
    }
    put(next.agenda, id, entryFor(assessment, done, state.agenda[id], now));
    if (assessment.status === 'GONE') {
      delete next.exemptions[id];
      delete next.fixes[id];
    }
    count(assessment, { finding, intent, before: state.agenda[id], done }, now, runtime);
  });
  const gone = assessments.length > 0 && assessments.every(({ status }) => status === 'GONE');
  if (gone) delete next.missingSince;
  return { state: pruned(next, now), settled, told };
}

async function importAll(findings: readonly Finding[], { hub, log }: Runtime): Promise<ReadonlySet<string>> {
  if (findings.length === 0) return new Set();
  try {
    return await hub.publish(findings);
  } catch (error) {
    log.error('Security Hub did not take the findings; they are sent again.', { error: tellable(error) });
    return new Set();
  }
}

/** @returns whether there is nothing to keep or it is durable */
async function keepEvidence(
  { control, settle }: Assessment,
  intent: Intent | undefined,
  now: number,
  { evidence, log }: Runtime,
): Promise<boolean> {
  if (!intent || !settle) return true;
  try {
    await evidence.put(evidenceOf(intent, settle, control, now));
    return true;
  } catch (error) {
    log.error('Evidence was not written; the intent stays open.', { intent: intent.id, error: tellable(error) });
    return false;
  }
}

export function evidenceOf(
  intent: Intent,
  outcome: SettledIntent['outcome'],
  { title, hipaa }: Assessment['control'],
  now: number,
): Evidence {
  return {
    v: 1,
    intent,
    title,
    hipaa,
    outcome,
    observed: intent.observed ?? {},
    verifiedAt: new Date(now).toISOString(),
  };
}

/** When to look again: what could not be sent comes first; an entry for the same reason that is not due yet stays as it is. */
function entryFor(
  { again, cause, look }: Assessment,
  done: boolean,
  before: AgendaEntry | undefined,
  now: number,
): AgendaEntry | undefined {
  if (!done) return lookAgain('unsent', cause, now, before);
  if (!again) return undefined;
  if (before?.why === again.why && before.at > now && 'verdict' in look) return before;
  return lookAgain(again.why, cause, now, before, again.at);
}

function count(
  { alarm, attempt, decision, look, status }: Assessment,
  { finding, intent, before, done }: { finding?: Finding; intent?: Intent; before?: AgendaEntry; done: boolean },
  now: number,
  { log }: Runtime,
): void {
  if (finding && status === 'NON_COMPLIANT') log.count('DriftFound');
  if (decision === 'HOLD' && before?.why !== 'held') log.count('Held');
  if (alarm) log.count('VerificationFailed');
  if (attempt?.sent === false && attempt.failed !== 'time') log.count('FixFailed');
  if ('unseen' in look && look.unseen === 'denied') log.count('AccessDenied');
  if (!done) log.count('FindingsRefused');
  if (intent && done && status === 'COMPLIANT') {
    log.count('DriftFixed');
    if (intent.cause.source === 'cloudtrail') log.count('TimeToClosed', now - Date.parse(intent.cause.time));
  }
}

type Draft = {
  -readonly [K in keyof ResourceState]: ResourceState[K] extends Readonly<Record<string, infer T>>
    ? Record<string, T>
    : ResourceState[K];
};

const draft = (state: ResourceState): Draft => ({
  ...state,
  intents: { ...state.intents },
  findings: { ...state.findings },
  fixes: { ...state.fixes },
  agenda: { ...state.agenda },
  exemptions: { ...state.exemptions },
});

function put<T>(into: Record<string, T>, id: string, value: T | undefined): void {
  if (value === undefined) delete into[id];
  else into[id] = value;
}

/** Leaves out what time has made meaningless, so that an item stays small. */
function pruned(state: Draft, now: number): ResourceState {
  const keep = <T>(all: Readonly<Record<string, T>>, holds: (value: T) => boolean): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([, value]) => holds(value)));
  const recent = Object.entries(state.fixes).map(
    ([id, times]) => [id, times.filter((at) => at > now - DAY_MS)] as const,
  );
  return {
    ...state,
    fixes: keep(Object.fromEntries(recent), (times) => times.length > 0),
    exemptions: keep(state.exemptions, ({ expires }) => expires > now),
    findings: keep(
      state.findings,
      ({ compliance, at }: ReportedFinding) => compliance !== 'PASSED' || at > now - 90 * DAY_MS,
    ),
  };
}
