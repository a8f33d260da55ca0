import { controls } from '../../functions/catalog.ts';
import type { Cause } from '../../lib/cause.ts';
import type { AnyControl, Origin } from '../../lib/control.ts';
import { type Outcome, type Result, reconcile } from '../../lib/engine/reconcile.ts';
import { type RevertOutcome, revert } from '../../lib/engine/revert.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import type { Mode } from '../../lib/settings.ts';
import type { Case, Suite } from '../control-tester.ts';
import type { Bench } from './bench.ts';
import { KILLED, type Kill, type TestProcess } from './process.ts';
import { type Notes, watched } from './watched.ts';

/** What all trials of a suite have seen together: law 7 asks for it. */
export interface Seen {
  readonly reasons: Set<string>;
  readonly reads: Set<string>;
  /** Operations written by fixes, and by reverts. */
  readonly fixes: Set<string>;
  readonly reverts: Set<string>;
  /** What the reverts that were killed everywhere change, joined. */
  readonly sequences: Set<string>;
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Longer than any lease: who held it is dead and may be succeeded. */
const PAST_LEASE_MS = 120_000;

/** One case of a control, tried out again and again, each time in an empty account. */
export class Trial {
  readonly bench: Bench;
  readonly case: Case;
  readonly suite: Suite;
  /** The control, watched. */
  readonly control: AnyControl;
  readonly seen: Seen;
  key!: ResourceKey;
  start: unknown;
  #notes: Notes = { verdicts: [], breaches: [], errors: [] };

