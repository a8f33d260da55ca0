import fc from 'fast-check';
import type { Ledger } from '../../lib/engine/ledger.ts';
import { reconcile } from '../../lib/engine/reconcile.ts';
import type { SettledIntent } from '../../lib/engine/record.ts';
import type { Send } from '../../lib/engine/runtime.ts';
import { MemoryLedger } from '../support/memory-ledger.ts';
import { controls, green, lidded, type Step, strict, World } from './world.ts';

/**
 * Several handlers of one resource, interleaved by fast-check at every call to the outside, before and after its effect.
 * Some die in the middle, some outlive their lease, some reads are stale, Security Hub or the evidence bucket is out for
 * a while, and a stranger keeps changing the resource. Whatever the order, in the end: no lost update, no unreported
 * change, nothing that cannot be taken back.
 */
interface Event {
  readonly drift: 'color' | 'lid' | 'rule';
  /** How many steps of the others go by before it happens. */
  readonly after: number;
  readonly dies?: { readonly nth: number; readonly at: 'before' | 'after' };
  /** The handler's second read of the thing shows what its first one did. */
  readonly stale: boolean;
}
const LAMBDA_MS = 60_000;
const event: fc.Arbitrary<Event> = fc.record({
  drift: fc.constantFrom('color' as const, 'lid' as const, 'rule' as const),
  after: fc.integer({ min: 0, max: 40 }),
  dies: fc.option(
    fc.record({ nth: fc.integer({ min: 1, max: 12 }), at: fc.constantFrom('before' as const, 'after' as const) }),
    { nil: undefined, freq: 2 },
  ),
  stale: fc.boolean(),
});
const outage = fc.record({ what: fc.constantFrom('none', 'findings', 'evidence'), from: fc.nat(30), to: fc.nat(60) });
const ids = controls.map(({ id }) => id);
const FIXED_BY: Readonly<Record<string, string>> = {
  'test:Paint': green.id,
  'test:Cover': lidded.id,
  'test:SetRule': strict.id,
};

class Trial {
  readonly w = new World((clock) => new MemoryLedger(clock));
  readonly key = this.w.make();
  /** Writes of ours for which the ledger held no way back at that moment. */
  readonly unrecorded: string[] = [];
  readonly redeliver: Event[] = [];
  readonly #s: fc.Scheduler;
  readonly #outage: { what: string; from: number; to: number };
  #steps = 0;

  constructor(s: fc.Scheduler, down: { what: string; from: number; to: number }) {
    this.#s = s;
    this.#outage = down;
  }

  happen({ drift }: Event): void {
    const box = this.w.things.get('box')!;
    if (drift === 'color') box.color = 'red';
    if (drift === 'lid') box.lid = null;
    if (drift === 'rule') this.w.groups.set('shelf', 'loose');
  }

  /** One Lambda invocation: it ends by itself, by death, or by its timeout. */
  async invoke(event: Event): Promise<void> {
    const { w } = this;
    const deadline = w.clock.now() + LAMBDA_MS;
    let calls = 0;
    let recorded = false;
    const die = (): Promise<never> => {
      if (!recorded) this.redeliver.push(event);
      return new Promise(() => {});
    };
    const step: Step = async (name, when) => {
      await this.#s.schedule(Promise.resolve(), `${name} ${when}`);
      this.#steps++;
      this.#weather();
      if (when === 'before') calls++;
      if (w.clock.now() >= deadline) await die();
      if (event.dies && calls === event.dies.nth && when === 'before' && event.dies.at === 'before') await die();
      if (when === 'before' && FIXED_BY[name]) await this.#mustBeRecorded(name);
      if (event.dies && calls === event.dies.nth && when === 'after' && event.dies.at === 'after') await die();
    };
    const own = w.runtime(step, () => deadline - w.clock.now());
    // The ledger knows of the event once a lease was taken for it, or a note left with the holder of another.
    const knows = async <T>(answer: Promise<T>, does: (value: T) => boolean): Promise<T> => {
      const value = await answer;
      recorded ||= does(value);
      return value;
    };
    const ledger: Ledger = {
      ...own.ledger,
      take: (...all) => knows(own.ledger.take(...all), ({ ok }) => ok),
      leave: (...all) => knows(own.ledger.leave(...all), (left) => left),
    };
    const runtime = { ...own, ledger };
    const send = event.stale ? staleOnce(runtime.send(this.key)) : runtime.send(this.key);
    const cause = w.cause({ time: new Date(w.clock.now()).toISOString() });
    try {
      await reconcile({ key: this.key, controls: ids, cause }, controls, { ...runtime, send: () => send });
    } catch {
      this.redeliver.push(event);
    }
  }

