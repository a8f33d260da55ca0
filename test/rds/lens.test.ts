import fc from 'fast-check';
import control from '../../functions/rds/postgres-tls-required.ts';
import { dbInstance } from '../../lib/aws/rds.ts';
import type { Call } from '../../lib/control.ts';
import { freeze } from '../../lib/engine/canonical.ts';
import { ownGroupName } from '../../lib/rds/parameter-group.ts';
import { DEFAULT_SETTINGS } from '../../lib/settings.ts';
import { RdsModel } from './model.ts';

const key = {
  partition: 'aws',
  account: '123456789012',
  region: 'us-east-1',
  type: 'AWS::RDS::DBInstance',
  id: 'records',
} as const;
const OWN = 'suture-postgres14-records';
const SSL = 'parameter:rds.force_ssl';
const TAGS = [
  { Key: 'suture:control', Value: 'rds-postgres-tls-required' },
  { Key: 'suture:resource', Value: 'arn:aws:rds:us-east-1:123456789012:db:records' },
];

const look = async (rds: RdsModel) => {
  const state = freeze(await control.observe(key, rds.call, DEFAULT_SETTINGS));
  return {
    state,
    slots: control.get(state),
    verdict: control.evaluate(state, { settings: DEFAULT_SETTINGS, now: new Date(0), key }),
  };
};
async function planned(rds: RdsModel): Promise<{ before: object; after: object; calls: readonly Call[] }> {
  const { state, slots, verdict } = await look(rds);
  if (verdict.status !== 'NON_COMPLIANT' || verdict.desired === 'manual') throw new Error(JSON.stringify(verdict));
  const differing = Object.fromEntries(
    Object.entries(verdict.desired).filter(([name, value]) => slots[name as keyof typeof slots] !== value),
  );
  const before = Object.fromEntries(Object.keys(differing).map((name) => [name, slots[name as keyof typeof slots]]));
  return { before, after: differing, calls: control.set(state, differing) as readonly Call[] };
}
async function send(rds: RdsModel, calls: readonly Call[]): Promise<void> {
  for (const { op, input, accept = [] } of calls) {
    await rds.call(op, input).catch((error: Error) => {
      if (!accept.includes(error.name)) throw error;
    });
  }
}
/** As the engine reverts: only the slots that do not hold their earlier value already. */
async function back(rds: RdsModel, before: object): Promise<readonly Call[]> {
  const { state, slots } = await look(rds);
  const differing = Object.entries(before).filter(([name, value]) => slots[name as keyof typeof slots] !== value);
  return differing.length > 0 ? (control.set(state, Object.fromEntries(differing)) as readonly Call[]) : [];
}
const operations = (calls: readonly Call[]) => calls.map(({ op }) => op.name.slice('rds:'.length));

const STARTS: [string, (rds: RdsModel) => void][] = [
  ['a default group', (rds) => rds.instance('records')],
  [
    'a default group, ours empty beside it',
    (rds) => {
      rds.instance('records');
      rds.group(OWN, 'postgres14', {}, TAGS);
    },
  ],
  [
    'a default group, ours filled beside it',
    (rds) => {
      rds.instance('records');
      rds.group(OWN, 'postgres14', { 'rds.force_ssl': '1' }, TAGS);
    },
  ],
  [
    'a default group, ours edited by others beside it',
    (rds) => {
      rds.instance('records');
      rds.group(OWN, 'postgres14', { other_7: 'all' }, TAGS);
    },
  ],
  [
    'a group of its own in which it is off',
    (rds) => {
      rds.group('clinic', 'postgres14', { 'rds.force_ssl': '0', other_7: 'all' });
      rds.instance('records', { group: 'clinic' });
    },
  ],
  [
    'a group of its own that says nothing',
    (rds) => {
      rds.group('clinic', 'postgres14', { other_7: 'all' });
      rds.instance('records', { group: 'clinic' });
    },
  ],
  [
    'ours, turned off again',
    (rds) => {
      rds.group(OWN, 'postgres14', { 'rds.force_ssl': '0' }, TAGS);
      rds.instance('records', { group: OWN });
    },
  ],
  [
    'PostgreSQL 16 with it off',
    (rds) => {
      rds.group('clinic16', 'postgres16', { 'rds.force_ssl': '0' });
      rds.instance('records', { EngineVersion: '16.3', group: 'clinic16' });
    },
  ],
  [
    'static, as in old versions',
    (rds) => {
      rds.forceSslType = 'static';
      rds.group('clinic', 'postgres14', { 'rds.force_ssl': '0' });
      rds.instance('records', { group: 'clinic' });
    },
  ],
];
const start = (build: (rds: RdsModel) => void): RdsModel => {
  const rds = new RdsModel();
  build(rds);
  return rds;
};

