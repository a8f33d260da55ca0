import type { Cause } from '../../lib/cause.ts';
import type { Verdict } from '../../lib/control.ts';
import { type Assessment, assess, type Known } from '../../lib/engine/assess.ts';
import type { Look } from '../../lib/engine/look.ts';
import {
  EMPTY_STATE,
  type Exemption,
  type Intent,
  type ReportedFinding,
  type ResourceState,
} from '../../lib/engine/record.ts';
import { failure, green, lidded, thing } from './world.ts';

/** What one look means, whole: a table, since everything that is told, settled or looked at again hangs on it. */
const NOW = Date.parse('2026-01-05T03:00:00Z');
const MINUTE = 60_000;
const HOUR = 3_600_000;
const cause: Cause = {
  source: 'cloudtrail',
  eventId: 'e',
  eventName: 'Paint',
  time: '2026-01-05T02:00:00Z',
  origin: 'changes',
};
const data = { thing: 'box', color: 'red' };
const seen = (verdict: Verdict, control = green): Look => ({ control, state: {}, slots: { color: 'red' }, verdict });
const unseen = (kind: 'gone' | 'denied' | 'throttled' | 'failed', name = 'Oops'): Look => ({
  control: green,
  unseen: kind,
  error: Object.assign(failure(name), { message: 'said more' }),
});
const drift = (more: object = {}): Verdict => ({
  status: 'NON_COMPLIANT',
  reason: 'notGreen',
  data,
  desired: { color: 'green' },
  ...more,
});
const intent: Intent = {
  id: 'i-1',
  kind: 'remediation',
  control: green.id,
  key: thing(),
  openedAt: '2026-01-05T02:00:00Z',
  cause: { ...cause, origin: 'creates' },
  reason: 'box is red.',
  before: { color: 'red' },
  after: { color: 'green' },
  calls: [],
};
const open: Partial<ResourceState> = { intents: { [green.id]: intent } };
const reported = (compliance: ReportedFinding['compliance']): Partial<ResourceState> => ({
  findings: {
    [green.id]: { compliance, fingerprint: 'f', at: NOW, createdAt: '', workflow: 'NEW', reason: '', cause },
  },
});
const exemption: Exemption = { slots: ['color'], reason: 'r', owner: 'o', since: '', expires: NOW + HOUR };
const fixes = (...ago: number[]): Partial<ResourceState> => ({ fixes: { [green.id]: ago.map((ms) => NOW - ms) } });
const agenda = (why: 'stale' | 'error', since = NOW): Partial<ResourceState> => ({
  agenda: { [green.id]: { at: NOW, why, cause, tries: 0, since } },
});

function meaning(look: Look, state: Partial<ResourceState> = {}, more: Partial<Known> = {}): Partial<Assessment> {
  const known: Known = {
    key: thing(),
    state: { ...EMPTY_STATE, ...state },
    pauses: {},
    settings: {
      modes: { [green.id]: 'auto', [lidded.id]: 'auto' },
      evidence: { retentionDays: 1, lockMode: 'GOVERNANCE' },
    },
    now: NOW,
    cause,
    ready: true,
    ...more,
  };
  const { control: _control, look: _look, cause: _cause, attempt: _attempt, ...rest } = assess(look, known);
  return rest;
}

const ok = seen({ status: 'COMPLIANT' });
const gold = seen({ status: 'NOT_APPLICABLE', reason: 'precious', data });
const wet = (lookAgainSeconds?: number) =>
  seen({ status: 'PENDING', reason: 'wet', data, ...(lookAgainSeconds && { lookAgainSeconds }) });
const grey = seen({ status: 'UNSETTLED', reason: 'drying', data, lookAgainSeconds: 30 });
const red = seen(drift());
const young = { ...cause, time: new Date(NOW - 9_999).toISOString() };

const drifted = { status: 'NON_COMPLIANT', reason: 'box is red.', compliance: 'FAILED', alarm: false } as const;

