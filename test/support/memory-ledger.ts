import type { ActsOn } from '../../lib/aws/op.ts';
import type { Held, Ledger, Released, Taken } from '../../lib/engine/ledger.ts';
import {
  checkSize,
  coveredKeys,
  EMPTY_DAYS,
  earliest,
  InboxFull,
  isEmpty,
  keyOf,
  MAX_INBOX,
  partitionKey,
  RecordTooNew,
  secondsAfterDays,
  stateText,
} from '../../lib/engine/ledger-items.ts';
import { checkPause, PausedAlready } from '../../lib/engine/pause.ts';
import {
  EMPTY_STATE,
  type InboxEntry,
  type Lease,
  type Pauses,
  RECORD_VERSION,
  type ResourceRecord,
  type ResourceState,
  type SettledIntent,
} from '../../lib/engine/record.ts';
import type { Clock } from '../../lib/engine/runtime.ts';
import { keyString, type ResourceKey } from '../../lib/resource.ts';

export type LedgerMethod = 'read' | 'take' | 'release' | 'leave' | 'history' | 'due' | 'pause' | 'resume' | 'pauses';

const WRITES: ReadonlySet<LedgerMethod> = new Set(['take', 'release', 'leave', 'pause', 'resume']);

/**
 * Called around every method. What `before` throws, happened before the write; what `after` throws, after it: the write
 * stands and the caller does not know. Both may wait, which is how a test interleaves two runs.
 */
export interface LedgerHooks {
  before?(method: LedgerMethod, key: ResourceKey | undefined): void | Promise<void>;
  after?(method: LedgerMethod, key: ResourceKey | undefined): void | Promise<void>;
}

export interface MemoryItem {
  v: number;
  gen: number;
  lease?: Lease;
  /** JSON texts, as everything that is stored: what is not JSON shows. */
  inbox: string[];
  body?: string;
  lookAt?: number;
  /** Seconds since the epoch. */
  expires?: number;
  took?: symbol;
  released?: symbol;
}

/** The ledger's protocol in memory: the contract suite runs the same tests against it and against DynamoDB. */
export class MemoryLedger implements Ledger {
  readonly items = new Map<string, MemoryItem>();
  readonly #settled = new Map<string, Map<string, string>>();
  readonly #clock: Pick<Clock, 'now'>;
  readonly #hooks: LedgerHooks;
  #pauses = '{}';
  /** Version of the record of what is paused. */
  pausesVersion = RECORD_VERSION;
  #answerLost = false;

  constructor(clock: Pick<Clock, 'now'>, hooks: LedgerHooks = {}) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  /** The answer to the next write is lost on its way: the same write arrives a second time, as the SDK would send it. */
  loseNextAnswer(): void {
    this.#answerLost = true;
  }

  /** The item of one resource, as it lies there. */
  item(key: ResourceKey): MemoryItem | undefined {
    return this.items.get(partitionKey(key));
  }

  read(key: ResourceKey): Promise<{ record: ResourceRecord; pauses: Pauses }> {
    return this.#run('read', key, () => ({ record: record(key, this.item(key)), pauses: this.#readPauses() }));
  }

