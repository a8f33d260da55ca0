import { findControl } from '../find-control.ts';
import { type Io, Refusal } from '../io.ts';
import { loadSettings } from '../settings.ts';
import { openWorld } from '../world.ts';

interface Options {
  readonly control?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** `suture pause`: nothing is changed any more, by one control or by any, until somebody resumes it. */
export async function pause(io: Io, { control, region, json, reason }: Options & { reason: string }): Promise<void> {
  const which = flagOf(control);
  const { runtime, caller } = await openLedger(io, region);
  const at = new Date(runtime.clock.now()).toISOString();
  await runtime.ledger.pause(which, { by: caller.arn, reason, at });
  if (json) io.out(JSON.stringify({ pauses: await runtime.ledger.pauses() }));
  else
    io.out(
      `${control ?? 'Everything'} is paused: drift is still reported, nothing is changed. Resume with: npx suture resume${control ? ` --control ${control}` : ''}`,
    );
}

/** `suture resume`: takes a pause away. What is due is looked at again by itself. */
export async function resume(io: Io, { control, region, json }: Options): Promise<void> {
  const which = flagOf(control);
  const { runtime } = await openLedger(io, region);
  const flag = (await runtime.ledger.pauses())[which];
  if (!flag) throw new Refusal(`${control ?? 'Everything'} is not paused.`);
  await runtime.ledger.resume(which);
  if (json) io.out(JSON.stringify({ pauses: await runtime.ledger.pauses() }));
  else io.out(`${control ?? 'Everything'} is resumed. It was paused by ${flag.by} since ${flag.at}: ${flag.reason}`);
}

const flagOf = (control: string | undefined): string => (control === undefined ? '*' : findControl(control).id);

const openLedger = (io: Io, region: string | undefined) =>
  openWorld(io, { settings: loadSettings().settings, needs: ['SUTURE_TABLE'], ...(region && { region }) });
