import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

/**
 * `suture.yml` does not say what it should. `problems` has one line per mistake, each with file, line, column, field
 * and what to do; the message is all of them.
 */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

type Path = readonly PropertyKey[];
interface Problem {
  readonly path: Path;
  readonly text: string;
}

/** S3 refuses a default retention above this many days. Source: PutObjectLockConfiguration, DefaultRetention. */
const MOST_RETENTION_DAYS = 36_500;
const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

const schema = z.strictObject({
  controls: z
    .record(
      z.string(),
      z.enum(['off', 'report', 'approve', 'auto'], { error: 'a mode is one of off, report, approve, auto' }),
      { error: 'write one "<control id>: <mode>" per line, or leave "controls" out' },
    )
    .optional(),
  kmsKeyArn: z
    .string({ error: 'write the ARN of a KMS key' })
    .regex(
      KMS_KEY_ARN,
      'write the ARN of a KMS key, like arn:aws:kms:us-east-1:123456789012:key/<key id>; an alias may be pointed elsewhere without anybody noticing',
    )
    .optional(),
  evidence: z
    .strictObject(
      {
        retention: z
          .union(
            [z.strictObject({ years: wholeNumber(100) }), z.strictObject({ days: wholeNumber(MOST_RETENTION_DAYS) })],
            {
              error: `write either "years: <1 to 100>" or "days: <1 to ${MOST_RETENTION_DAYS}>", a whole number`,
            },
          )
          .optional(),
        lockMode: z.enum(['governance', 'compliance'], { error: 'a lock mode is governance or compliance' }).optional(),
      },
      { error: 'write "retention" and "lockMode" below "evidence", or leave it out' },
    )
    .optional(),
});

function wholeNumber(most: number) {
  return z
    .int({ error: `write a whole number from 1 to ${most}` })
    .min(1)
    .max(most);
}

/**
 * Reads the text of `suture.yml` (YAML 1.2). A control that is not named stays in `report` mode: only an explicit line
 * lets a control change anything.
 * @param known.controls ids of all controls there are
 * @param known.file how the file is called in messages
 * @throws SettingsError naming every mistake; nothing is guessed and no unknown key is passed over
 */
export function readSettings(
  text: string,
  { controls, file = 'suture.yml' }: { readonly controls: readonly string[]; readonly file?: string },
): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: '1.2', lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw new SettingsError(broken.map(({ pos, message }) => `${at(pos[0])} is not valid YAML: ${message}`));
  }

  const raw = document.toJS() ?? {};
  const parsed = schema.safeParse(raw);
  const problems = parsed.success ? unknownControls(raw.controls, controls) : parsed.error.issues.flatMap(explain);
  if (problems.length > 0 || !parsed.success) {
    throw new SettingsError(
      problems.map(({ path, text }) => `${at(offsetOf(document, path))} ${path.join('.') || 'the file'}: ${text}`),
    );
  }

  const { controls: modes = {}, kmsKeyArn, evidence: { retention, lockMode } = {} } = parsed.data;
  return {
    modes,
    ...(kmsKeyArn && { kmsKeyArn }),
    evidence: {
      retentionDays: retention ? inDays(retention) : DEFAULT_SETTINGS.evidence.retentionDays,
      lockMode: lockMode === 'compliance' ? 'COMPLIANCE' : DEFAULT_SETTINGS.evidence.lockMode,
    },
  };
}

/** Rounded up, so that the leap days of any span of years are in it. */
const inDays = (retention: { years: number } | { days: number }): number =>
  'days' in retention ? retention.days : Math.min(Math.ceil(retention.years * 365.25), MOST_RETENTION_DAYS);

function explain(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, text: issue.message }];
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    text: `there is no such setting${suggestion(key, ['controls', 'kmsKeyArn', 'evidence', 'retention', 'lockMode'])}; remove it or correct its name`,
  }));
}

/** From what YAML holds: a record of zod's passes over `__proto__`. */
const unknownControls = (modes: Readonly<Record<string, unknown>> = {}, known: readonly string[]): Problem[] =>
  Object.keys(modes)
    .filter((id) => !known.includes(id))
    .map((id) => ({
      path: ['controls', id],
      text: `there is no such control${suggestion(id, known)}; "npx suture controls" lists all of them`,
    }));

function suggestion(wrong: string, known: readonly string[]): string {
  const [nearest] = known
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= Math.max(3, wrong.length / 2) ? `, did you mean ${nearest.name}?` : '';
}

/** Levenshtein's distance: how many single letters must be added, removed or changed to come from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, changed));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** Where a field stands in the text: its key, or the nearest thing around it that is written there. */
function offsetOf(document: Document.Parsed, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true) ?? document.contents;
    if (!isMap(parent)) continue;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path[depth - 1]));
    if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
