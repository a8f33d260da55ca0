import { controls } from '../functions/catalog.ts';
import type { AnyControl } from '../lib/control.ts';
import { Refusal } from './io.ts';

/** @throws Refusal naming the nearest control there is */
export function findControl(id: string): AnyControl {
  const control = controls.find((each) => each.id === id);
  if (control) return control;
  const near = nearest(id);
  throw new Refusal(
    `There is no control ${id}.${near ? ` Did you mean ${near}?` : ''} "npx suture controls" lists all of them.`,
  );
}

/** Ids are made of words: the one that shares most of them, be they in another order or one of them misspelt. */
function nearest(wrong: string): string | undefined {
  const words = (id: string): string[] => id.toLowerCase().split(/[^a-z0-9]+/);
  const wanted = words(wrong);
  const scored = controls.map(({ id }) => {
    const shared = words(id).filter((word) => wanted.includes(word)).length;
    return { id, shared, other: Math.abs(words(id).length - wanted.length) };
  });
  const [best] = scored.sort((a, b) => b.shared - a.shared || a.other - b.other);
  return best && best.shared > 0 ? best.id : undefined;
}