describe.each(STARTS)('from %s', (_name, build) => {
  it('reaches what it said, and after a restart it is in force', async () => {
    const rds = start(build);
    const { after, calls } = await planned(rds);
    await send(rds, calls);
    const { slots, verdict } = await look(rds);
    expect(slots).toMatchObject(after);
    expect(['COMPLIANT', 'PENDING']).toContain(verdict.status);
    rds.restart('records');
    expect((await look(rds)).verdict).toEqual({ status: 'COMPLIANT' });
    expect(rds.instances.get('records')?.inForce).toBe('1');
  });

  it('reverts to the start from every half-way point, also when the revert is cut off', async () => {
    const length = (await planned(start(build))).calls.length;
    for (let sent = 0; sent <= length; sent++) {
      for (let cut = 0; cut <= 3; cut++) {
        const rds = start(build);
        const untouched = rds.snapshot();
        const { before, calls } = await planned(rds);
        await send(rds, calls.slice(0, sent));
        await send(rds, (await back(rds, before)).slice(0, cut));
        await send(rds, await back(rds, before));
        expect(settled(rds.snapshot())).toEqual(settled(untouched));
        expect(await back(rds, before)).toEqual([]);
      }
    }
  });

  it('goes on from every half-way point to the same state', async () => {
    const { calls } = await planned(start(build));
    const whole = start(build);
    await send(whole, calls);
    for (let sent = 0; sent < calls.length; sent++) {
      const rds = start(build);
      await send(rds, calls.slice(0, sent));
      await send(rds, (await planned(rds)).calls);
      expect(rds.snapshot()).toEqual(whole.snapshot());
    }
  });

  it('leaves what others set in the group meanwhile, on the way there and back', async () => {
    const rds = start(build);
    const { before, calls } = await planned(rds);
    await send(rds, calls);
    const group = rds.instances.get('records')!.DBParameterGroups![0]!.DBParameterGroupName!;
    rds.groups.get(group)!.set.set('other_9', 'theirs');
    await send(rds, await back(rds, before));
    expect(rds.groups.get(group)?.set.get('other_9')).toBe('theirs');
    expect((await look(rds)).slots).toMatchObject(before);
  });

  it('never applies what others left pending', async () => {
    const rds = start(build);
    const pending = { DBInstanceClass: 'db.r6g.2xlarge', MasterUserPassword: '****' };
    rds.instances.get('records')!.PendingModifiedValues = pending;
    const { before, calls } = await planned(rds);
    await send(rds, calls);
    await send(rds, await back(rds, before));
    expect(rds.instances.get('records')?.PendingModifiedValues).toEqual(pending);
    expect(JSON.stringify(await look(rds))).not.toContain('****');
  });
});

/** Whether something waits for a restart is AWS's to say, and a restart's to change. */
const settled = (snapshot: unknown): unknown =>
  JSON.parse(JSON.stringify(snapshot, (name, value) => (name === 'ParameterApplyStatus' ? undefined : value)));

