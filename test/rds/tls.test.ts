import control from '../../functions/rds/postgres-tls-required.ts';
import type { Verdict } from '../../lib/control.ts';
import type { Database } from '../../lib/rds/database.ts';
import type { OwnGroup, ParameterState, Setting } from '../../lib/rds/parameter-group.ts';
import { DEFAULT_SETTINGS } from '../../lib/settings.ts';

const OWN = 'suture-postgres14-records';
const database: Database = {
  id: 'records',
  arn: 'arn:aws:rds:us-east-1:123456789012:db:records',
  engine: 'postgres',
  version: '14.12',
  status: 'available',
  cluster: undefined,
  upgradeTo: undefined,
  group: { name: 'clinic', applied: 'in-sync' },
};
const off: Setting = { set: '0', value: '0', dynamic: true, required: '1', listed: true };
const on: Setting = { ...off, set: '1', value: '1' };
const nobodys: OwnGroup = { name: OWN, family: 'postgres14', madeBy: 'nobody', set: null, alsoSets: [] };

type Change = Partial<Omit<ParameterState, 'database'>> & { readonly database?: Partial<Database>; applied?: string };
function state({ database: db = {}, applied, ...rest }: Change): ParameterState {
  const group = { ...database.group, ...db.group, ...(applied && { applied }) };
  const base = { setting: off, own: undefined, sharedWith: [] };
  return { ...base, ...rest, database: { ...database, ...db, group } };
}
const atDefault = (change: Change = {}): ParameterState =>
  state({
    own: nobodys,
    setting: { ...off, set: null },
    ...change,
    database: { group: { name: 'default.postgres14', applied: 'in-sync' }, ...change.database },
  });

const key = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::RDS::DBInstance',
  id: 'records',
} as const;
const judge = (seen: ParameterState) =>
  control.evaluate(seen, { settings: DEFAULT_SETTINGS, now: new Date(0), key }) as Verdict;

describe('whether it refuses clients without TLS', () => {
  const table: [string, ParameterState, Partial<Verdict> & { status: Verdict['status'] }][] = [
    ['on and taken over', state({ setting: on }), { status: 'COMPLIANT' }],
    ['on by default', atDefault({ setting: { ...on, set: null } }), { status: 'COMPLIANT' }],
    [
      'another engine',
      state({ database: { engine: 'mysql' }, setting: undefined }),
      { status: 'NOT_APPLICABLE', reason: 'otherEngine' },
    ],
    [
      'DocumentDB, same API',
      state({ database: { engine: 'docdb' }, setting: undefined }),
      { status: 'NOT_APPLICABLE', reason: 'otherEngine' },
    ],
    [
      'a member of an Aurora cluster',
      state({ database: { engine: 'aurora-postgresql', cluster: 'c' }, setting: undefined }),
      { status: 'NOT_APPLICABLE', reason: 'otherEngine' },
    ],
    [
      'a member of a Multi-AZ DB cluster',
      state({ database: { cluster: 'c' }, setting: undefined }),
      { status: 'NOT_APPLICABLE', reason: 'inCluster' },
    ],

    [
      'applying',
      state({ setting: on, applied: 'applying' }),
      { status: 'PENDING', reason: 'applying', lookAgainSeconds: 60 },
    ],
    [
      'waiting for a restart',
      state({ setting: on, applied: 'pending-reboot' }),
      { status: 'PENDING', reason: 'waitsForRestart' },
    ],
    [
      'waiting for an upgrade',
      state({ setting: on, applied: 'pending-database-upgrade' }),
      { status: 'PENDING', reason: 'waitsForRestart' },
    ],
    [
      'a group status that is new to us',
      state({ setting: on, applied: 'tomorrow' }),
      { status: 'PENDING', reason: 'waitsForRestart' },
    ],
    [
      'a group RDS could not apply',
      state({ setting: on, applied: 'failed-to-apply' }),
      { status: 'NON_COMPLIANT', reason: 'notApplied', desired: 'manual' },
    ],
    [
      'on by default, left for it and not restarted',
      atDefault({ setting: { ...on, set: null }, applied: 'pending-reboot' }),
      { status: 'PENDING', reason: 'waitsForRestart' },
    ],

    [
      'off',
      state({}),
      { status: 'NON_COMPLIANT', reason: 'off', desired: { 'parameter:rds.force_ssl': '1' }, blastRadius: [] },
    ],
    [
      'off while something else waits for a restart',
      state({ applied: 'pending-reboot' }),
      { status: 'NON_COMPLIANT', reason: 'off' },
    ],
    [
      'not known',
      state({ setting: { ...off, set: null, value: undefined, dynamic: false } }),
      { status: 'NON_COMPLIANT', reason: 'off', takesEffect: 'later' },
    ],
    [
      'static, as in old versions',
      state({ setting: { ...off, dynamic: false } }),
      { status: 'NON_COMPLIANT', takesEffect: 'later' },
    ],
    [
      'a word that is not the value',
      state({ setting: { ...on, value: 'on' } }),
      { status: 'NON_COMPLIANT', reason: 'off' },
    ],
    [
      'a version that has no such parameter',
      state({ setting: { ...off, set: null, listed: false } }),
      { status: 'NON_COMPLIANT', reason: 'versionCannot', desired: 'manual' },
    ],
    [
      'shared',
      state({ sharedWith: ['billing', 'lab'] }),
      { status: 'NON_COMPLIANT', blastRadius: ['billing, which uses clinic too', 'lab, which uses clinic too'] },
    ],

    [
      'a default group',
      atDefault(),
      {
        status: 'NON_COMPLIANT',
        reason: 'offByDefault',
        takesEffect: 'later',
        blastRadius: [],
        desired: { parameterGroup: OWN, ownParameterGroup: OWN, 'parameter:rds.force_ssl': '1' },
      },
    ],
    [
      'a default group, ours half made',
      atDefault({ own: { ...nobodys, madeBy: 'us' } }),
      { status: 'NON_COMPLIANT', reason: 'offByDefault', blastRadius: [] },
    ],
    [
      'a default group, the name taken',
      atDefault({ own: { ...nobodys, madeBy: 'others' } }),
      { status: 'NON_COMPLIANT', reason: 'nameTaken', desired: 'manual' },
    ],
    [
      'a default group, ours edited by others',
      atDefault({ own: { ...nobodys, madeBy: 'us', alsoSets: ['log_statement'] } }),
      {
        status: 'NON_COMPLIANT',
        reason: 'offByDefault',
        desired: { parameterGroup: OWN, 'parameter:rds.force_ssl': '1' },
        blastRadius: [`records, which would get log_statement as somebody set it in ${OWN}`],
      },
    ],
    [
      'a default group, an upgrade waiting',
      atDefault({ database: { upgradeTo: '16.3' } }),
      { status: 'NON_COMPLIANT', blastRadius: ['the upgrade to 16.3, which waits and needs another group by then'] },
    ],
  ];
  it.each(table)('%s', (_name, seen, expected) => {
    expect(judge(seen)).toMatchObject(expected);
  });

  it('takes effect at once where the parameter is dynamic and the group is its own', () => {
    expect(judge(state({}))).not.toHaveProperty('takesEffect');
  });
});

