import type { ActsOn } from '../aws/op.ts';
import type { Cause } from '../cause.ts';
import type { AnyControl } from '../control.ts';
import { type Along, type Assessment, type Attempt, assess, openFix, recentFixes } from './assess.ts';
import { lookAgain } from './backoff.ts';
import type { Decision } from './decide.ts';
import type { Finding } from './findings.ts';
import { isSeen, type Look, lookAt, type Seen } from './look.ts';
import type { Outcome } from './reconcile.ts';
import {
  EMPTY_STATE,
  type InboxEntry,
  type Intent,
  type Pauses,
  type ReportedFinding,
  type ResourceRecord,
  type ResourceState,
  type SettledIntent,
} from './record.ts';
import { intentId, planFix, sendAll } from './remediate.ts';
import { publish } from './report.ts';
import { LEASE_MARGIN_MS, READ_BACK_AFTER_MS, type Request, type Runtime, WRITE_TIMEOUT_MS } from './runtime.ts';
import { tell } from './tell.ts';

/** What came of one control in one run. */
export interface Result {
  readonly control: string;
  readonly status: Assessment['status'];
  readonly decision?: Decision;
  /** The drift in words, or why it could not be judged. */
  readonly reason: string;
  /** The fix of this run, if there was one, with the slots before and after. */
  readonly intent?: Intent;
  /** What now stands in Security Hub because of this run. */
  readonly finding?: Pick<Finding, 'id' | 'compliance' | 'recordState' | 'text' | 'workflow'>;
}

const RANK = { CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3 } as const;

/** One pass over one resource, from the first look to the release of the lease. */
export class Run {
  readonly #request: Request;
  readonly #catalogue: readonly AnyControl[];
  readonly #runtime: Runtime;
  readonly #owner: string;
  readonly #causes = new Map<string, Cause>();
  readonly #attempts = new Map<string, Attempt>();
  /** Controls whose plan would write what another run holds. */
  readonly #blocked = new Set<string>();
  readonly #fixed = new Map<string, Intent>();
  /** Drift that was to be fixed when it was seen, in words. */
  readonly #found = new Map<string, string>();
  readonly #told = new Map<string, Finding>();
  readonly #settled: SettledIntent[] = [];
  #record!: ResourceRecord;
  #pauses: Pauses = {};
  #state: ResourceState = EMPTY_STATE;
  #covers: readonly ActsOn[] = [];
  #looks: readonly Look[] = [];
  #holding = false;

