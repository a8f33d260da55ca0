import type { Pauses } from './record.ts';

type Flag = Pauses[string];

/** The control is paused already, by somebody with a reason of their own. Nothing was changed. */
export class PausedAlready extends Error {
  override readonly name = 'PausedAlready';
  constructor(control: string, { by, reason, at }: Flag) {
    super(
      `${control === '*' ? 'Everything' : control} is paused already, by ${by} since ${at}: ${reason}. ` +
        'Ask them, or resume it first.',
    );
  }
}

/** What is stored of a pause. @throws when it does not say which control, who, why or since when */
export function checkPause(control: string, { by, reason, at }: Flag): Flag {
  const missing = Object.entries({ control, by, reason, at }).filter(([, text]) => text.trim() === '');
  if (missing.length > 0) {
    throw new Error(
      `A pause needs ${missing.map(([name]) => name).join(' and ')}: an auditor asks who stopped it, and why.`,
    );
  }
  return { by, reason, at };
}