describe('the calls', () => {
  it('fill the group before it is attached, so that nothing changes before the restart', async () => {
    const rds = start((model) => model.instance('records'));
    const { calls } = await planned(rds);
    expect(operations(calls)).toEqual(['CreateDBParameterGroup', 'ModifyDBParameterGroup', 'ModifyDBInstance']);
    for (const call of calls) {
      await send(rds, [call]);
      expect(rds.instances.get('records')?.inForce).toBe('0');
    }
    expect((await look(rds)).verdict).toMatchObject({ status: 'PENDING', reason: 'waitsForRestart' });
  });

  it('change a dynamic parameter at once, and only that one', async () => {
    const rds = start((model) => {
      model.group('clinic', 'postgres14', { other_7: 'all' });
      model.instance('records', { group: 'clinic' });
    });
    const { calls } = await planned(rds);
    expect(calls.map(({ input }) => input)).toEqual([
      {
        DBParameterGroupName: 'clinic',
        Parameters: [{ ParameterName: 'rds.force_ssl', ParameterValue: '1', ApplyMethod: 'immediate' }],
      },
    ]);
    await send(rds, calls);
    expect(rds.instances.get('records')?.inForce).toBe('1');
    expect((await look(rds)).verdict).toEqual({ status: 'COMPLIANT' });
  });

  it('hand a default back by a reset, and put back a value that was set', async () => {
    for (const [set, expected] of [
      [{}, 'ResetDBParameterGroup'],
      [{ 'rds.force_ssl': '0' }, 'ModifyDBParameterGroup'],
    ] as const) {
      const rds = start((model) => {
        model.group('clinic', 'postgres14', set);
        model.instance('records', { group: 'clinic' });
      });
      const { before, calls } = await planned(rds);
      await send(rds, calls);
      expect(operations(await back(rds, before))).toEqual([expected]);
    }
  });

  it('use the group in the fix and nothing of revert', async () => {
    for (const [, build] of STARTS) {
      const { calls } = await planned(start(build));
      const declared: readonly unknown[] = control.writes.fix;
      for (const { op } of calls) expect(declared).toContain(op);
    }
  });

  it('never delete a group without our tags', async () => {
    for (const tags of [
      [],
      TAGS.slice(0, 1),
      [TAGS[0]!, { ...TAGS[1]!, Value: 'arn:aws:rds:us-east-1:123456789012:db:other' }],
    ]) {
      const rds = start((model) => {
        model.group(OWN, 'postgres14', { 'rds.force_ssl': '1' }, tags);
        model.instance('records', { group: OWN });
      });
      const { state, slots } = await look(rds);
      expect(slots.ownParameterGroup).toBeNull();
      const calls = control.set(state, {
        parameterGroup: 'default.postgres14',
        ownParameterGroup: null,
        [SSL]: null,
      }) as readonly Call[];
      expect(operations(calls)).toEqual(['ModifyDBInstance']);
    }
  });

  it('never use a group of our name that is not ours, or of another family', async () => {
    for (const [family, tags] of [
      ['postgres14', []],
      ['postgres13', TAGS],
    ] as const) {
      const rds = start((model) => {
        model.instance('records');
        model.group(OWN, family, {}, [...tags]);
      });
      expect((await look(rds)).verdict).toMatchObject({ reason: 'nameTaken', desired: 'manual' });
    }
  });

  it('detach our group before it is emptied again, so that nothing changes before the restart', async () => {
    const rds = start((model) => {
      model.instance('records');
      model.group(OWN, 'postgres14', {}, TAGS);
    });
    const { before, calls } = await planned(rds);
    await send(rds, calls);
    rds.restart('records');
    const undo = await back(rds, before);
    expect(operations(undo)).toEqual(['ModifyDBInstance', 'ResetDBParameterGroup']);
    await send(rds, undo);
    expect(rds.instances.get('records')?.inForce).toBe('1');
  });

  it('take "it is there already" and "it is gone already" for done, as a read from before says otherwise', async () => {
    const rds = start((model) => model.instance('records'));
    const { before, calls } = await planned(rds);
    await send(rds, calls.slice(0, 1));
    await send(rds, calls);
    expect((await look(rds)).slots.parameterGroup).toBe(OWN);
    const undo = await back(rds, before);
    await send(rds, undo);
    await send(rds, undo.slice(1));
    expect((await look(rds)).slots).toMatchObject(before);
  });

  it('never delete our group while it is attached', async () => {
    const rds = start((model) => {
      model.group(OWN, 'postgres14', { 'rds.force_ssl': '1' }, TAGS);
      model.instance('records', { group: OWN });
    });
    expect(control.set((await look(rds)).state, { ownParameterGroup: null })).toEqual([]);
  });

  it('get(after set(state, x)) is x', async () => {
    for (const [, build] of STARTS) {
      const rds = start(build);
      const { after, calls } = await planned(rds);
      await send(rds, calls);
      expect((await look(rds)).slots).toMatchObject(after);
    }
  });
});

