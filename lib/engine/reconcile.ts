import type { AnyControl } from '../control.ts';
import { type Result, Run } from './run.ts';
import type { Request, Runtime } from './runtime.ts';

export type { Result } from './run.ts';

/** What came of one request. */
export interface Outcome {
  /** `left`: another run holds the resource and does it for us. */
  readonly status: 'done' | 'left';
  readonly results: readonly Result[];
}

/** A resource whose record changes between our reading and our writing is read again; so often, then it is an error. */
const ATTEMPTS = 8;

/**
 * Brings one resource into line with some controls: looks, decides, fixes what may be fixed, verifies, keeps evidence,
 * tells Security Hub, and settles. Safe to call twice, late, out of order, and from two places at once.
 * @param catalogue every control this process knows; the request, the agenda and open intents choose among them
 * @throws when the ledger cannot be read or written: nothing was changed then without a record
 */
export async function reconcile(
  request: Request,
  catalogue: readonly AnyControl[],
  runtime: Runtime,
): Promise<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await new Run(request, catalogue, runtime).once();
    if (outcome !== 'again') return outcome;
  }
  throw new Error(
    `${request.key.type} ${request.key.id} changed hands ${ATTEMPTS} times while it was looked at; the event is tried again.`,
  );
}