it.each<[string, () => Partial<Assessment>, Partial<Assessment>]>([
  ['in order', () => meaning(ok), { status: 'COMPLIANT', reason: '' }],
  ['in order, and it is known', () => meaning(ok, reported('PASSED')), { status: 'COMPLIANT', reason: '' }],
  ['in order again', () => meaning(ok, reported('FAILED')), { status: 'COMPLIANT', reason: '', compliance: 'PASSED' }],
  [
    'readable and in order again',
    () => meaning(ok, reported('WARNING')),
    { status: 'COMPLIANT', reason: '', compliance: 'PASSED' },
  ],
  ['fixed', () => meaning(ok, open), { status: 'COMPLIANT', reason: '', compliance: 'PASSED', settle: 'VERIFIED' }],
  [
    'in order, and the event is young',
    () => meaning(ok, {}, { cause: young }),
    { status: 'COMPLIANT', reason: '', again: { why: 'young' } },
  ],
  [
    'in order, and the event is just old enough',
    () => meaning(ok, {}, { cause: { ...cause, time: new Date(NOW - 10_000).toISOString() } }),
    { status: 'COMPLIANT', reason: '' },
  ],
  [
    'in order, and something else than an event is young',
    () => meaning(ok, {}, { cause: { ...young, source: 'agenda' } }),
    { status: 'COMPLIANT', reason: '' },
  ],
  [
    'fixed after a young event',
    () => meaning(ok, open, { cause: young }),
    { status: 'COMPLIANT', reason: '', compliance: 'PASSED', settle: 'VERIFIED' },
  ],
  [
    'closed along with another fix',
    () => meaning(ok, {}, { cause: young, along: { reason: 'was red', with: ['x'] } }),
    { status: 'COMPLIANT', reason: '', compliance: 'PASSED', along: { reason: 'was red', with: ['x'] } },
  ],
  ['not applicable', () => meaning(gold), { status: 'NOT_APPLICABLE', reason: 'box is gold.' }],
  [
    'not applicable any more',
    () => meaning(gold, reported('FAILED')),
    { status: 'NOT_APPLICABLE', reason: 'box is gold.', compliance: 'ARCHIVED' },
  ],
  [
    'not applicable in the middle of a fix',
    () => meaning(gold, open),
    { status: 'NOT_APPLICABLE', reason: 'box is gold.', compliance: 'ARCHIVED', settle: 'ABANDONED' },
  ],
  [
    'pending',
    () => meaning(wet()),
    { status: 'PENDING', reason: 'box is green and wet.', compliance: 'FAILED', again: { why: 'pending' } },
  ],
  [
    'pending for a known time, after a fix',
    () => meaning(wet(90), open),
    {
      status: 'PENDING',
      reason: 'box is green and wet.',
      compliance: 'FAILED',
      settle: 'PENDING',
      again: { why: 'pending', at: NOW + 90_000 },
    },
  ],
  [
    'unsettled',
    () => meaning(grey),
    { status: 'UNSETTLED', reason: 'box is drying.', again: { why: 'unsettled', at: NOW + 30_000 } },
  ],
  [
    'unsettled after a fix',
    () => meaning(grey, open),
    {
      status: 'UNSETTLED',
      reason: 'box is drying.',
      compliance: 'FAILED',
      again: { why: 'unsettled', at: NOW + 30_000 },
    },
  ],
  ['drifted', () => meaning(red), { ...drifted, decision: 'REMEDIATE' }],
  [
    'drifted and fresh',
    () => meaning(seen(drift({ takesEffect: 'later' })), {}, { cause: { ...cause, origin: 'creates' } }),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'drifted, takes effect later',
    () => meaning(seen(drift({ takesEffect: 'later' }))),
    { ...drifted, decision: 'AWAIT_APPROVAL' },
  ],
  [
    'the same in the middle of a fresh fix',
    () => meaning(seen(drift({ takesEffect: 'later' })), open),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'drifted with others cut off',
    () => meaning(seen(drift({ blastRadius: ['x'] }))),
    { ...drifted, decision: 'AWAIT_APPROVAL' },
  ],
  ['nobody is cut off', () => meaning(seen(drift({ blastRadius: [] }))), { ...drifted, decision: 'REMEDIATE' }],
  ['beyond repair', () => meaning(seen(drift({ desired: 'manual' }))), { ...drifted, decision: 'MANUAL' }],
  ['no time', () => meaning(red, {}, { ready: false }), { ...drifted, decision: 'LATER', again: { why: 'conflict' } }],
  [
    'no time in the middle of a fix',
    () => meaning(red, open, { ready: false }),
    { ...drifted, decision: 'LATER', again: { why: 'conflict' } },
  ],
  [
    'paused',
    () => meaning(red, {}, { pauses: { '*': { by: '', reason: '', at: '' } } }),
    { ...drifted, decision: 'PAUSED', again: { why: 'paused' } },
  ],
  [
    'paused by its name, in the middle of a fix',
    () => meaning(red, open, { pauses: { [green.id]: { by: '', reason: '', at: '' } } }),
    { ...drifted, decision: 'PAUSED', again: { why: 'paused' } },
  ],
  [
    'another control is paused',
    () => meaning(red, {}, { pauses: { other: { by: '', reason: '', at: '' } } }),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'exempt by its control',
    () => meaning(red, { exemptions: { [green.id]: { ...exemption, slots: [] } } }),
    {
      ...drifted,
      decision: 'EXEMPT',
      exemption: { ...exemption, slots: [] },
      again: { why: 'exempt', at: NOW + HOUR },
    },
  ],
  [
    "exempt by a slot of another control's exemption",
    () => meaning(red, { exemptions: { other: exemption } }),
    { ...drifted, decision: 'EXEMPT', exemption, again: { why: 'exempt', at: NOW + HOUR } },
  ],
  [
    'another slot is exempt',
    () => meaning(red, { exemptions: { other: { ...exemption, slots: ['lid'] } } }),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'no slot of its own to be exempt by',
    () => meaning(seen(drift({ desired: 'manual' })), { exemptions: { other: exemption } }),
    { ...drifted, decision: 'MANUAL' },
  ],
  [
    'an exemption that has ended',
    () => meaning(red, { exemptions: { [green.id]: { ...exemption, expires: NOW } } }),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  ['fixed twice today', () => meaning(red, fixes(2 * HOUR, HOUR)), { ...drifted, decision: 'REMEDIATE' }],
  [
    'fixed three times today',
    () => meaning(red, fixes(3 * HOUR, 2 * HOUR, HOUR)),
    { ...drifted, decision: 'HOLD', again: { why: 'held', at: NOW + 21 * HOUR } },
  ],
  [
    'fixed three times, not all today',
    () => meaning(red, fixes(24 * HOUR, 2 * HOUR, HOUR)),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'fixed five times today: held until two are over',
    () => meaning(red, fixes(5 * HOUR, 4 * HOUR, 3 * HOUR, 2 * HOUR, HOUR)),
    { ...drifted, decision: 'HOLD', again: { why: 'held', at: NOW + 21 * HOUR } },
  ],
  [
    'the third fix, cut off',
    () => meaning(red, { ...open, ...fixes(3 * HOUR, 2 * HOUR, HOUR), ...agenda('error') }),
    { ...drifted, decision: 'REMEDIATE' },
  ],
  [
    'the third fix, which did not hold',
    () => meaning(red, { ...open, ...fixes(3 * HOUR, 2 * HOUR, HOUR), ...agenda('stale') }),
    { ...drifted, decision: 'HOLD', settle: 'ABANDONED', again: { why: 'held', at: NOW + 21 * HOUR } },
  ],
  [
    'report mode in the middle of a fix',
    () => meaning(red, open, { settings: { modes: {}, evidence: { retentionDays: 1, lockMode: 'GOVERNANCE' } } }),
    { ...drifted, decision: 'REPORT_ONLY', settle: 'ABANDONED' },
  ],
  [
    'just fixed, and it does not show',
    () => meaning(red, open, { attempt: { sent: true } }),
    { ...drifted, decision: 'REMEDIATE', again: { why: 'stale' } },
  ],
  [
    'the same, for five minutes',
    () => meaning(red, { ...open, ...agenda('stale', NOW - 5 * MINUTE) }, { attempt: { sent: true } }),
    { ...drifted, alarm: true, decision: 'REMEDIATE', again: { why: 'stale' } },
  ],
  [
    'the same, for not quite five minutes',
    () => meaning(red, { ...open, ...agenda('stale', NOW - 5 * MINUTE + 1) }, { attempt: { sent: true } }),
    { ...drifted, decision: 'REMEDIATE', again: { why: 'stale' } },
  ],
  [
    'five minutes of another trouble',
    () => meaning(red, { ...open, ...agenda('error', NOW - HOUR) }, { attempt: { sent: true } }),
    { ...drifted, decision: 'REMEDIATE', again: { why: 'stale' } },
  ],
  ...(['denied', 'throttled', 'failed', 'time'] as const).map(
    (failed): [string, () => Partial<Assessment>, Partial<Assessment>] => [
      `the fix failed: ${failed}`,
      () => meaning(red, open, { attempt: { sent: false, failed, error: 'x' } }),
      {
        ...drifted,
        decision: 'REMEDIATE',
        ...(failed !== 'denied' && {
          again: { why: failed === 'time' ? 'conflict' : failed === 'throttled' ? 'throttled' : 'error' },
        }),
      },
    ],
  ),
  [
    'not found once',
    () => meaning(unseen('gone')),
    { status: 'UNKNOWN', reason: 'Oops: said more', again: { why: 'gone' } },
  ],
  [
    'not found for almost a minute',
    () => meaning(unseen('gone'), { missingSince: NOW - MINUTE + 1 }),
    { status: 'UNKNOWN', reason: 'Oops: said more', again: { why: 'gone' } },
  ],
  [
    'not found for a minute',
    () => meaning(unseen('gone'), { missingSince: NOW - MINUTE }),
    { status: 'GONE', reason: 'The resource does not exist any more.' },
  ],
  [
    'deleted in the middle of a fix',
    () => meaning(unseen('gone'), open, { cause: { ...cause, origin: 'deletes' } }),
    { status: 'GONE', reason: 'The resource does not exist any more.', compliance: 'ARCHIVED', settle: 'ABANDONED' },
  ],
  [
    'deleted, and it was told',
    () => meaning(unseen('gone'), reported('FAILED'), { cause: { ...cause, origin: 'deletes' } }),
    { status: 'GONE', reason: 'The resource does not exist any more.', compliance: 'ARCHIVED' },
  ],
  [
    'throttled',
    () => meaning(unseen('throttled')),
    { status: 'UNKNOWN', reason: 'Oops: said more', again: { why: 'throttled' } },
  ],
  [
    'not allowed to be read',
    () => meaning(unseen('denied', 'AccessDenied')),
    {
      status: 'UNKNOWN',
      reason: 'Suture may not read what this control judges (AccessDenied).',
      compliance: 'WARNING',
    },
  ],
  [
    'not readable',
    () => meaning(unseen('failed', 'ValidationError')),
    {
      status: 'UNKNOWN',
      reason: 'Suture could not judge this resource (ValidationError).',
      compliance: 'WARNING',
      again: { why: 'error' },
    },
  ],
])('%s', (_name, is, expected) => {
  expect(is()).toEqual(expected);
});

it('a reason that is not declared is a bug', () => {
  expect(() => meaning(seen({ status: 'PENDING', reason: 'unheard of' }))).toThrow(
    'test-thing-green gives the reason unheard of, which it does not declare.',
  );
});