describe('the reads', () => {
  it('ask one database in order for its own two calls', async () => {
    const rds = start((model) => model.instance('records', { EngineVersion: '16.3' }));
    expect((await look(rds)).verdict).toEqual({ status: 'COMPLIANT' });
    expect(rds.log).toEqual(['rds:DescribeDBInstances', 'rds:DescribeDBParameters']);
  });

  it('ask nothing more where the control does not apply', async () => {
    const rds = start((model) => model.instance('records', { Engine: 'mysql' }));
    expect((await look(rds)).verdict).toMatchObject({ reason: 'otherEngine' });
    expect(rds.log).toEqual(['rds:DescribeDBInstances']);
  });

  it('ask nothing more of a member of a cluster', async () => {
    const rds = start((model) => model.instance('records', { DBClusterIdentifier: 'az' }));
    expect((await look(rds)).verdict).toMatchObject({ reason: 'inCluster', data: { cluster: 'az' } });
    expect(rds.log).toEqual(['rds:DescribeDBInstances']);
  });

  it('find the parameter on a late page where the filter is not known', async () => {
    const rds = start((model) => {
      model.knowsFilters = false;
      model.group('clinic', 'postgres14', { 'rds.force_ssl': '1' });
      model.instance('records', { group: 'clinic' });
    });
    expect((await look(rds)).verdict).toEqual({ status: 'COMPLIANT' });
    expect(rds.log.filter((name) => name === 'rds:DescribeDBParameters')).toHaveLength(3);
  });

  it.each([
    ['16.3', 'COMPLIANT'],
    ['15.1', 'COMPLIANT'],
    ['14.12', 'NON_COMPLIANT'],
    ['soon', 'NON_COMPLIANT'],
  ])('take the default of PostgreSQL %s where the group does not list it: %s', async (EngineVersion, status) => {
    const rds = start((model) => {
      model.hasForceSsl = false;
      model.instance('records', { EngineVersion });
    });
    expect((await look(rds)).verdict.status).toBe(status);
  });

  it('name every other database of a shared group, from all pages, and list none where nothing drifted', async () => {
    const rds = start((model) => {
      model.group('clinic', 'postgres14');
      for (let n = 0; n < 150; n++) model.instance(`clinic-${n}`, n % 50 === 49 ? { group: 'clinic' } : {});
      model.instance('records', { group: 'clinic' });
    });
    expect((await look(rds)).state.sharedWith).toEqual(['clinic-149', 'clinic-49', 'clinic-99']);
    rds.groups.get('clinic')!.set.set('rds.force_ssl', '1');
    rds.log.length = 0;
    await look(rds);
    expect(rds.log).toEqual(['rds:DescribeDBInstances', 'rds:DescribeDBParameters']);
  });

  it('treat the group made for another database as any other', async () => {
    const rds = start((model) => {
      model.group('suture-postgres14-lab', 'postgres14', { 'rds.force_ssl': '0' });
      model.instance('lab', { group: 'suture-postgres14-lab' });
      model.instance('records', { group: 'suture-postgres14-lab' });
    });
    const { state, slots, verdict } = await look(rds);
    expect(slots.ownParameterGroup).toBeNull();
    expect(state.own).toBeUndefined();
    expect(state.sharedWith).toEqual(['lab']);
    expect(verdict).toMatchObject({ reason: 'off', desired: { [SSL]: '1' } });
  });

  it('say so when RDS names no group, instead of judging', async () => {
    const rds = start((model) => model.instance('records', { DBParameterGroups: undefined }));
    await expect(look(rds)).rejects.toThrow('no parameter group for records');
  });

  it('let a missing database be missing', async () => {
    await expect(look(new RdsModel())).rejects.toThrow(expect.objectContaining({ name: 'DBInstanceNotFoundFault' }));
  });
});

describe('the name of our group', () => {
  const families = [
    'postgres9.6',
    'postgres14',
    'postgres16',
    'mysql8.0',
    'mariadb10.6',
    'sqlserver-se-15.0',
    'aurora-mysql8.0',
    'aurora-postgresql14',
  ];
  const letter = fc.constantFrom(...'abmpsy019');
  const id = fc
    .array(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 1, maxLength: 6 })
    .map((parts) => `${'a'}${parts.join('-')}`)
    .filter((one) => one.length <= 63);
  const tricky = fc.oneof(
    id,
    fc.constantFrom(...families.map((one) => `a-${one.replaceAll('.', '-')}`), 'mysql8-0-a', 'a'),
    letter.map((one) => `a${one}`),
  );
  const one = fc.record({ id: tricky, family: fc.constantFrom(...families) });

  it('is allowed by RDS', () => {
    fc.assert(
      fc.property(one, ({ id: name, family }) => {
        expect(ownGroupName(name, family)).toMatch(/^[a-z](?!.*--)[a-z0-9-]{0,253}[a-z0-9]$/);
      }),
    );
  });
  it('is never that of another database or family', () => {
    fc.assert(
      fc.property(one, one, (a, b) => {
        const same = a.id === b.id && a.family === b.family;
        expect(ownGroupName(a.id, a.family) === ownGroupName(b.id, b.family)).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('DB instances as a resource type', () => {
  const all = async (ids: AsyncIterable<string>) => {
    const found: string[] = [];
    for await (const id of ids) found.push(id);
    return found;
  };
  const rds = start((model) => {
    model.group('clinic', 'postgres14');
    for (let n = 0; n < 120; n++) {
      model.instance(`db-${n}`, { DbiResourceId: `db-R${n}`, ...(n % 60 === 0 && { group: 'clinic' }) });
    }
  });
  it('lists every page', async () => {
    expect(await all(dbInstance.list(rds.call, { account: '123456789012', region: 'us-east-1' }))).toHaveLength(120);
  });
  it('finds the users of a parameter group', async () => {
    expect(await all(dbInstance.lookups!['parameter-group']!('clinic', rds.call))).toEqual(['db-0', 'db-60']);
  });
  it('finds the name behind a resource id', async () => {
    expect(await all(dbInstance.lookups!['resource-id']!('db-R7', rds.call))).toEqual(['db-7']);
    expect(await all(dbInstance.lookups!['resource-id']!('db-GONE', rds.call))).toEqual([]);
  });
  it('has an ARN in every partition', () => {
    expect(dbInstance.arn({ ...key, partition: 'aws-us-gov', region: 'us-gov-west-1' })).toBe(
      'arn:aws-us-gov:rds:us-gov-west-1:123456789012:db:records',
    );
  });
});
