import { findingId } from '../../lib/engine/asff.ts';
import { assess } from '../../lib/engine/assess.ts';
import type { Look } from '../../lib/engine/look.ts';
import { EMPTY_STATE, type Intent, type ResourceState } from '../../lib/engine/record.ts';
import { evidenceOf, publish } from '../../lib/engine/report.ts';
import type { Runtime } from '../../lib/engine/runtime.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { failure, green, thing, World } from './world.ts';

const DAY = 86_400_000;
const key = thing();
const looking = (color: string, status: 'COMPLIANT' | 'NON_COMPLIANT'): Look => ({
  control: green,
  state: {},
  slots: { color },
  verdict:
    status === 'COMPLIANT'
      ? { status }
      : { status, reason: 'notGreen', data: { thing: 'box', color }, desired: { color: 'green' } },
});

async function told(
  look: Look,
  change: Partial<ResourceState> = {},
  break_: (w: World, r: Runtime) => Partial<Runtime> = () => ({}),
) {
  const w = new World((clock) => new MemoryLedger(clock));
  const said: unknown[][] = [];
  const base = w.runtime();
  const log = { ...base.log, error: (...all: unknown[]) => void said.push(all) };
  const runtime: Runtime = { ...base, log, ...break_(w, base) };
  const now = w.clock.now();
  const intent: Intent = {
    id: 'i-1',
    kind: 'remediation',
    control: green.id,
    key,
    openedAt: '2026-01-05T02:59:40.000Z',
    cause: w.cause(),
    reason: 'box is red.',
    before: { color: 'red' },
    after: { color: 'green' },
    calls: [],
    observed: { color: 'green' },
  };
  const state = { ...EMPTY_STATE, intents: { [green.id]: intent }, ...change };
  const assessment = assess(look, {
    key,
    state,
    pauses: {},
    settings: runtime.settings,
    now,
    cause: w.cause(),
    ready: true,
  });
  const published = await publish({ key, state, pauses: {}, assessments: [assessment] }, runtime);
  return { w, now, said, intent, ...published };
}

it('settles a fix that is told and kept, and counts how long the hole was open', async () => {
  const { w, now, intent, state, settled, told: findings } = await told(looking('green', 'COMPLIANT'));
  expect(settled).toEqual([{ ...intent, settledAt: '2026-01-05T03:00:00.000Z', outcome: 'VERIFIED' }]);
  expect(state).toEqual({
    ...EMPTY_STATE,
    findings: {
      [green.id]: expect.objectContaining({ compliance: 'PASSED', at: now, workflow: 'RESOLVED', reason: '' }),
    },
  });
  expect(findings.map(({ id }) => id)).toEqual([findingId(key, green)]);
  expect(w.evidence.get('i-1')).toEqual({
    v: 1,
    intent,
    title: 'Things are green',
    hipaa: ['164.312(a)(1)'],
    outcome: 'VERIFIED',
    observed: { color: 'green' },
    verifiedAt: '2026-01-05T03:00:00.000Z',
  });
  expect(w.metrics).toEqual({ DriftFixed: 1, TimeToClosed: 30_000 });
});

it('counts no time for a fix that no event caused', async () => {
  const w = new World((clock) => new MemoryLedger(clock));
  const { w: world } = await told(looking('green', 'COMPLIANT'), {
    intents: {
      [green.id]: { ...(await told(looking('green', 'COMPLIANT'))).intent, cause: w.cause({ source: 'config' }) },
    },
  });
  expect(world.metrics).toEqual({ DriftFixed: 1 });
});

it('counts drift when it is told, and only then', async () => {
  const first = await told(looking('red', 'NON_COMPLIANT'), { intents: {} });
  expect(first.w.metrics).toEqual({ DriftFound: 1 });
  const again = await told(looking('red', 'NON_COMPLIANT'), { intents: {}, findings: first.state.findings });
  expect(again.w.metrics).toEqual({});
  expect(again.told).toEqual([]);
});

it.each<[string, (w: World, r: Runtime) => Partial<Runtime>, unknown[]]>([
  [
    'Security Hub throws',
    () => ({ hub: { publish: () => Promise.reject(failure('LimitExceededException')) } }),
    ['Security Hub did not take the findings; they are sent again.', { error: 'LimitExceededException' }],
  ],
  [
    'the evidence bucket throws',
    () => ({ evidence: { put: () => Promise.reject(failure('AccessDenied')) } }),
    ['Evidence was not written; the intent stays open.', { intent: 'i-1', error: 'AccessDenied' }],
  ],
])('%s: the intent stays open, on the agenda, and it is said', async (_name, break_, line) => {
  const { state, settled, said, w, now } = await told(looking('green', 'COMPLIANT'), {}, break_);
  expect(settled).toEqual([]);
  expect(Object.keys(state.intents)).toEqual([green.id]);
  expect(state.agenda[green.id]).toMatchObject({ why: 'unsent', at: now + 60_000, tries: 0 });
  expect(said).toEqual([line]);
  expect(w.metrics).toEqual({ FindingsRefused: 1 });
});

it('asks Security Hub nothing when there is nothing to tell', async () => {
  const hub = { publish: () => Promise.reject(new Error('asked')) };
  const { said, state } = await told(looking('green', 'COMPLIANT'), { intents: {} }, () => ({ hub }));
  expect(said).toEqual([]);
  expect(state).toEqual(EMPTY_STATE);
});

it('forgets what time has made meaningless, and nothing else', async () => {
  const { state, now } = await told(looking('green', 'COMPLIANT'), { intents: {} });
  const finding = {
    fingerprint: '',
    createdAt: '',
    workflow: 'NEW' as const,
    reason: '',
    cause: (await told(looking('green', 'COMPLIANT'))).intent.cause,
  };
  const exemption = { slots: [], reason: '', owner: '', since: '' };
  const entry = { at: now + 1, why: 'pending' as const, cause: finding.cause, tries: 0, since: now };
  const kept = await told(looking('green', 'COMPLIANT'), {
    intents: {},
    findings: {
      old: { ...finding, compliance: 'PASSED', at: now - 90 * DAY },
      recent: { ...finding, compliance: 'PASSED', at: now - 90 * DAY + 1 },
      failed: { ...finding, compliance: 'FAILED', at: now - 400 * DAY },
    },
    fixes: { old: [now - DAY], both: [now - DAY, now - DAY + 1] },
    exemptions: { ended: { ...exemption, expires: now }, runs: { ...exemption, expires: now + 1 } },
    agenda: { other: entry },
  });
  expect(state).toEqual(EMPTY_STATE);
  expect(Object.keys(kept.state.findings)).toEqual(['recent', 'failed']);
  expect(kept.state.fixes).toEqual({ both: [now - DAY + 1] });
  expect(Object.keys(kept.state.exemptions)).toEqual(['runs']);
  expect(kept.state.agenda).toEqual({ other: entry });
});

it('evidence of a fix whose result was never read has no observed slots', async () => {
  const { intent } = await told(looking('green', 'COMPLIANT'));
  const { observed: _observed, ...unread } = intent;
  expect(evidenceOf(unread, 'ABANDONED', green, 0)).toMatchObject({
    observed: {},
    verifiedAt: '1970-01-01T00:00:00.000Z',
  });
});
