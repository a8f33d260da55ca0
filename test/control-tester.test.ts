import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  PutBucketAclCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import {
  bucket,
  deletePublicAccessBlock,
  getBucketAcl,
  getPublicAccessBlock,
  putBucketAcl,
  putPublicAccessBlock,
} from '../lib/aws/s3.ts';
import { type AnyControl, defineControl } from '../lib/control.ts';
import { type Case, type Suite, type TestAws, testControl } from './control-tester.ts';
import { Bench } from './support/bench.ts';
import * as crash from './support/laws/crash.ts';
import * as fix from './support/laws/fix.ts';
import { type Seen, Trial } from './support/trial.ts';

const FULL = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

/** A control that is in order; each test below breaks one thing of it. */
const good = defineControl({
  id: 's3-test-block',
  title: 'Test buckets have a block',
  rationale: 'For tests of the tester.',
  severity: 'LOW',
  impact: 'none',
  reverts: 'fully',
  hipaa: ['164.312(a)(1)'],
  mapsTo: {},
  resources: ['AWS::S3::Bucket'],
  triggers: [{ source: 's3.amazonaws.com', events: { CreateBucket: 'creates' } }],
  reasons: { none: 'Bucket {{bucket}} has no block.' },
  reads: [getPublicAccessBlock],
  writes: { fix: [putPublicAccessBlock], revert: [deletePublicAccessBlock] },
  async observe({ id }, call) {
    const answer = await call(getPublicAccessBlock, { Bucket: id });
    return { bucket: id, block: answer?.PublicAccessBlockConfiguration ?? null };
  },
  get: ({ block }): { block: object | null } => ({ block }),
  evaluate: ({ bucket: name, block }) =>
    block
      ? { status: 'COMPLIANT' }
      : { status: 'NON_COMPLIANT', reason: 'none', data: { bucket: name }, desired: { block: FULL } },
  set: ({ bucket: Bucket }, { block }) =>
    block
      ? [{ op: putPublicAccessBlock, input: { Bucket, PublicAccessBlockConfiguration: block } }]
      : [{ op: deletePublicAccessBlock, input: { Bucket } }],
});

const make =
  (Bucket: string) =>
  async ({ s3 }: TestAws) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  };
const none = (error: Error) => {
  if (['NoSuchPublicAccessBlockConfiguration', 'NoSuchTagSet'].includes(error.name)) return undefined;
  throw error;
};
const drifted: Case = { name: 'no block', given: make('charts'), is: 'DRIFTED', reason: 'none' };
const suite: Suite = {
  type: bucket,
  snapshot: async ({ s3 }, Bucket) => ({
    block: (await s3.send(new GetPublicAccessBlockCommand({ Bucket })).catch(none))?.PublicAccessBlockConfiguration,
    tags: (await s3.send(new GetBucketTaggingCommand({ Bucket })).catch(none))?.TagSet,
    grants: (await s3.send(new GetBucketAclCommand({ Bucket }))).Grants,
  }),
  budget: 3,
  cases: [drifted],
  // Of the real ones one judges the same configuration under other slots.
  catalogue: [],
};

testControl(good, suite);

