import type { AnyControl, Verdict } from '../../lib/control.ts';
import { canonical, freeze, same } from '../../lib/engine/canonical.ts';

/** What a control did while it was watched. */
export interface Notes {
  readonly verdicts: Verdict[];
  /** Breaches of law 6, each in a sentence. */
  readonly breaches: string[];
  /** What it threw: the engine makes "could not be judged" of it, and a test wants to know why. */
  readonly errors: Error[];
}

/**
 * The same control, with law 6 held at each call: what it observed is frozen, and `evaluate`, `get` and `set` asked
 * twice say the same.
 */
export function watched(control: AnyControl, notes: Notes): AnyControl {
  const pure = <T>(name: string, state: unknown, act: () => T): T => {
    freeze(state);
    const before = canonical(state);
    try {
      const [first, second] = [act(), act()];
      if (!same(bare(first), bare(second))) {
        notes.breaches.push(
          `${name} answers differently when asked twice: ${canonical(bare(first))}, then ${canonical(bare(second))}`,
        );
      }
      if (canonical(state) !== before) notes.breaches.push(`${name} changes the state it is given`);
      return first;
    } catch (error) {
      if (
        error instanceof TypeError &&
        /read only|not extensible|Cannot (add|delete|assign|define)/.test(error.message)
      )
        notes.breaches.push(`${name} changes the state it is given: ${error.message}`);
      notes.errors.push(error as Error);
      throw error;
    }
  };
  return {
    ...control,
    async observe(key, call, settings) {
      try {
        return await control.observe(key, call, settings);
      } catch (error) {
        notes.errors.push(error as Error);
        throw error;
      }
    },
    get: (state) => pure('get', state, () => control.get(state)),
    evaluate(state, context) {
      const verdict = pure('evaluate', state, () => control.evaluate(state, context));
      notes.verdicts.push(verdict);
      return verdict;
    },
    set: (state, slots) => pure('set', state, () => control.set(state, freeze(slots))),
  };
}

/** Calls compared by operation and input: an operation is a value with classes in it. */
const bare = (answer: unknown): unknown =>
  Array.isArray(answer) ? answer.map(({ op, input, accept }) => ({ op: op?.name, input, accept })) : answer;