  constructor(request: Request, catalogue: readonly AnyControl[], runtime: Runtime) {
    this.#request = request;
    this.#catalogue = catalogue.filter(
      ({ id, resources }) => resources.includes(request.key.type) && runtime.settings.modes[id] !== 'off',
    );
    this.#runtime = runtime;
    this.#owner = runtime.newToken();
  }

  /** @returns `again` when the record moved under us before anything was changed that is not recorded */
  async once(): Promise<Outcome | 'again'> {
    const { key, controls, cause } = this.#request;
    const { ledger } = this.#runtime;
    for (const id of controls) this.#causes.set(id, cause);
    const [looks, { record, pauses }] = await Promise.all([
      lookAt(key, this.#wanted(), this.#runtime),
      ledger.read(key),
    ]);
    this.#looks = looks;
    this.#record = record;
    this.#state = record.state;
    this.#pauses = pauses;
    this.#invite(record.inbox);
    await this.#lookWithTheRest();
    if (!this.#isWork()) return this.#outcome();

    for (;;) {
      const stopped = (await this.#fixAll()) ?? (await this.#hold());
      if (stopped) return stopped === 'covered' ? 'again' : stopped;
      const { state, settled, told } = await publish(
        { key, state: this.#stateSeen(), pauses: this.#pauses, assessments: this.#assessments() },
        this.#runtime,
      );
      for (const finding of told) this.#told.set(finding.control.id, finding);
      // What is out is out, whether or not the lease can be given back now.
      this.#settled.push(...settled);
      this.#state = state;
      const released = await ledger.release(
        { key, owner: this.#owner, covers: this.#covers, seen: this.#record.inbox.length },
        state,
        this.#settled,
      );
      if (released.ok) return this.#outcome();
      if (released.why === 'lost') {
        this.#runtime.log.warn('The lease ran out before the work was done; looking again.', { resource: key.id });
        return 'again';
      }
      // Somebody left a note while we worked: what it asks for may have changed after we looked.
      this.#invite(released.record.inbox.slice(this.#record.inbox.length));
      this.#record = released.record;
      this.#looks = await lookAt(key, this.#wanted(), this.#runtime);
    }
  }

  #wanted(): AnyControl[] {
    return this.#catalogue.filter(({ id }) => this.#causes.has(id));
  }

  #invite(inbox: readonly InboxEntry[]): void {
    for (const { controls, cause } of inbox) {
      for (const id of controls) {
        this.#causes.set(id, cause);
        this.#attempts.delete(id);
      }
    }
  }

  /** What is due on the agenda, begun and not settled, or left by others, is looked at along with what woke us. */
  async #lookWithTheRest(): Promise<void> {
    const { intents, agenda } = this.#state;
    const now = this.#runtime.clock.now();
    for (const [id, { at, cause }] of Object.entries(agenda))
      if (at <= now && !this.#causes.has(id)) this.#causes.set(id, cause);
    for (const { control, cause } of Object.values(intents))
      if (!this.#causes.has(control)) this.#causes.set(control, cause);
    const rest = this.#wanted().filter((control) => !this.#looks.some((look) => look.control === control));
    if (rest.length > 0) this.#looks = [...this.#looks, ...(await lookAt(this.#request.key, rest, this.#runtime))];
  }

  #assess(look: Look): Assessment {
    const { settings, clock, remaining } = this.#runtime;
    const { control } = look;
    return assess(look, {
      key: this.#request.key,
      state: this.#state,
      pauses: this.#pauses,
      settings,
      now: clock.now(),
      cause: this.#causes.get(control.id) ?? this.#request.cause,
      attempt: this.#attempts.get(control.id),
      along: this.#along(control),
      ready: remaining() >= 2 * WRITE_TIMEOUT_MS && !this.#blocked.has(control.id),
    });
  }

  /** Drift that is gone without a fix of its own went with somebody else's, and is to be told all the same. */
  #along({ id }: AnyControl): Along | undefined {
    const reason = this.#found.get(id);
    const fixes = [...this.#fixed.keys()];
    return reason && fixes.length > 0 && !this.#attempts.has(id) ? { reason, with: fixes } : undefined;
  }

  #assessments(): Assessment[] {
    return this.#looks.map((look) => this.#assess(look));
  }

  /** A control can be switched off, or leave the catalogue, while something of it is on the agenda. */
  #knows(id: string): boolean {
    return this.#catalogue.some((control) => control.id === id);
  }

  /** Whether anything is to be written at all, be it only in the ledger. A resource in order costs its reads. */
  #isWork(): boolean {
    const { key } = this.#request;
    const now = this.#runtime.clock.now();
    const state = this.#state;
    const { inbox, lease } = this.#record;
    // Somebody's notes, or the lease of somebody who died.
    if (inbox.length > 0 || (lease && lease.until < now)) return true;
    if (Object.entries(state.agenda).some(([id, { at }]) => at <= now && !this.#knows(id))) return true;
    if (state.missingSince !== undefined && this.#looks.some(isSeen)) return true;
    return this.#assessments().some((assessment) => {
      const { control, decision, settle, again } = assessment;
      const entry = state.agenda[control.id];
      return (
        settle !== undefined ||
        decision === 'REMEDIATE' ||
        openFix(state, control) !== undefined ||
        (entry ? entry.at <= now : again !== undefined) ||
        (assessment.status === 'GONE' && entry !== undefined) ||
        tell(assessment, { key, state, pauses: this.#pauses, now }) !== undefined
      );
    });
  }

  /** Fixes one drift after the other, most severe first; each look after a fix verifies it and is the next one's start. */
  async #fixAll(): Promise<Outcome | 'again' | undefined> {
    for (;;) {
      const drifted = this.#assessments().filter(
        ({ control, decision }) => decision === 'REMEDIATE' && !this.#attempts.has(control.id),
      );
      for (const { control, reason } of drifted) this.#found.set(control.id, reason);
      const next = drifted.sort(
        (a, b) => urgency(a.control) - urgency(b.control) || (a.control.id < b.control.id ? -1 : 1),
      )[0];
      if (!next) return undefined;
      const stopped = await this.#fix(next);
      if (stopped) return stopped;
    }
  }

  async #fix({ control, look, reason, cause }: Assessment): Promise<Outcome | 'again' | undefined> {
    const { key } = this.#request;
    const { clock, newToken, log } = this.#runtime;
    const now = clock.now();
    const open = openFix(this.#state, control);
    const { intent, calls, covers } = planFix(look as Seen, reason, key, cause, open, intentId(now, newToken()), now);
    const again = open === undefined || this.#state.agenda[control.id]?.why === 'stale';
    const fixes = recentFixes(this.#state, control, now);
    const state: ResourceState = {
      ...this.#state,
      intents: { ...this.#state.intents, [control.id]: intent },
      fixes: { ...this.#state.fixes, [control.id]: again ? [...fixes, now] : fixes },
    };
    const stopped = await this.#hold(state, covers);
    if (stopped === 'covered') {
      this.#blocked.add(control.id);
      return undefined;
    }
    if (stopped) return stopped;
    const attempt = await sendAll(calls, key, this.#runtime);
    this.#attempts.set(control.id, attempt);
    if (attempt.sent) log.info('Fix sent.', { control: control.id, resource: key.id, intent: intent.id });
    else log.warn('Fix refused.', { control: control.id, resource: key.id, intent: intent.id, error: attempt.error });
    const seen = await this.#readBack(control, attempt);
    if (seen) this.#fixed.set(control.id, { ...intent, observed: pick(seen.slots, Object.keys(intent.after)) });
    return undefined;
  }

  /** Looks again until the fix shows, at most three times: one read may still be from before it. */
  async #readBack(control: AnyControl, attempt: Attempt): Promise<Seen | undefined> {
    for (const wait of READ_BACK_AFTER_MS) {
      if (wait > 0) await this.#runtime.clock.sleep(wait);
      this.#looks = await lookAt(this.#request.key, this.#wanted(), this.#runtime);
      const look = this.#looks.find((each) => each.control === control);
      if (look && isSeen(look) && look.verdict.status !== 'NON_COMPLIANT') return look;
      if (!attempt.sent || this.#runtime.remaining() < 2 * WRITE_TIMEOUT_MS) return undefined;
    }
    return undefined;
  }

  /**
   * Takes or renews the lease and stores `state`. Should we die holding it, the agenda finds us, and what Security Hub
   * shows by then counts as unknown.
   */
  async #hold(
    state?: ResourceState,
    covers: readonly ActsOn[] = [],
  ): Promise<Outcome | 'again' | 'covered' | undefined> {
    if (this.#holding && !state) return undefined;
    const { ledger, clock, remaining } = this.#runtime;
    const { key, controls, cause } = this.#request;
    const now = clock.now();
    const until = now + remaining() + LEASE_MARGIN_MS;
    const stored = state ?? this.#state;
    const guard = Object.fromEntries(
      [...this.#causes].map(([id, why]) => [id, lookAgain('error', why, now, undefined, until + 1_000)]),
    );
    const doubt = Object.fromEntries(
      [...this.#causes].map(([id, why]) => [id, inDoubt(stored.findings[id], why, now)]),
    );
    const all = [...this.#covers, ...covers.filter((one) => !this.#covers.some((each) => sameObject(each, one)))];
    const taken = await ledger.take(
      this.#record,
      { owner: this.#owner, until },
      { ...stored, agenda: { ...stored.agenda, ...guard }, findings: { ...stored.findings, ...doubt } },
      all,
    );
    if (taken.ok) {
      this.#holding = true;
      this.#record = { ...taken.record, inbox: this.#record.inbox };
      this.#state = stored;
      this.#covers = all;
      return undefined;
    }
    if (taken.why === 'covered') return 'covered';
    if (taken.why !== 'owned' || this.#holding) return 'again';
    // What the agenda asked for stays on the agenda.
    const left = controls.length === 0 || (await ledger.leave(key, taken.owner, { controls, cause }));
    return left ? this.#outcome('left') : 'again';
  }

  /** The state with what was read back of each fix, and with when the resource was last missed. */
  #stateSeen(): ResourceState {
    const intents = { ...this.#state.intents };
    for (const look of this.#looks) {
      const open = intents[look.control.id];
      if (open && isSeen(look)) {
        intents[look.control.id] = { ...open, observed: pick(look.slots, Object.keys(open.after)) };
      }
    }
    const { missingSince, ...state } = this.#state;
    const now = this.#runtime.clock.now();
    const agenda = Object.fromEntries(
      Object.entries(state.agenda).filter(([id, { at }]) => at > now || this.#knows(id)),
    );
    const gone = this.#looks.some((look) => !isSeen(look) && look.unseen === 'gone');
    return { ...state, agenda, intents, ...(gone && { missingSince: missingSince ?? now }) };
  }

  #outcome(status: Outcome['status'] = 'done'): Outcome {
    const results = this.#assessments().map(({ control, status: is, decision, reason }): Result => {
      const intent = this.#fixed.get(control.id);
      const finding = this.#told.get(control.id);
      return {
        control: control.id,
        status: is,
        reason: reason || (intent?.reason ?? ''),
        ...(decision && { decision }),
        ...(intent && { intent }),
        ...(finding && { finding }),
      };
    });
    return { status, results };
  }
}

/** Whoever comes after a death cannot know what was still told: it is told again. */
const inDoubt = (finding: ReportedFinding | undefined, cause: Cause, now: number): ReportedFinding => ({
  compliance: 'FAILED',
  fingerprint: '',
  at: now,
  createdAt: finding?.createdAt ?? new Date(now).toISOString(),
  workflow: 'RESOLVED',
  reason: '',
  cause: finding?.cause ?? cause,
});

const urgency = ({ exposure, severity }: AnyControl): number => (exposure ? 0 : 10) + RANK[severity];
const sameObject = (a: ActsOn, b: ActsOn): boolean => a.type === b.type && a.id === b.id;

function pick(slots: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, slots[name] ?? null]));
}
