import type { Cause } from '../cause.ts';
import type { AnyControl, Call } from '../control.ts';
import { assess, DAY_MS } from './assess.ts';
import { same } from './canonical.ts';
import { isSeen, lookAt, type Seen } from './look.ts';
import type {
  Exemption,
  Intent,
  Lease,
  Pauses,
  ResourceRecord,
  ResourceState,
  SettledIntent,
  SlotValues,
} from './record.ts';
import { coveredBy, intentId, mustBe, sendAll } from './remediate.ts';
import { evidenceOf, publish } from './report.ts';
import { compare, type Fix, fixesToTakeBack, type RevertOutcome, type RevertRequest, undoing } from './revert-plan.ts';
import { LEASE_MARGIN_MS, READ_BACK_AFTER_MS, type Runtime } from './runtime.ts';

export type { Difference, RevertOutcome, RevertRequest } from './revert-plan.ts';

const DEFAULT_EXEMPT_DAYS = 30;
/** Another run is short; a person waits. */
const BUSY_TRIES = 5;
const BUSY_WAIT_MS = 2_000;

/** Where the ledger keeps a revert under way, beside the fix it takes back. */
export const revertSlot = (control: string): string => `revert/${control}`;

/**
 * Takes back a fix through the control's own lens, from what is there now: a slot is put back if it holds what we wrote,
 * left if it already holds what was there before, and refused with the difference otherwise. What was put back is exempt
 * from then on, from before the first write, so that no event in between closes it again.
 * @throws when the ledger cannot be read or written
 */
export async function revert(
  request: RevertRequest,
  catalogue: readonly AnyControl[],
  runtime: Runtime,
): Promise<RevertOutcome> {
  const control = catalogue.find(({ id }) => id === request.control);
  if (!control) return { status: 'refused', reason: `There is no control ${request.control}.` };
  const { record } = await runtime.ledger.read(request.key);
  const chain = await fixesToTakeBack(request, record.state, runtime);
  if (!Array.isArray(chain)) return chain;
  const intents: Intent[] = [];
  for (const fix of chain) {
    const owner = catalogue.find(({ id }) => id === fix.control);
    if (!owner)
      return { status: 'refused', reason: `Fix ${fix.id} is of ${fix.control}, a control this version does not have.` };
    const others = catalogue.filter(({ id, resources }) => id !== owner.id && resources.includes(request.key.type));
    const outcome = await new Revert(request, owner, others, fix, runtime).run();
    if (outcome.status !== 'reverted' && outcome.status !== 'planned') return outcome;
    intents.push(...outcome.intents);
  }
  return { status: request.dryRun ? 'planned' : 'reverted', intents };
}

/** Taking back one fix. */
class Revert {
  readonly #request: RevertRequest;
  readonly #control: AnyControl;
  readonly #others: readonly AnyControl[];
  readonly #fix: Fix;
  readonly #runtime: Runtime;
  readonly #owner: string;

  constructor(request: RevertRequest, control: AnyControl, others: readonly AnyControl[], fix: Fix, runtime: Runtime) {
    this.#request = request;
    this.#control = control;
    this.#others = others;
    this.#fix = fix;
    this.#runtime = runtime;
    this.#owner = runtime.newToken();
  }

