import type { Cause } from '../cause.ts';
import { type Envelope, isAccount } from './envelope.ts';
import { type Fields, fields, isoTime, list, text } from './fields.ts';
import { targetOf } from './finding-resource.ts';
import type { Match, MatchContext, Target } from './match.ts';
import { gravest, ignored, isRefusal, malformed } from './outcome.ts';
import { merged } from './route.ts';

/** OCSF's Compliance Finding; a Detection Finding comes from GuardDuty itself, others are about no configuration. */
const COMPLIANCE_FINDING = 2003;

/**
 * "Findings Imported V2": the new Security Hub's findings, in OCSF. Where the old one is on as well a failure comes twice,
 * and the second look finds nothing to do.
 * Source: Compliance Finding, Open Cybersecurity Schema Framework 1.6.
 */
export function matchSecurityHubV2(envelope: Envelope, context: MatchContext): Match {
  const { findings } = envelope.detail;
  if (!Array.isArray(findings)) return malformed('detail.findings is not a list.');
  const matches = findings.map((finding) => matchFinding(fields(finding), envelope, context));
  const matched = matches.filter((match) => match.outcome === 'matched');
  const [first] = matched;
  if (first) return { ...first, targets: merged(matched.flatMap(({ targets }) => targets)) };
  return gravest(matches.filter(isRefusal)) ?? ignored('The event holds no finding.');
}

function matchFinding(finding: Fields, envelope: Envelope, context: MatchContext): Match {
  const info = fields(finding.finding_info);
  const cloud = fields(finding.cloud);
  const [uid, account] = [text(info.uid), text(fields(cloud.account).uid)];
  if (!uid || typeof finding.class_uid !== 'number' || !account || !isAccount(account))
    return malformed('The finding has no finding_info.uid, no class_uid or no cloud.account.uid as OCSF writes them.');
  if (uid.startsWith('suture/')) return ignored("Suture's own finding.");
  if (account !== envelope.account)
    return ignored(`The finding is about account ${account}: it comes to that account's own Suture as well.`);
  const region = text(cloud.region) ?? envelope.region;
  if (region !== envelope.region) return ignored(`The finding is about ${region}: it comes there as well.`);

  if (finding.class_uid !== COMPLIANCE_FINDING)
    return ignored(
      `The finding is a ${text(finding.class_name) ?? 'finding'} (class ${finding.class_uid}), not one on compliance.`,
    );
  const idle = notOpen(finding);
  if (idle) return ignored(idle);
  const time = timeOf(info) ?? envelope.time;
  if (!time) return malformed('Neither finding_info nor the envelope\'s "time" has a time in ISO 8601.');
  const resources = list(finding.resources).map(fields);
  if (resources.length === 0) return malformed('The finding names no resources.');

  const found = resources.map((resource, index) =>
    targetOf(
      {
        type: text(resource.type),
        names: [text(resource.uid)],
        region: text(resource.region),
        place: `resources[${index}].uid`,
      },
      envelope,
      context,
    ),
  );
  const targets = found.filter((one) => !isRefusal(one)) as readonly Target[];
  if (targets.length === 0) return gravest(found.filter(isRefusal))!;
  const cause: Cause = {
    source: 'securityhub',
    eventId: `${uid}@${time}`,
    eventName: text(fields(finding.compliance).control) ?? text(info.title) ?? uid,
    time,
    origin: 'looks',
  };
  return { outcome: 'matched', cause, targets: merged(targets) };
}

/** Why a finding asks for nothing. The numbers are OCSF's, the words beside them free; a word alone is read where the number is missing. */
function notOpen({ activity_id, status, status_id, compliance }: Fields): string | undefined {
  if (activity_id === 3) return 'The finding is closed.';
  const open = meant(status_id, status, { 1: 'new', 2: 'in progress' });
  if (!open) return `The finding's status is ${shown(status, status_id)}, neither New nor In Progress.`;
  const result = fields(compliance);
  if (!meant(result.status_id, result.status, { 3: 'fail' }))
    return `The finding's compliance.status is ${shown(result.status, result.status_id)}, not Fail.`;
  return undefined;
}

const shown = (word: unknown, id: unknown): string => text(word) ?? (typeof id === 'number' ? `${id}` : 'missing');

/** Some products write `FAILED`, OCSF's own word is `Fail`. */
function meant(id: unknown, word: unknown, meanings: Readonly<Record<number, string>>): boolean {
  if (typeof id === 'number') return Object.hasOwn(meanings, id);
  const said = text(word)
    ?.toLowerCase()
    .replace('_', ' ')
    .replace(/^failed$/, 'fail');
  return said !== undefined && Object.values(meanings).includes(said);
}

/** Milliseconds since 1970 in OCSF's own fields, ISO 8601 in those that end in `_dt`. */
function timeOf({ modified_time_dt, modified_time, created_time_dt, created_time }: Fields): string | undefined {
  return isoTime(modified_time_dt) ?? fromMs(modified_time) ?? isoTime(created_time_dt) ?? fromMs(created_time);
}

const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const fromMs = (ms: unknown): string | undefined =>
  typeof ms === 'number' && ms > 0 && ms <= LAST_MS ? new Date(ms).toISOString() : undefined;
