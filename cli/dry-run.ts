import type { Cause } from '../lib/cause.ts';
import type { Ledger } from '../lib/engine/ledger.ts';
import { isSeen, lookAt } from '../lib/engine/look.ts';
import type { Result } from '../lib/engine/reconcile.ts';
import { EMPTY_STATE, type Intent, type ResourceRecord } from '../lib/engine/record.ts';
import { planFix } from '../lib/engine/remediate.ts';
import type { Runtime, Send } from '../lib/engine/runtime.ts';
import type { Catalogue } from '../lib/handle.ts';
import type { ResourceKey } from '../lib/resource.ts';

/** What a write is answered with in a dry run, before it is sent. */
export class NothingIsWritten extends Error {
  override readonly name = 'NothingIsWritten';
}

/**
 * A runtime in which the engine runs as ever, and nothing leaves it but reads: writes are refused before they are sent,
 * leases are promised and not taken, evidence and findings go nowhere.
 * @param ledger the real one, which is read; without it every resource is one never seen before
 */
export const readOnly = (runtime: Runtime, ledger: Ledger | undefined): Runtime => ({
  ...runtime,
  send: (key): Send => {
    const send = runtime.send(key);
    return (op, input) =>
      op.kind === 'read'
        ? send(op, input)
        : Promise.reject(new NothingIsWritten(`${op.name} is not sent in a dry run.`));
  },
  ledger: readOnlyLedger(ledger, runtime),
  evidence: { put: async () => {} },
  hub: { publish: async (findings) => new Set(findings.map(({ id }) => id)) },
  log: { info() {}, warn() {}, error() {}, count() {} },
});

const neverSeen = (key: ResourceKey): ResourceRecord => ({ key, gen: 0, inbox: [], state: EMPTY_STATE });
const refuse = (what: string) => async (): Promise<never> => {
  throw new NothingIsWritten(`A dry run does not ${what}.`);
};

const readOnlyLedger = (ledger: Ledger | undefined, { clock }: Runtime): Ledger => ({
  read: async (key) => (ledger ? ledger.read(key) : { record: neverSeen(key), pauses: {} }),
  async take(record, lease, state) {
    const { key, gen, lease: held } = record;
    const owned = held !== undefined && held.owner !== lease.owner && held.until > clock.now();
    if (owned) return { ok: false, why: 'owned', owner: held.owner };
    return { ok: true, record: { key, gen: gen + 1, lease, inbox: [], state } };
  },
  release: async () => ({ ok: true }),
  leave: async () => true,
  async *history(key) {
    if (ledger) yield* ledger.history(key);
  },
  async *due() {},
  pauses: async () => ledger?.pauses() ?? {},
  pause: refuse('pause'),
  resume: refuse('resume'),
});

/** The fix of each drift, worked out whatever was decided about it, by control. */
export async function plansOf(
  key: ResourceKey,
  results: readonly Result[],
  cause: Cause,
  { controls }: Catalogue,
  runtime: Runtime,
): Promise<ReadonlyMap<string, Intent>> {
  const drifted = results.filter(({ status }) => status === 'NON_COMPLIANT').map(({ control }) => control);
  const looks = await lookAt(
    key,
    controls.filter(({ id }) => drifted.includes(id)),
    runtime,
  );
  const plans = new Map<string, Intent>();
  for (const look of looks) {
    if (!isSeen(look) || look.verdict.status !== 'NON_COMPLIANT' || look.verdict.desired === 'manual') continue;
    const { id } = look.control;
    const reason = results.find(({ control }) => control === id)?.reason ?? '';
    plans.set(id, planFix(look, reason, key, cause, undefined, 'dry-run', runtime.clock.now()).intent);
  }
  return plans;
}
