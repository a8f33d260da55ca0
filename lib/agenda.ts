import type { Ledger } from './engine/ledger.ts';
import type { Log, Runtime } from './engine/runtime.ts';
import type { LookRequest } from './handle.ts';
import { digest, keyString, type ResourceKey, type TypeName } from './resource.ts';

export interface AgendaPorts {
  readonly ledger: Pick<Ledger, 'due'>;
  readonly clock: Pick<Runtime['clock'], 'now'>;
  /** Milliseconds until this process is stopped. */
  readonly remaining: () => number;
  /** Service family -> the resource types its function judges. */
  readonly families: Readonly<Record<string, readonly TypeName[]>>;
  /** Hands resources to a family's function. Resolves once it has them; what they come to is in the ledger. */
  readonly hand: (family: string, request: LookRequest) => Promise<void>;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

/** What became of what was due. All that was not handed out is still due in the next minute. */
export interface HandedOut {
  readonly handed: number;
  /** Their function would not take them. */
  readonly refused: number;
  /** Of a type that no function of this deployment judges. */
  readonly unknown: number;
  /** Due for long: their function has not got them done. They are handed out less often. */
  readonly overdue: number;
  /** There is more, which this minute had no room or no time for. */
  readonly left: boolean;
}

/** A family's function works through this many within its own time, even if each needs a fix and is slow to show it. */
const BATCH = 25;
/** Lambda takes 256 KB per asynchronous call; an id may be an ARN of 2 KB. */
const BATCH_BYTES = 250_000;
/** What one family is given in one minute: what its function cannot finish meanwhile would only be handed out twice. */
const PER_FAMILY = 500;
/** What is read in one minute, so that those that cannot be handed out do not hide those behind them. */
const READ = 10_000;
/**
 * What is still due after so long has been handed out every minute, and in vain: its function fails over it. From then on
 * it is handed out in one of so many minutes, so that it neither fills the function's queue nor pushes others out.
 */
const OVERDUE_MINUTES = 15;
const MINUTE_MS = 60_000;
/** Time kept back for handing out what is collected. */
const RESERVE_MS = 5_000;

/**
 * Hands what is due to the functions of the families that judge it, earliest first. Nothing is taken off the agenda here:
 * whoever has looked does that, so what gets lost on the way comes again. What is being worked on is not due.
 * @throws AggregateError, after everything else is handed out, when a function would not take what is its own
 */
export async function handOut(ports: AgendaPorts): Promise<HandedOut> {
  const { ledger, clock, remaining, families, log } = ports;
  const desks = new Map(Object.keys(families).map((family) => [family, new Desk(family, ports)]));
  const unknown = new Map<TypeName, number>();
  const now = clock.now();
  const overdue = new Set<string>();
  for await (const key of ledger.due(now - OVERDUE_MINUTES * MINUTE_MS, READ)) overdue.add(keyString(key));
  let read = 0;
  let stopped = false;
  for await (const key of ledger.due(now, READ)) {
    read += 1;
    if (remaining() < RESERVE_MS) {
      stopped = true;
      break;
    }
    if (overdue.has(keyString(key)) && !isTurnOf(key, now)) continue;
    const judging = [...desks].filter(([family]) => families[family]?.includes(key.type));
    if (judging.length === 0) unknown.set(key.type, (unknown.get(key.type) ?? 0) + 1);
    for (const [, desk] of judging) await desk.add(key);
  }
  await Promise.all([...desks.values()].map((desk) => desk.flush()));

  const sum = (of: (desk: Desk) => number): number => [...desks.values()].reduce((total, desk) => total + of(desk), 0);
  const outcome: HandedOut = {
    handed: sum(({ handed }) => handed),
    refused: sum(({ refused }) => refused),
    unknown: [...unknown.values()].reduce((total, count) => total + count, 0),
    overdue: overdue.size,
    left: stopped || read === READ || sum(({ over }) => over) > 0,
  };
  for (const [type, count] of unknown) {
    log.error('Due, and no function judges it: deploy its controls again, or settle what is open there.', {
      type,
      count,
    });
  }
  const level = outcome.left || outcome.overdue > 0 ? 'warn' : 'info';
  log[level](outcome.left ? 'Agenda handed out in part; the rest stays due.' : 'Agenda handed out.', { ...outcome });
  const errors = [...desks.values()].flatMap(({ error }) => error ?? []);
  if (errors.length > 0) throw new AggregateError(errors, `${outcome.refused} due resources could not be handed out`);
  return outcome;
}

/** Each overdue resource has its minute, by its name: no state is kept of what was handed out when. */
const isTurnOf = (key: ResourceKey, now: number): boolean =>
  Number.parseInt(digest(keyString(key), 8), 16) % OVERDUE_MINUTES === Math.floor(now / MINUTE_MS) % OVERDUE_MINUTES;

/** What one family is given, batch by batch. A function that has refused once is left alone for this minute. */
class Desk {
  readonly #family: string;
  readonly #ports: AgendaPorts;
  #keys: ResourceKey[] = [];
  #bytes = 0;
  handed = 0;
  refused = 0;
  over = 0;
  error?: unknown;

  constructor(family: string, ports: AgendaPorts) {
    this.#family = family;
    this.#ports = ports;
  }

  async add(key: ResourceKey): Promise<void> {
    if (this.error !== undefined) this.refused += 1;
    else if (this.handed + this.#keys.length >= PER_FAMILY) this.over += 1;
    else {
      const bytes = Buffer.byteLength(JSON.stringify(key)) + 1;
      if (this.#keys.length === BATCH || this.#bytes + bytes > BATCH_BYTES) await this.flush();
      this.#keys.push(key);
      this.#bytes += bytes;
    }
  }

  async flush(): Promise<void> {
    const keys = this.#keys;
    this.#keys = [];
    this.#bytes = 0;
    if (keys.length === 0) return;
    if (this.error !== undefined) {
      this.refused += keys.length;
      return;
    }
    try {
      await this.#ports.hand(this.#family, { suture: 'look', keys });
      this.handed += keys.length;
    } catch (error) {
      this.error = error;
      this.refused += keys.length;
      const name = error instanceof Error ? error.name : String(error);
      this.#ports.log.error('The function of a family does not take what is due.', {
        family: this.#family,
        error: name,
      });
    }
  }
}
