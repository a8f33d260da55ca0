import type { Op } from '../../lib/aws/op.ts';
import type { Runtime, Send } from '../../lib/engine/runtime.ts';
import type { Settings } from '../../lib/settings.ts';

/** When a process dies: at its n-th call that changes something (1 is the first), before or after that has its effect. */
export interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
}
export interface SentCall {
  readonly op: Op;
  readonly input: unknown;
}

/** What a process is made of; everything but the process itself outlives it. */
export interface Ports extends Pick<Runtime, 'ledger' | 'evidence' | 'hub' | 'clock' | 'newToken'> {
  readonly send: Send;
  readonly settings: Settings;
}
export const KILLED = Symbol('killed');

const LIFE_MS = 60_000;
const CHANGES = new Set(['ledger.take', 'ledger.release', 'ledger.leave', 'evidence.put', 'hub.publish']);

/**
 * One process of Suture's, which can be killed: from then on its promises neither resolve nor reject, so none of its
 * catch or finally code has an effect.
 */
export class TestProcess {
  /** What it has sent to AWS. */
  readonly sent: SentCall[] = [];
  /** Its calls that change something, by name: the writes, the ledger's, evidence, findings. */
  readonly changes: string[] = [];
  readonly runtime: Runtime;
  readonly #kill: Kill | undefined;
  #dead = false;
  #died!: (value: typeof KILLED) => void;
  readonly #death = new Promise<typeof KILLED>((resolve) => {
    this.#died = resolve;
  });

  constructor({ send, settings, ledger, evidence, hub, clock, newToken }: Ports, kill?: Kill) {
    this.#kill = kill;
    const born = clock.now();
    this.runtime = {
      settings,
      send: () => (op, input) => {
        this.sent.push({ op, input });
        return this.#step(op.name, op.kind === 'write', () => send(op, input));
      },
      ledger: this.#port('ledger', ledger),
      evidence: this.#port('evidence', evidence),
      hub: this.#port('hub', hub),
      clock: {
        now: () => clock.now(),
        sleep: (ms) => this.#step('clock.sleep', false, () => clock.sleep(ms)),
      },
      remaining: () => born + LIFE_MS - clock.now(),
      newToken,
      log: { info: () => {}, warn: () => {}, error: () => {}, count: () => {} },
    };
  }

  /** What the work answers, or KILLED when the process died of it. */
  run<T>(work: (runtime: Runtime) => Promise<T>): Promise<T | typeof KILLED> {
    return Promise.race([work(this.runtime), this.#death]);
  }

  get writes(): SentCall[] {
    return this.sent.filter(({ op }) => op.kind === 'write');
  }

  async #step<T>(name: string, changes: boolean, act: () => Promise<T>): Promise<T> {
    if (this.#dead) return new Promise(() => {});
    const mine = changes ? this.changes.push(name) : 0;
    const kill = mine > 0 && mine === this.#kill?.at ? this.#kill : undefined;
    if (kill?.when === 'before') return this.#die();
    try {
      const answer = await act();
      if (kill || this.#dead) return this.#die();
      return answer;
    } catch (error) {
      if (kill || this.#dead) return this.#die();
      throw error;
    }
  }

  #die(): Promise<never> {
    this.#dead = true;
    this.#died(KILLED);
    return new Promise(() => {});
  }

  /** A port whose every method is a step of this process. */
  #port<P extends object>(prefix: string, port: P): P {
    return new Proxy(port, {
      get: (target, property) => {
        const method = Reflect.get(target, property, target) as unknown;
        const name = `${prefix}.${String(property)}`;
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          const answer: unknown = method.bind(target);
          const act = () => (answer as (...all: unknown[]) => unknown)(...args);
          // Streams (history, due) are read item by item; a dead process never asks for the next.
          if (name === 'ledger.history' || name === 'ledger.due') return act();
          return this.#step(name, CHANGES.has(name), act as () => Promise<unknown>);
        };
      },
    });
  }
}
