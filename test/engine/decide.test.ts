import { type Decision, decide, type Situation } from '../../lib/engine/decide.ts';

const plain: Situation = {
  mode: 'auto',
  paused: false,
  exempt: false,
  exposure: false,
  manual: false,
  blastRadius: false,
  takesEffectLater: false,
  origin: 'changes',
  recentFixes: 0,
  ready: true,
};

describe('decide, line by line', () => {
  const table: [string, Partial<Situation>, Decision][] = [
    ['a drift in auto mode', {}, 'REMEDIATE'],
    ['a drift in report mode', { mode: 'report' }, 'REPORT_ONLY'],
    ['a drift in approve mode', { mode: 'approve' }, 'AWAIT_APPROVAL'],
    ['a paused control', { paused: true }, 'PAUSED'],
    ['a paused control in report mode: reports go on', { paused: true, mode: 'report' }, 'REPORT_ONLY'],
    ['a paused control that would ask', { paused: true, mode: 'approve' }, 'PAUSED'],
    ['an exempt one, whatever else holds', { exempt: true, manual: true, paused: true, exposure: true }, 'EXEMPT'],
    ['what no write can repair', { manual: true }, 'MANUAL'],
    ['what no write can repair, in report mode', { manual: true, mode: 'report' }, 'MANUAL'],
    ['others would be cut off', { blastRadius: true }, 'AWAIT_APPROVAL'],
    ['others would be cut off, even of a fresh resource', { blastRadius: true, origin: 'creates' }, 'AWAIT_APPROVAL'],
    ['a restored copy', { origin: 'restores' }, 'AWAIT_APPROVAL'],
    ['an effect after a restart, resource just created', { takesEffectLater: true, origin: 'creates' }, 'REMEDIATE'],
    ['an effect after a restart, resource in use', { takesEffectLater: true, origin: 'opens' }, 'AWAIT_APPROVAL'],
    ['an effect after a restart, cause unknown', { takesEffectLater: true, origin: 'looks' }, 'AWAIT_APPROVAL'],
    ['the third fix of a day', { recentFixes: 2 }, 'REMEDIATE'],
    ['the fourth fix of a day', { recentFixes: 3 }, 'HOLD'],
    ['the fourth fix of an exposure', { recentFixes: 3, exposure: true }, 'REMEDIATE'],
    ['a hold in report mode is no hold', { recentFixes: 9, mode: 'report' }, 'REPORT_ONLY'],
    ['no time left, or the plan is held by another run', { ready: false }, 'LATER'],
    ['no time left in report mode', { ready: false, mode: 'report' }, 'REPORT_ONLY'],
  ];
  it.each(table)('%s', (_name, change, decision) => {
    expect(decide({ ...plain, ...change })).toBe(decision);
  });
});

describe('decide, over every situation there is', () => {
  const flags = ['paused', 'exempt', 'exposure', 'manual', 'blastRadius', 'takesEffectLater', 'ready'] as const;
  const all: Situation[] = [];
  for (const mode of ['report', 'approve', 'auto'] as const)
    for (const origin of ['creates', 'restores', 'opens', 'changes', 'looks', 'deletes'] as const)
      for (const recentFixes of [0, 2, 3, 50])
        for (let bits = 0; bits < 2 ** flags.length; bits++)
          all.push({
            ...plain,
            mode,
            origin,
            recentFixes,
            ...Object.fromEntries(flags.map((flag, n) => [flag, (bits & (1 << n)) !== 0])),
          });
  const where = (holds: (s: Situation) => boolean) => all.filter(holds).map(decide);

  it('writes only in auto mode, with nothing that speaks against it', () => {
    const against = (s: Situation) =>
      s.mode !== 'auto' || s.paused || s.exempt || s.manual || s.blastRadius || s.origin === 'restores' || !s.ready;
    expect(new Set(where(against))).not.toContain('REMEDIATE');
    expect(where(against)).toHaveLength(all.filter(against).length);
  });
  it('never holds an exposure', () => expect(where((s) => s.exposure)).not.toContain('HOLD'));
  it('holds whatever else is fixed too often', () => {
    expect(new Set(where((s) => !s.exposure && s.recentFixes >= 3))).not.toContain('REMEDIATE');
  });
  it('leaves an exempt drift alone, always', () =>
    expect(new Set(where((s) => s.exempt))).toEqual(new Set(['EXEMPT'])));
  it('an exposure is decided as any other drift, but for the hold', () => {
    const differing = all.filter((s) => s.exposure && decide(s) !== decide({ ...s, exposure: false }));
    expect(new Set(differing.map((s) => decide({ ...s, exposure: false })))).toEqual(new Set(['HOLD']));
  });
});