  #weather(): void {
    const down = this.#steps >= this.#outage.from && this.#steps < this.#outage.to;
    this.w.refuseFindings = down && this.#outage.what === 'findings';
    this.w.refuseEvidence = down && this.#outage.what === 'evidence';
  }

  async #mustBeRecorded(name: string): Promise<void> {
    const { state } = (await this.w.ledger.read(this.key)).record;
    if (!state.intents[FIXED_BY[name]!]) this.unrecorded.push(name);
  }

  /** The dead are gone, Lambda delivers again what died unrecorded, the agenda is worked off: in a fixed number of rounds. */
  async settle(): Promise<void> {
    const { w, key } = this;
    w.refuseFindings = false;
    w.refuseEvidence = false;
    w.clock.advance(10 * 60_000);
    for (const _event of this.redeliver) {
      await reconcile({ key, controls: ids, cause: w.cause() }, controls, w.runtime());
    }
    // Twelve half hours for what is to be looked at again, then two days for a hold to end.
    for (const wait of [...Array(12).fill(30 * 60_000), ...Array(4).fill(12 * 3_600_000)]) {
      w.clock.advance(wait);
      const due = [];
      for await (const each of w.ledger.due(w.clock.now(), 10)) due.push(each);
      for (const each of due) {
        await reconcile(
          { key: each, controls: [], cause: w.cause({ source: 'agenda', origin: 'looks' }) },
          controls,
          w.runtime(),
        );
      }
    }
  }

  async history(): Promise<SettledIntent[]> {
    const all: SettledIntent[] = [];
    for await (const intent of this.w.ledger.history(this.key)) all.push(intent);
    return all;
  }
}

/** A thing's second read shows what the first one did. */
function staleOnce(send: Send): Send {
  const reads: unknown[] = [];
  return (async (op: { name: string }, input: unknown) => {
    const answer = await (send as (op: unknown, input: unknown) => Promise<unknown>)(op, input);
    if (op.name !== 'test:GetThing') return answer;
    reads.push(answer);
    return reads.length === 2 ? reads[0] : answer;
  }) as Send;
}

it('no order of calls, deaths, outages and stale reads loses an update, a report or the way back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(event, { minLength: 2, maxLength: 4 }),
      outage,
      async (s, events, down) => {
        const trial = new Trial(s, down);
        const { w, key } = trial;
        for (const each of events) {
          for (let n = 0; n < each.after && s.count() > 0; n++) {
            await s.waitOne();
            // Whoever went on from there has to come to his next call before he can be chosen again.
            await new Promise(setImmediate);
          }
          trial.happen(each);
          void trial.invoke(each);
        }
        await s.waitIdle();
        await trial.settle();

        const { record } = await w.ledger.read(key);
        const history = await trial.history();
        const painted = history.filter(({ control }) => control === green.id);
        const drifts = events.filter(({ drift }) => drift === 'color').length;
        expect({
          thing: w.things.get('box'),
          rule: w.groups.get('shelf'),
          unrecorded: trial.unrecorded,
          openIntents: Object.keys(record.state.intents),
          agenda: Object.keys(record.state.agenda),
          inbox: record.inbox,
          lease: record.lease,
          failed: [...w.findings.values()].filter(({ compliance }) => compliance !== 'PASSED').map(({ text }) => text),
          evidence: [...w.evidence.keys()].sort(),
          changedFrom: [...new Set(painted.map(({ before }) => before.color))],
          // A stale read may make us paint what is green already; otherwise each drift is closed at most once.
          paintedTooOften: !events.some(({ stale }) => stale) && painted.length > drifts,
        }).toEqual({
          thing: { color: 'green', lid: 'shut', group: 'shelf' },
          rule: 'strict',
          unrecorded: [],
          openIntents: [],
          agenda: [],
          inbox: [],
          lease: undefined,
          failed: [],
          evidence: history.map(({ id }) => id).sort(),
          changedFrom: painted.length > 0 ? ['red'] : [],
          paintedTooOften: false,
        });
      },
    ),
    { numRuns: Number(process.env.SUTURE_RUNS ?? 1_000) },
  );
}, 120_000);
