import type { AnyTypeSpec } from '../lib/aws/type.ts';
import type { AnyControl, Origin } from '../lib/control.ts';
import type { Settings } from '../lib/settings.ts';
import type { TestAws } from './support/aws.ts';
import { Bench } from './support/bench.ts';
import * as crash from './support/laws/crash.ts';
import * as fix from './support/laws/fix.ts';
import { type Seen, Trial } from './support/trial.ts';

export type { TestAws } from './support/aws.ts';

/** One state a resource can be in, and what must become of it. */
export interface Case {
  /** A sentence. */
  readonly name: string;
  /** Builds the state through the test's own clients. Called many times, each time in an empty account: deterministic names. @returns the resource's id */
  readonly given: (aws: TestAws) => Promise<string>;
  readonly settings?: Partial<Settings>;
  /** What the event proves; `creates` if not given. */
  readonly origin?: Origin;
  /**
   * DRIFTED: fixed in auto mode. APPROVAL: drifted, and a person has to decide. MANUAL: no write of ours repairs it.
   * The others: the verdict. Nothing is written but for DRIFTED.
   */
  readonly is: 'COMPLIANT' | 'NOT_APPLICABLE' | 'PENDING' | 'UNSETTLED' | 'DRIFTED' | 'APPROVAL' | 'MANUAL';
  /** Key of the control's `reasons`; required unless COMPLIANT. */
  readonly reason?: string;
  /** For DRIFTED: the verdict after the fix; COMPLIANT if not given. */
  readonly becomes?: 'COMPLIANT' | 'PENDING' | 'UNSETTLED';
  /** For DRIFTED: expectations on the final state. */
  readonly shows?: (aws: TestAws, id: string) => Promise<void>;
  /** For DRIFTED: a third party's edit to another slot between fix and revert; it must survive the revert. */
  readonly neighbour?: (aws: TestAws, id: string) => Promise<void>;
}

export interface Suite {
  readonly type: AnyTypeSpec;
  /** All that a third party could see of the resource and of what its fix touches, as plain JSON, through the test's own clients. */
  readonly snapshot: (aws: TestAws, id: string) => Promise<unknown>;
  /** Names of members, at any depth of the snapshot, that AWS assigns and a revert cannot restore. */
  readonly except?: readonly string[];
  /** Most calls of a control, reads and writes, in one fix. */
  readonly budget?: number;
  readonly cases: readonly Case[];
  /** Whose next event a reverted resource must bear; every control there is, if not given. */
  readonly catalogue?: readonly AnyControl[];
}

/** A law that kills a run at each of its changes runs the case some twenty times. */
const LONG_MS = 240_000;

/**
 * Holds the laws of DESIGN section 6 for a control and its cases: against moto, through the real SDK, with the real
 * engine. Law 12 for several controls together is a suite of its own.
 */
export function testControl(control: AnyControl, suite: Suite): void {
  const seen: Seen = {
    reasons: new Set(),
    reads: new Set(),
    fixes: new Set(),
    reverts: new Set(),
    sequences: new Set(),
  };
  let bench: Bench;
  const trial = (one: Case): Trial => new Trial(bench, control, suite, one, seen);

  describe(control.id, () => {
    beforeAll(async () => {
      bench = await Bench.open();
    });
    afterAll(() => bench.close());

    for (const one of suite.cases) {
      const law = (name: string, hold: (trial: Trial) => Promise<void>) => it(name, () => hold(trial(one)), LONG_MS);
      describe(`${one.is}: ${one.name}`, () => {
        law('law 8: its own role, and nothing else, suffices', fix.needsItsOwnRoleOnly);
        if (one.is !== 'DRIFTED') {
          law('nothing is written', async (each) => {
            await each.begin();
            await fix.writesNothing(each);
          });
          return;
        }
        law('law 1: in report mode nothing is written', fix.reportsOnly);
        law('laws 2, 6, 10: the stated final state is reached', fix.reachesFinalState);
        law('laws 3, 11: neither a second run nor our own events write', fix.writesNothingMore);
        law('law 4: killed anywhere, a re-run reaches the same state', crash.survivesKills);
        if (typeof control.reverts !== 'object' || !('not' in control.reverts)) {
          law('law 4: from any half-way point, revert restores the start', crash.revertsFromHalfWay);
          law('law 5: revert restores every slot, and it is left alone', crash.restores);
          law('law 5: a revert killed anywhere can be asked for again', crash.revertSurvivesKills);
          if (one.neighbour) law("law 5: a neighbour's edit survives the revert", crash.sparesNeighbours);
        }
        law(
          'law 12: a stale read after each write, and a NotFound after each create, change nothing',
          fix.bearsStaleReads,
        );
      });
    }

    // A write declared for the fix that only reverts use is missing from `fixes` here: law 8's second half.
    it('laws 7, 8: every reason is given, every declared operation used where it is declared', () => {
      const named = (ops: readonly { name: string }[]) => ops.map(({ name }) => name).sort();
      const { reads, writes } = control;
      const expected = {
        reasons: Object.keys(control.reasons).sort(),
        reads: named(reads),
        fixes: named(writes.fix),
        revertsOnly: named(writes.revert),
      };
      expect({
        reasons: [...seen.reasons].sort(),
        reads: [...seen.reads].sort(),
        fixes: [...seen.fixes].sort(),
        revertsOnly: [...seen.reverts].filter((name) => !expected.fixes.includes(name)).sort(),
      }).toEqual(expected);
    });

    it(
      'law 9: nothing of one resource reaches the next in a warm process',
      async () => {
        const forth: string[][] = [];
        for (const one of suite.cases) forth.push(await fix.trace(trial(one)));
        const back: string[][] = [];
        for (const one of suite.cases.toReversed()) back.unshift(await fix.trace(trial(one)));
        expect(back).toEqual(forth);
      },
      LONG_MS,
    );
  });
}