describe('a control that breaks a law is caught by it', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.open();
  });
  afterAll(() => bench.close());

  const trial = (change: Partial<AnyControl>, one: Partial<Case> = {}, with_: Partial<Suite> = {}): Trial => {
    const sets = { reasons: new Set(), reads: new Set(), fixes: new Set(), reverts: new Set(), sequences: new Set() };
    return new Trial(
      bench,
      { ...good, ...change } as AnyControl,
      { ...suite, ...with_ },
      { ...drifted, ...one },
      sets as Seen,
    );
  };

  it('law 1: writes while it observes', async () => {
    const writing = trial({
      reads: [getPublicAccessBlock, putPublicAccessBlock],
      async observe(key, call, settings) {
        const state = await good.observe(key, call as never, settings);
        await call(putPublicAccessBlock, { Bucket: key.id, PublicAccessBlockConfiguration: FULL });
        return state;
      },
    });
    await expect(fix.reportsOnly(writing)).rejects.toThrow('PutPublicAccessBlock');
  });

  it('law 2: is content with less than it states', async () => {
    const shows = async ({ s3 }: TestAws, Bucket: string) => {
      const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
      expect(PublicAccessBlockConfiguration).toEqual(FULL);
    };
    const half = trial(
      {
        set: ({ bucket: Bucket }) => [
          { op: putPublicAccessBlock, input: { Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } } },
        ],
      },
      { shows },
    );
    await expect(fix.reachesFinalState(half)).rejects.toThrow('IgnorePublicAcls');
  });

  it('law 2: gives another reason than the case states', async () => {
    await expect(fix.reachesFinalState(trial({}, { reason: 'other' }))).rejects.toThrow('"other"');
  });

  it('law 3: sees drift where it has just repaired it', async () => {
    let reads = 0;
    const restless = trial({
      async observe(key, call, settings) {
        const state = await good.observe(key, call as never, settings);
        return ++reads % 2 === 1 ? { ...state, block: null } : state;
      },
    });
    await expect(fix.writesNothingMore(restless)).rejects.toThrow('Law 3: a second run writes nothing');
  });

  it('law 4: takes half a fix for a whole one', async () => {
    const twoWrites = trial({
      reads: [getPublicAccessBlock, getBucketAcl],
      writes: { fix: [putPublicAccessBlock, putBucketAcl], revert: [] },
      set: ({ bucket: Bucket }) => [
        { op: putPublicAccessBlock, input: { Bucket, PublicAccessBlockConfiguration: FULL } },
        { op: putBucketAcl, input: { Bucket, ACL: 'authenticated-read' } },
      ],
    });
    await expect(crash.survivesKills(twoWrites)).rejects.toThrow(
      'Law 4: killed after change 2, s3:PutPublicAccessBlock, then run again.',
    );
  });

  const unrestoring: Partial<AnyControl> = {
    set: ({ bucket: Bucket }, { block }) =>
      block ? [{ op: putPublicAccessBlock, input: { Bucket, PublicAccessBlockConfiguration: block } }] : [],
  };
  it('laws 4, 5: does not take back', async () => {
    await expect(crash.restores(trial(unrestoring))).rejects.toThrow('unfinished');
    await expect(crash.revertsFromHalfWay(trial(unrestoring))).rejects.toThrow(/Law 4: killed after change \d/);
  });

  const tagged = async ({ s3 }: TestAws, Bucket: string) => {
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'ward', Value: '3' }] } }));
  };
  it("law 5: runs over a neighbour's edit", async () => {
    await crash.sparesNeighbours(trial({}, { neighbour: tagged }));
    const neighbour = async ({ s3 }: TestAws, Bucket: string) => {
      await s3.send(new PutBucketAclCommand({ Bucket, ACL: 'authenticated-read' }));
    };
    const broad = trial(
      {
        writes: { fix: [putPublicAccessBlock], revert: [deletePublicAccessBlock, putBucketAcl] },
        set: (state, slots) => [
          ...good.set(state, slots),
          ...(slots.block ? [] : [{ op: putBucketAcl, input: { Bucket: state.bucket, ACL: 'private' } }]),
        ],
      },
      { neighbour },
    );
    await expect(crash.sparesNeighbours(broad)).rejects.toThrow('AuthenticatedUsers');
  });

  it('law 5: a neighbour whose edit shows in no snapshot proves nothing', async () => {
    await expect(crash.sparesNeighbours(trial({}, { neighbour: tagged }, { except: ['tags'] }))).rejects.toThrow('not');
  });

  it('law 6: changes the state it is given', async () => {
    const changing = trial({
      evaluate(state, context) {
        state.block = null;
        return good.evaluate(state, context);
      },
    });
    await expect(fix.reportsOnly(changing)).rejects.toThrow('Law 6: evaluate changes the state it is given');
  });

  it('law 6: judges by what is not in the state', async () => {
    let asked = 0;
    const moody = trial({
      evaluate: (state, context) => {
        asked++;
        return { ...good.evaluate(state, context), data: { bucket: String(asked) } };
      },
    });
    await expect(fix.reportsOnly(moody)).rejects.toThrow('Law 6: evaluate answers differently when asked twice');
  });

  it('law 6: reads another value than it has set', async () => {
    const rounding = trial({
      get: ({ block }) => ({ block: block && { BlockPublicAcls: true } }),
    });
    await expect(fix.reachesFinalState(rounding)).rejects.toThrow('Law 6: get(after set(state, x)) is x');
  });

  it('law 7: reads what it does not declare', async () => {
    const undeclared = trial({
      observe: async (key, call, settings) => {
        await call(getBucketAcl, { Bucket: key.id });
        return good.observe(key, call as never, settings);
      },
    });
    await expect(fix.reportsOnly(undeclared)).rejects.toThrow('Law 7: s3-test-block reads s3:GetBucketAcl');
  });

  it('law 8: declares a smaller role than it needs', async () => {
    const wrong = { ...putPublicAccessBlock, iam: ['s3:PutBucketAcl'] };
    const poor = trial({
      writes: { fix: [wrong], revert: [deletePublicAccessBlock] },
      set: ({ bucket: Bucket }) => [{ op: wrong, input: { Bucket, PublicAccessBlockConfiguration: FULL } }],
    });
    await expect(fix.needsItsOwnRoleOnly(poor)).rejects.toThrow('"NON_COMPLIANT"');
  });

  it('law 9: remembers the resource before', async () => {
    let first: string | undefined;
    const sticky: Partial<AnyControl> = {
      async observe(key, call, settings) {
        first ??= key.id;
        const state = await good.observe(key, call as never, settings);
        return { ...state, bucket: first };
      },
    };
    const [charts, films] = [trial(sticky), trial(sticky, { given: make('films') })];
    await fix.trace(charts);
    // It writes to the first bucket, which is not in this account.
    expect((await fix.trace(films)).join()).toContain('"Bucket":"charts"');
  });

  it('law 10: calls more than its budget', async () => {
    await expect(fix.reachesFinalState(trial({}, {}, { budget: 2 }))).rejects.toThrow(
      'Law 10: s3:GetPublicAccessBlock, s3:PutPublicAccessBlock, s3:GetPublicAccessBlock stay within the budget.',
    );
  });
});
