import type { Op } from '../aws/op.ts';
import type { AnyControl, Verdict } from '../control.ts';
import type { ResourceKey } from '../resource.ts';
import { canonical, freeze, plain } from './canonical.ts';
import { classify } from './errors.ts';
import type { SlotValues } from './record.ts';
import type { Runtime, Send } from './runtime.ts';

/** One control's judgement of what is there now. */
export interface Seen {
  readonly control: AnyControl;
  readonly state: unknown;
  readonly slots: SlotValues;
  readonly verdict: Verdict;
}

/** A control that could not judge. Unknown is never compliant, and no licence to act. */
export interface Unseen {
  readonly control: AnyControl;
  /** `gone`: the resource itself does not exist; `denied`: we may not read; `throttled`: later; `failed`: anything else. */
  readonly unseen: 'gone' | 'denied' | 'throttled' | 'failed';
  readonly error: Error;
}
export type Look = Seen | Unseen;
export const isSeen = (look: Look): look is Seen => 'verdict' in look;

/**
 * Observes and judges one resource with several controls at once. The same read is sent once for all of them;
 * nothing is remembered from one look to the next, since a write may lie between.
 */
export async function lookAt(key: ResourceKey, controls: readonly AnyControl[], runtime: Runtime): Promise<Look[]> {
  const read = sharedReads(key, runtime);
  return Promise.all(controls.map((control) => lookWith(control, key, read, runtime)));
}

async function lookWith(
  control: AnyControl,
  key: ResourceKey,
  { send, isGone }: SharedReads,
  { settings, clock }: Runtime,
): Promise<Look> {
  const call = (op: Op, input: unknown): Promise<unknown> => {
    if (!control.reads.includes(op)) throw new Error(`${control.id} reads ${op.name} without declaring it in reads.`);
    return send(op, input);
  };
  try {
    const state = freeze(await control.observe(key, call as Send, settings));
    const verdict: Verdict = control.evaluate(state, { settings, now: new Date(clock.now()), key });
    return { control, state, slots: plain(control.get(state)), verdict };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (isGone(error)) return { control, unseen: 'gone', error };
    const kind = classify(error);
    if (kind === 'denied') return { control, unseen: 'denied', error };
    if (kind === 'throttled' || kind === 'server') return { control, unseen: 'throttled', error };
    return { control, unseen: 'failed', error };
  }
}

interface SharedReads {
  readonly send: (op: Op, input: unknown) => Promise<unknown>;
  readonly isGone: (error: Error) => boolean;
}

function sharedReads(key: ResourceKey, runtime: Runtime): SharedReads {
  const send = runtime.send(key);
  const sent = new Map<string, Promise<unknown>>();
  const gone = new WeakSet<Error>();
  return {
    isGone: (error) => gone.has(error),
    send(op, input) {
      const name = `${op.name} ${canonical(input)}`;
      const known = sent.get(name);
      if (known) return known;
      const answer = send(op, input).catch((error: unknown) => {
        // "Not found" speaks of our resource only if the read was of our resource, not of one it refers to.
        const on = op.on(input);
        if (error instanceof Error && op.gone.includes(error.name) && on?.type === key.type && on.id === key.id) {
          gone.add(error);
        }
        throw error;
      });
      sent.set(name, answer);
      return answer;
    },
  };
}