  async run(): Promise<RevertOutcome> {
    for (let tries = 0; tries < BUSY_TRIES; tries++) {
      const { record, pauses } = await this.#runtime.ledger.read(this.#request.key);
      const [look, ...rest] = await lookAt(this.#request.key, [this.#control, ...this.#others], this.#runtime);
      if (!look || !isSeen(look))
        return { status: 'refused', reason: `The resource cannot be read: ${look?.error.message}` };
      const { back, differences } = compare(this.#fix, look.slots);
      if (differences.length > 0) {
        const slots = differences.map(({ slot }) => slot).join(', ');
        return {
          status: 'refused',
          reason: `Somebody changed ${slots} after Suture did; it is left alone.`,
          differences,
        };
      }
      const calls = this.#calls(look, back);
      if (calls instanceof Error) return { status: 'refused', reason: calls.message };
      mustBe(calls, [...this.#control.writes.fix, ...this.#control.writes.revert], `${this.#control.id} writes`);
      const intent = this.#intent(record, calls);
      if (this.#request.dryRun) return { status: 'planned', intents: [intent] };
      const held = await this.#hold(record, intent, calls, undoing(look, rest));
      if (held) return this.#putBack(held, pauses, intent, calls);
      await this.#runtime.clock.sleep(BUSY_WAIT_MS);
    }
    return { status: 'refused', reason: 'Another run keeps holding the resource; try again in a minute.' };
  }

  /** A lens may know that the service would not take the earlier values back; then nothing is sent. */
  #calls({ state }: Seen, back: SlotValues): readonly Call[] | Error {
    if (Object.keys(back).length === 0) return [];
    try {
      return this.#control.set(state, back);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #intent(record: ResourceRecord, calls: readonly Call[]): Intent {
    const begun = record.state.intents[revertSlot(this.#control.id)];
    const { key, by, reason } = this.#request;
    const { clock, newToken } = this.#runtime;
    if (begun?.reverts?.intent === this.#fix.id) return begun;
    const now = clock.now();
    const time = new Date(now).toISOString();
    const cause: Cause = {
      source: 'operator',
      eventId: '',
      eventName: 'revert',
      time,
      origin: 'changes',
      principal: { type: 'Operator', arn: by },
    };
    return {
      id: intentId(now, newToken()),
      kind: 'revert',
      control: this.#control.id,
      key,
      openedAt: time,
      cause,
      reason,
      before: this.#fix.observed ?? this.#fix.after,
      after: this.#fix.before,
      calls: calls.map(({ op, input }) => ({ op: op.name, input })),
      reverts: { intent: this.#fix.id, by, reason },
    };
  }

  /** One conditional write: the lease, the intent, and the exemption that keeps events from closing it again. */
  async #hold(
    record: ResourceRecord,
    intent: Intent,
    calls: readonly Call[],
    others: readonly string[],
  ): Promise<Holding | undefined> {
    const { clock, remaining, ledger } = this.#runtime;
    const now = clock.now();
    const lease: Lease = { owner: this.#owner, until: now + remaining() + LEASE_MARGIN_MS };
    const exemption: Exemption = {
      slots: Object.keys(this.#fix.after),
      reason: `Reverted: ${this.#request.reason}`,
      owner: this.#request.by,
      since: new Date(now).toISOString(),
      expires: now + (this.#request.days ?? DEFAULT_EXEMPT_DAYS) * DAY_MS,
    };
    const state: ResourceState = {
      ...record.state,
      intents: { ...record.state.intents, [revertSlot(this.#control.id)]: intent },
      exemptions: {
        ...record.state.exemptions,
        ...Object.fromEntries(others.map((id) => [id, { ...exemption, slots: [] }])),
        [this.#control.id]: exemption,
      },
    };
    const covers = coveredBy(calls, this.#request.key);
    const taken = await ledger.take(record, lease, state, covers);
    return taken.ok ? { record: { ...taken.record, state }, covers } : undefined;
  }

  async #putBack(
    { record, covers }: Holding,
    pauses: Pauses,
    intent: Intent,
    calls: readonly Call[],
  ): Promise<RevertOutcome> {
    const { key } = this.#request;
    const { clock, evidence, log } = this.#runtime;
    const attempt = await sendAll(calls, key, this.#runtime, () => this.#stillHeld());
    const look = attempt.sent ? await this.#readBack() : undefined;
    const now = clock.now();
    const seen = look && { ...intent, observed: look.slots };
    if (!seen || !look) {
      await this.#release(record, covers, record.state, []);
      return {
        status: 'unfinished',
        reason: attempt.sent
          ? 'The calls were sent, and the earlier values do not show yet. Run the same command again.'
          : `${attempt.error} stopped it half-way. Run the same command again.`,
      };
    }
    const outcome = this.#fix.kind === 'remediation' && 'settledAt' in this.#fix ? this.#fix.outcome : 'REVERTED';
    await evidence.put(evidenceOf(seen, 'REVERTED', this.#control, now));
    if (!('settledAt' in this.#fix)) await evidence.put(evidenceOf(this.#fix, 'REVERTED', this.#control, now));

    const { [revertSlot(this.#control.id)]: _done, [this.#control.id]: _open, ...intents } = record.state.intents;
    const state: ResourceState = { ...record.state, intents };
    const assessment = assess(look, {
      key,
      state,
      pauses,
      settings: this.#runtime.settings,
      now,
      cause: intent.cause,
      ready: false,
    });
    const published = await publish({ key, state, pauses, assessments: [assessment] }, this.#runtime);
    const settledAt = new Date(now).toISOString();
    const settled: SettledIntent[] = [
      { ...seen, settledAt, outcome: 'REVERTED' },
      {
        ...this.#fix,
        settledAt: 'settledAt' in this.#fix ? this.#fix.settledAt : settledAt,
        outcome,
        revertedBy: intent.id,
      },
    ];
    await this.#release(record, covers, published.state, settled);
    log.info('Fix taken back.', { control: this.#control.id, resource: key.id, intent: intent.id });
    return { status: 'reverted', intents: [seen] };
  }

  /** A workstation can sleep through its lease: who holds it is asked again before each write. */
  async #stillHeld(): Promise<boolean> {
    const { record } = await this.#runtime.ledger.read(this.#request.key);
    return record.lease?.owner === this.#owner && record.lease.until > this.#runtime.clock.now();
  }

  async #readBack(): Promise<Seen | undefined> {
    for (const wait of READ_BACK_AFTER_MS) {
      if (wait > 0) await this.#runtime.clock.sleep(wait);
      const [look] = await lookAt(this.#request.key, [this.#control], this.#runtime);
      const isBack = ([slot, value]: [string, unknown]): boolean =>
        look !== undefined && isSeen(look) && same(look.slots[slot], value);
      if (look && isSeen(look) && Object.entries(this.#fix.before).every(isBack)) return look;
    }
    return undefined;
  }

  /** Notes that others left meanwhile go on the agenda: a workstation does not fix for them. */
  async #release(
    record: ResourceRecord,
    covers: Holding['covers'],
    state: ResourceState,
    settled: readonly SettledIntent[],
  ): Promise<void> {
    const { key } = this.#request;
    const { ledger, clock } = this.#runtime;
    let inbox = record.inbox;
    for (;;) {
      const now = clock.now();
      const agenda = Object.fromEntries(
        inbox.flatMap(({ controls, cause }) =>
          controls.map((id) => [id, { at: now, why: 'conflict' as const, cause, tries: 0, since: now }] as const),
        ),
      );
      const held = { key, owner: this.#owner, covers, seen: inbox.length };
      const released = await ledger.release(held, { ...state, agenda: { ...state.agenda, ...agenda } }, settled);
      if (released.ok) return;
      if (released.why === 'lost')
        throw new Error(
          'The lease ran out during the revert. Run the same command again: it goes on where it stopped.',
        );
      inbox = released.record.inbox;
    }
  }
}

interface Holding {
  readonly record: ResourceRecord;
  readonly covers: ReturnType<typeof coveredBy>;
}
