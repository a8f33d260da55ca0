import { types } from '../functions/catalog.ts';
import { type Log, type LogFields, type Runtime, WRITE_TIMEOUT_MS } from '../lib/engine/runtime.ts';
import type { ResourceKey } from '../lib/resource.ts';
import { createRuntimeFactory } from '../lib/runtime.ts';
import type { Settings } from '../lib/settings.ts';
import { type Caller, checkAccount, homeRegion, whoCalls } from './caller.ts';
import { readOnly } from './dry-run.ts';
import type { Io } from './io.ts';
import { findStores, type Stores, UNUSED } from './stores.ts';

/** AWS as a command sees it, with the credentials of whoever runs it. */
export interface World {
  readonly caller: Caller;
  readonly runtime: Runtime;
  readonly dryRun: boolean;
  /** Whether somebody asked to stop. */
  readonly stopped: () => boolean;
}
interface Asked {
  readonly settings: Settings;
  /** The resources in question, when they are known by themselves. */
  readonly keys?: readonly ResourceKey[];
  readonly region?: string;
  /** Nothing is written anywhere; without a ledger in the environment an empty one is assumed. */
  readonly dryRun?: boolean;
  readonly needs?: readonly (keyof Stores)[];
}

/** A command has so long from here to its end. */
const LIFE_MS = 5 * 60_000;

/** @throws Refusal when credentials, region or stores are missing, or the credentials are of another account */
export async function openWorld(io: Io, asked: Asked): Promise<World> {
  const { settings, keys = [], dryRun = false, needs = ['SUTURE_TABLE', 'SUTURE_EVIDENCE_BUCKET'] } = asked;
  const region = asked.region ?? homeRegion(io, keys);
  const stop = io.interruptible();
  const caller = await whoCalls(region);
  checkAccount(caller, keys);
  const stores = dryRun ? { ...UNUSED, ...definedOf(io.env) } : await findStores(io, needs, caller.account, region);
  const make = createRuntimeFactory({
    env: { ...io.env, ...stores, AWS_REGION: region },
    settings,
    types,
    account: caller.account,
    log: logTo(io),
  });
  const runtime = make(remaining(stop));
  return { caller, dryRun, stopped: () => stop.aborted, runtime: dryRun ? planning(io, runtime) : runtime };
}

function planning(io: Io, runtime: Runtime): Runtime {
  if (io.env.SUTURE_TABLE) return readOnly(runtime, runtime.ledger);
  io.err('SUTURE_TABLE is not set: planned as if nothing were paused, exempt, held or under way.');
  return readOnly(runtime, undefined);
}

const definedOf = ({ SUTURE_TABLE }: Io['env']) => (SUTURE_TABLE ? { SUTURE_TABLE } : {});

/** After Ctrl-C just too little time for another write, and enough to tell of those that were sent. */
function remaining(stop: AbortSignal): () => number {
  const end = Date.now() + LIFE_MS;
  let soon: number | undefined;
  return () => {
    if (stop.aborted) soon ??= Date.now() + WRITE_TIMEOUT_MS - 1;
    return Math.max(0, Math.min(end, soon ?? end) - Date.now());
  };
}

/** What went wrong on the way, for the person in front of it; metrics are the functions' business. */
function logTo(io: Io): Log {
  const tell = (message: string, fields: LogFields) => {
    const details = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`));
    io.err(`${message} ${details.join(' ')}`);
  };
  return { info() {}, warn: tell, error: tell, count() {} };
}