describe('what a status allows', () => {
  const changes = ['available', 'storage-full', 'storage-initialization', 'storage-optimization'];
  const judges = [
    'backing-up',
    'configuring-enhanced-monitoring',
    'configuring-iam-database-auth',
    'configuring-log-exports',
    'resetting-master-credentials',
    'stopped',
  ];
  const waits: [string, number][] = [
    ...[
      'creating',
      'modifying',
      'rebooting',
      'renaming',
      'starting',
      'stopping',
      'upgrading',
      'maintenance',
      'a status of tomorrow',
    ].map((one): [string, number] => [one, 60]),
    ...['deleting', 'delete-precheck'].map((one): [string, number] => [one, 300]),
    ...[
      'failed',
      'restore-error',
      'inaccessible-encryption-credentials',
      'incompatible-network',
      'incompatible-option-group',
      'incompatible-parameters',
      'incompatible-restore',
      'insufficient-capacity',
    ].map((one): [string, number] => [one, 3600]),
  ];
  it.each(changes)('%s: judged and changed', (status) => {
    expect(judge(state({ setting: on, database: { status } })).status).toBe('COMPLIANT');
    expect(judge(state({ database: { status } })).status).toBe('NON_COMPLIANT');
  });
  it.each(judges)('%s: judged, and changed later', (status) => {
    expect(judge(state({ setting: on, database: { status } })).status).toBe('COMPLIANT');
    expect(judge(state({ database: { status } }))).toMatchObject({ status: 'UNSETTLED', reason: 'unchangeable' });
  });
  it.each(waits)('%s: looked at again after %i s, even where it is on', (status, lookAgainSeconds) => {
    const expected = { status: 'UNSETTLED', reason: 'unsettled', lookAgainSeconds };
    expect(judge(state({ database: { status } }))).toMatchObject(expected);
    expect(judge(state({ setting: on, database: { status } }))).toMatchObject(expected);
  });
});

it('fills every placeholder of the reason it gives', () => {
  const seen = [
    atDefault(),
    state({}),
    state({ setting: on, applied: 'applying' }),
    atDefault({ own: { ...nobodys, madeBy: 'others' } }),
  ];
  for (const verdict of seen.map(judge)) {
    if (verdict.status === 'COMPLIANT') throw new Error('drift expected');
    const names = [...control.reasons[verdict.reason as keyof typeof control.reasons].matchAll(/\{\{(\w+)\}\}/g)];
    for (const [, name] of names) expect(verdict.data?.[name!]).toEqual(expect.any(String));
  }
});