  take(from: ResourceRecord, lease: Lease, state: ResourceState, covers: readonly ActsOn[]): Promise<Taken> {
    const nonce = Symbol();
    const { key, gen, inbox } = from;
    return this.#run('take', key, (): Taken => {
      const now = this.#clock.now();
      const body = stateText(key, state, inbox);
      const taken: Taken = { ok: true, record: { key, gen: gen + 1, lease, inbox, state: JSON.parse(body) } };
      const item = this.item(key);
      if ((item?.gen ?? 0) !== gen || !free(item, lease.owner, now)) {
        if (item?.took === nonce && item.lease?.owner === lease.owner) return taken;
        known(key, item);
        return item?.lease && !free(item, lease.owner, now)
          ? { ok: false, why: 'owned', owner: item.lease.owner }
          : { ok: false, why: 'moved' };
      }
      const objects = coveredKeys(key, covers);
      for (const object of objects) {
        const other = this.item(object);
        if (free(other, lease.owner, now) && (other?.v ?? 0) <= RECORD_VERSION) continue;
        known(object, other);
        return { ok: false, why: 'covered', object: { type: object.type, id: object.id } };
      }
      this.#put(key, {
        gen: gen + 1,
        lease,
        body,
        took: nonce,
        lookAt: lease.until,
        expires: undefined,
      });
      for (const object of objects) this.#cover(object, lease);
      return taken;
    });
  }

  release(held: Held, state: ResourceState, settled: readonly SettledIntent[]): Promise<Released> {
    const nonce = Symbol();
    const { key, owner, covers, seen } = held;
    return this.#run('release', key, (): Released => {
      const body = stateText(key, state, []);
      for (const each of settled) checkSize(`Intent ${each.id} of ${keyString(key)}`, JSON.stringify(each));
      const item = this.item(key);
      if (item?.released === nonce) return { ok: true };
      if (item?.lease?.owner !== owner) return { ok: false, why: 'lost' };
      if (item.inbox.length > seen) return { ok: false, why: 'inbox', record: record(key, item) };
      const expires = isEmpty(state) ? this.#forgetAt() : undefined;
      this.#put(key, {
        gen: item.gen + 1,
        lease: undefined,
        inbox: [],
        body,
        released: nonce,
        lookAt: earliest(state),
        expires,
      });
      for (const object of coveredKeys(key, covers)) {
        if (this.item(object)?.lease?.owner === owner) this.#cover(object, undefined);
      }
      const history = this.#settled.get(keyString(key)) ?? new Map<string, string>();
      this.#settled.set(keyString(key), history);
      for (const each of settled) history.set(`${each.settledAt}#${each.id}`, JSON.stringify(each));
      return { ok: true };
    });
  }

  leave(key: ResourceKey, owner: string, entry: InboxEntry): Promise<boolean> {
    return this.#run('leave', key, () => {
      const item = this.item(key);
      if (item?.lease?.owner !== owner || item.lease.until < this.#clock.now()) return false;
      if (item.inbox.length >= MAX_INBOX) throw new InboxFull(`${keyString(key)} has ${MAX_INBOX} notes.`);
      this.#put(key, { inbox: [...item.inbox, JSON.stringify(entry)], lookAt: item.lease.until, expires: undefined });
      return true;
    });
  }

  async *history(key: ResourceKey): AsyncIterable<SettledIntent> {
    const found = await this.#run('history', key, () => [...(this.#settled.get(keyString(key)) ?? [])]);
    for (const [, text] of found.sort(([a], [b]) => (a < b ? 1 : -1))) yield JSON.parse(text);
  }

  async *due(now: number, limit: number): AsyncIterable<ResourceKey> {
    const found = await this.#run('due', undefined, () =>
      [...this.items].flatMap(([pk, { lookAt }]) => (lookAt !== undefined && lookAt <= now ? [{ pk, lookAt }] : [])),
    );
    for (const { pk } of found.sort((a, b) => a.lookAt - b.lookAt).slice(0, Math.max(limit, 0))) yield keyOf(pk);
  }

  async pause(control: string, flag: Pauses[string]): Promise<void> {
    const checked = checkPause(control, flag);
    await this.#run('pause', undefined, () => {
      const pauses = this.#readPauses();
      const there = pauses[control];
      if (there && JSON.stringify(there) !== JSON.stringify(checked)) throw new PausedAlready(control, there);
      this.#pauses = JSON.stringify({ ...pauses, [control]: checked });
    });
  }

  resume(control: string): Promise<void> {
    return this.#run('resume', undefined, () => {
      const { [control]: _, ...others } = this.#readPauses();
      this.#pauses = JSON.stringify(others);
    });
  }

  pauses(): Promise<Pauses> {
    return this.#run('pauses', undefined, () => this.#readPauses());
  }

  #readPauses(): Pauses {
    if (this.pausesVersion > RECORD_VERSION)
      throw new RecordTooNew('The record of what is paused is of a newer Suture.');
    return JSON.parse(this.#pauses);
  }

  /** One step: nothing comes between what `body` reads and what it writes. */
  async #run<T>(method: LedgerMethod, key: ResourceKey | undefined, body: () => T): Promise<T> {
    await this.#hooks.before?.(method, key);
    if (this.#answerLost && WRITES.has(method)) {
      this.#answerLost = false;
      body();
    }
    const answer = body();
    await this.#hooks.after?.(method, key);
    return answer;
  }

  #put(key: ResourceKey, change: Partial<MemoryItem>): void {
    const item = this.item(key) ?? { v: RECORD_VERSION, gen: 0, inbox: [] };
    this.items.set(partitionKey(key), { ...item, ...change });
  }

  #cover(object: ResourceKey, lease: Lease | undefined): void {
    const item = this.item(object);
    const holds = item && (item.inbox.length > 0 || (item.body !== undefined && item.expires === undefined));
    this.#put(object, {
      gen: (item?.gen ?? 0) + 1,
      lease,
      expires: holds ? undefined : this.#forgetAt(),
      ...(!lease && item && item.inbox.length > 0 && { lookAt: this.#clock.now() }),
    });
  }

  #forgetAt(): number {
    return secondsAfterDays(this.#clock.now(), EMPTY_DAYS);
  }
}

const free = (item: MemoryItem | undefined, me: string, now: number): boolean =>
  !item?.lease || item.lease.owner === me || item.lease.until < now;

function known(key: ResourceKey, item: MemoryItem | undefined): void {
  if ((item?.v ?? 0) > RECORD_VERSION)
    throw new RecordTooNew(`The record of ${keyString(key)} has version ${item?.v}.`);
}

function record(key: ResourceKey, item: MemoryItem | undefined): ResourceRecord {
  known(key, item);
  return {
    key,
    gen: item?.gen ?? 0,
    ...(item?.lease && { lease: item.lease }),
    inbox: (item?.inbox ?? []).map((text) => JSON.parse(text)),
    state: { ...EMPTY_STATE, ...JSON.parse(item?.body ?? '{}') },
  };
}
