import type { Cause } from '../cause.ts';
import type { ResourceKey } from '../resource.ts';
import { findingId, fingerprint } from './asff.ts';
import { type Assessment, DAY_MS } from './assess.ts';
import type { Finding } from './findings.ts';
import { isSeen } from './look.ts';
import type { Intent, Pauses, ReportedFinding, ResourceState } from './record.ts';

/** Security Hub deletes what was not updated for 90 days; refreshed well before. */
const REFRESH_MS = 60 * DAY_MS;
const FORGOTTEN_MS = 90 * DAY_MS;

/** What one control has to tell, or nothing when Security Hub already shows it. */
export function tell(
  assessment: Assessment,
  { key, state, pauses, now }: { key: ResourceKey; state: ResourceState; pauses: Pauses; now: number },
): Finding | undefined {
  const { control, compliance } = assessment;
  if (!compliance) return undefined;
  const stored = state.findings[control.id];
  const known = stored && now - stored.at < FORGOTTEN_MS ? stored : undefined;
  const intent = state.intents[control.id];
  const at = new Date(now).toISOString();
  const workflow = workflowFor(assessment, known);
  const cause = intent?.cause ?? causeOf(assessment.cause, known);
  const finding: Finding = {
    id: findingId(key, control),
    key,
    control,
    compliance: compliance === 'ARCHIVED' ? 'NOT_AVAILABLE' : compliance,
    recordState: compliance === 'ARCHIVED' ? 'ARCHIVED' : 'ACTIVE',
    text: sentences({ ...assessment, cause }, intent, pauses),
    cause,
    ...(intent && { intent }),
    createdAt: known?.createdAt ?? at,
    updatedAt: at,
    known: known !== undefined,
    ...(workflow && { workflow }),
    ...(assessment.exemption && {
      note: `Exempt until ${day(assessment.exemption.expires)}: ${assessment.exemption.reason} (${assessment.exemption.owner})`,
    }),
  };
  const stillPending = assessment.status === 'PENDING' && !intent && known?.reason === assessment.reason;
  const unchanged =
    known !== undefined && (known.fingerprint === fingerprint(finding) || stillPending) && now - known.at < REFRESH_MS;
  return unchanged ? undefined : finding;
}

/** What the ledger keeps of a finding that Security Hub accepted; nothing for one that was archived. */
export const remembered = (finding: Finding, reason: string, now: number): ReportedFinding | undefined =>
  finding.recordState === 'ARCHIVED' || finding.compliance === 'NOT_AVAILABLE'
    ? undefined
    : {
        compliance: finding.compliance,
        fingerprint: fingerprint(finding),
        at: now,
        createdAt: finding.createdAt,
        workflow: finding.workflow ?? 'NEW',
        reason,
        cause: finding.cause,
      };

/** The change that made the drift, as long as we know one; an event that only says "look" is not it. */
const causeOf = (cause: Cause, known: ReportedFinding | undefined): Cause =>
  known && known.compliance !== 'PASSED' && (cause.source !== 'cloudtrail' || cause.origin === 'looks')
    ? known.cause
    : cause;

/** Only a change that is ours to make: what people set by hand otherwise stays. */
function workflowFor({ compliance, exemption }: Assessment, known: ReportedFinding | undefined): Finding['workflow'] {
  if (compliance === 'PASSED') return 'RESOLVED';
  if (exemption) return 'SUPPRESSED';
  if (known && known.workflow !== 'NEW') return 'NEW';
  return undefined;
}

function sentences(assessment: Assessment, intent: Intent | undefined, pauses: Pauses): string {
  const { status, reason, control, along } = assessment;
  if (along) {
    const how = `Closed by the fix of ${along.with.join(', ')}, and read back: compliant.`;
    return joined(along.reason, how, causedBy(assessment.cause));
  }
  if (status === 'COMPLIANT') {
    return intent
      ? joined(intent.reason, `${changed(intent)} and read it back: compliant.`, causedBy(intent.cause))
      : `${control.title}: compliant again.`;
  }
  if (status === 'PENDING' && intent) return `${intent.reason} ${changed(intent)}. ${reason}`;
  if (status === 'UNSETTLED' && intent) return `${intent.reason} ${changed(intent)}; it is not in force yet. ${reason}`;
  if (status !== 'NON_COMPLIANT') return reason;
  // What is exempt stays told as it is, whoever touches it next.
  const cause = assessment.decision === 'EXEMPT' ? '' : causedBy(assessment.cause);
  return joined(reason, decided(assessment, pauses), cause);
}

const joined = (...sentences: readonly string[]): string => sentences.filter(Boolean).join(' ');

const changed = (intent: Intent): string => `Suture changed ${Object.keys(intent.after).join(', ')}`;

/** What was decided about the drift, and what a reader can do. */
function decided({ control, cause, decision, look, exemption, attempt, alarm }: Assessment, pauses: Pauses): string {
  const verdict = isSeen(look) && look.verdict.status === 'NON_COMPLIANT' ? look.verdict : undefined;
  const slots = verdict && verdict.desired !== 'manual' ? Object.keys(verdict.desired).join(', ') : '';
  if (attempt?.sent) {
    return alarm
      ? `Suture changed ${slots}, and it did not hold: see who else writes to this resource.`
      : `Suture changed ${slots}; the change is not seen yet, it is looked at again.`;
  }
  if (attempt) {
    const after = attempt.failed === 'denied' ? 'Suture lacks the permission' : 'it is tried again';
    return attempt.failed === 'time'
      ? 'The fix is under way.'
      : `The fix (${slots}) was refused with ${attempt.error}; ${after}.`;
  }
  switch (decision) {
    case 'REPORT_ONLY':
      return `Report mode: nothing was changed. The fix would change ${slots}.`;
    case 'AWAIT_APPROVAL':
      return `Nothing was changed: this needs a person's approval${because(verdict, cause)}. The fix would change ${slots}.`;
    case 'EXEMPT':
      return exemption ? `Exempt until ${day(exemption.expires)} by ${exemption.owner}: ${exemption.reason}` : '';
    case 'MANUAL':
      return `Suture cannot repair this by itself${control.limits ? `: ${control.limits}` : '.'}`;
    case 'HOLD':
      return 'Fixed three times within 24 hours and undone each time: Suture holds. Somebody or something keeps changing it.';
    case 'PAUSED': {
      const pause = pauses[control.id] ?? pauses['*'];
      return `Suture is paused by ${pause?.by ?? 'an operator'} (${pause?.reason ?? 'no reason given'}): nothing was changed.`;
    }
    default:
      return 'The fix waits: too little time was left, or another run holds what it would change.';
  }
}

function because(
  verdict: { blastRadius?: readonly string[]; takesEffect?: 'later' } | undefined,
  { origin }: Cause,
): string {
  if (verdict?.blastRadius?.length) return `, because it also affects ${verdict.blastRadius.join('; ')}`;
  if (origin === 'restores') return ', because what was restored, copied or promoted has clients from before';
  if (verdict?.takesEffect === 'later') return ', because it takes effect only later, with a restart';
  return '';
}

function causedBy({ eventName, principal, time, source }: Cause): string {
  const who = principal?.issuerArn ?? principal?.arn ?? principal?.invokedBy;
  if (source !== 'cloudtrail' || !eventName) return '';
  return `Caused by ${eventName}${who ? ` of ${who}` : ''} at ${time}.`;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