  constructor(bench: Bench, control: AnyControl, suite: Suite, case_: Case, seen: Seen) {
    this.bench = bench;
    this.suite = suite;
    this.case = case_;
    this.seen = seen;
    this.control = watched(control, this.#notes);
  }

  get becomes(): 'COMPLIANT' | 'PENDING' | 'UNSETTLED' {
    return this.case.becomes ?? 'COMPLIANT';
  }

  /** An empty account, and in it what the case starts from. */
  async begin(): Promise<void> {
    const { bench, suite } = this;
    await bench.reset();
    const { account, region } = bench.aws;
    const id = await this.case.given(bench.aws);
    this.key = { partition: 'aws', account, region, type: suite.type.name, id };
    // The same each time, since what the case is given is.
    this.start ??= await this.snapshot();
    for (const notes of Object.values(this.#notes)) notes.length = 0;
  }

  process(mode: Mode = 'auto', kill?: Kill): TestProcess {
    return this.bench.process({ modes: { [this.control.id]: mode }, ...this.case.settings }, kill);
  }

  /** The event of the case arrives. @throws when the process is killed */
  async event(process: TestProcess = this.process(), change: Partial<Cause> = {}): Promise<Result> {
    const answer = await this.#reconcile(process, [this.control.id], this.cause(change));
    if (answer === KILLED) throw new Error('The process was killed.');
    const result = answer.results.find(({ control }) => control === this.control.id);
    if (!result) throw new Error(`The run says nothing of ${this.control.id}: ${JSON.stringify(answer)}`);
    return result;
  }

  /** The event arrives in a process that dies of it; then time passes until its lease has run out. */
  async eventKilled(kill: Kill): Promise<TestProcess> {
    const process = this.process('auto', kill);
    const answer = await this.#reconcile(process, [this.control.id], this.cause());
    if (answer !== KILLED) throw new Error(`The run had no change number ${kill.at}: it is not the same each time.`);
    this.bench.clock.advance(PAST_LEASE_MS);
    return process;
  }

  /** What is still open is finished when the agenda brings it back. */
  async agenda(): Promise<void> {
    for (let turns = 0; turns < 5; turns++) {
      const { record } = await this.bench.ledger.read(this.key);
      if (Object.keys(record.state.intents).length === 0) return;
      this.bench.clock.advance(PAST_LEASE_MS);
      await this.#reconcile(this.process(), [], this.cause({ source: 'agenda', eventName: 'agenda', origin: 'looks' }));
    }
  }

  /** An event for every control of the type, all in auto mode, as after a revert by the next change of anybody. */
  async eventForAll(): Promise<TestProcess> {
    const all = this.#everyControl();
    const modes = Object.fromEntries(all.map(({ id }) => [id, 'auto' as const]));
    const process = this.bench.process({ modes, ...this.case.settings });
    const ids = all.map(({ id }) => id);
    await process.run((runtime) => reconcile({ key: this.key, controls: ids, cause: this.cause() }, all, runtime));
    return process;
  }

  /** @param among the controls that the one who reverts knows: this one, or every one of the type */
  async revert({
    kill,
    among = 'this',
  }: {
    kill?: Kill;
    among?: 'this' | 'all';
  } = {}): Promise<RevertOutcome | typeof KILLED> {
    const process = this.process('auto', kill);
    const by = 'arn:aws:iam::123456789012:user/tester';
    const request = { key: this.key, control: this.control.id, by, reason: 'law' };
    const known = among === 'all' ? this.#everyControl() : [this.control];
    const answer = await process.run((runtime) => revert(request, known, runtime));
    this.#note(process, this.seen.reverts);
    this.lastRevert = process;
    if (answer === KILLED) this.bench.clock.advance(PAST_LEASE_MS);
    return answer;
  }
  lastRevert: TestProcess | undefined;

  /** The control's slots as they are now, seen by a process of its own. */
  async slots(): Promise<Readonly<Record<string, unknown>>> {
    const send = this.process().runtime.send(this.key);
    return this.control.get(await this.control.observe(this.key, send, this.process().runtime.settings));
  }

  /** What a third party sees, without what revert cannot restore; identifiers that AWS assigns are numbered, to compare accounts. */
  async snapshot(): Promise<unknown> {
    const { aws } = this.bench;
    const { suite } = this;
    const except = new Set(suite.except ?? []);
    const text = JSON.stringify(await suite.snapshot(aws, this.key.id), (name, value) =>
      except.has(name) ? undefined : value,
    );
    const numbers = new Map<string, string>();
    const number = (uuid: string): string => {
      if (!numbers.has(uuid)) numbers.set(uuid, `uuid-${numbers.size + 1}`);
      return numbers.get(uuid)!;
    };
    return JSON.parse((text ?? 'null').replaceAll(UUID, number));
  }

  /** The finding that now stands in Security Hub. */
  get finding() {
    return [...this.bench.hub.findings.values()].find(({ control }) => control.id === this.control.id);
  }
  get evidence() {
    return [...this.bench.evidence.objects.values()];
  }

  /** The reason of the first judgement since `begin`: a key of the control's `reasons`. */
  get reason(): string | undefined {
    const [first] = this.#notes.verdicts;
    return first && 'reason' in first ? first.reason : undefined;
  }

  cause(change: Partial<Cause> = {}): Cause {
    const origin: Origin = this.case.origin ?? 'creates';
    const names = this.control.triggers.flatMap(({ events }) => Object.entries(events));
    return {
      source: 'cloudtrail',
      eventId: 'event-1',
      eventName: names.find(([, each]) => each === origin)?.[0] ?? names[0]?.[0] ?? 'Unknown',
      time: new Date(this.bench.clock.now() - 30_000).toISOString(),
      origin,
      principal: { type: 'AssumedRole', issuerArn: 'arn:aws:iam::123456789012:role/somebody' },
      ...change,
    };
  }

  /** This one, watched, and all others of the type. */
  #everyControl(): AnyControl[] {
    const { catalogue = controls } = this.suite;
    return [
      this.control,
      ...catalogue.filter(({ id, resources }) => id !== this.control.id && resources.includes(this.key.type)),
    ];
  }

  async #reconcile(process: TestProcess, ids: string[], cause: Cause): Promise<Outcome | typeof KILLED> {
    const answer = await process.run((runtime) =>
      reconcile({ key: this.key, controls: ids, cause }, [this.control], runtime),
    );
    this.#note(process, this.seen.fixes);
    return answer;
  }

  #note(process: TestProcess, writes: Set<string>): void {
    const { breaches, errors } = this.#notes;
    if (breaches.length > 0) throw new Error(`Law 6: ${breaches.join('; ')}.`);
    const [error] = errors;
    if (error?.message.includes('without declaring')) throw new Error(`Law 7: ${error.message}`);
    if (error && !this.mayThrow) throw error;
    for (const { op } of process.sent) {
      if (op.kind === 'write') writes.add(op.name);
      // The others' reads, where all look together, are not this control's.
      else if (this.control.reads.includes(op)) this.seen.reads.add(op.name);
    }
    const reason = this.reason;
    if (reason) this.seen.reasons.add(reason);
  }

  /** Set where the proxy disturbs: reads fail there. */
  mayThrow = false;
}
