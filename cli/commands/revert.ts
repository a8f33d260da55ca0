import { controls } from '../../functions/catalog.ts';
import type { AnyControl } from '../../lib/control.ts';
import { type Difference, type RevertOutcome, revert as takeBack } from '../../lib/engine/revert.ts';
import type { ResourceKey, TypeName } from '../../lib/resource.ts';
import { readArn } from '../../lib/triggers/arn.ts';
import { partitionOf } from '../../lib/triggers/envelope.ts';
import { namedByArn, namedById } from '../../lib/triggers/locate/index.ts';
import { checkAccount, homeRegion } from '../caller.ts';
import { findControl } from '../find-control.ts';
import { type Io, Refusal } from '../io.ts';
import { wrapped } from '../layout.ts';
import { fixText, shown } from '../replay-text.ts';
import { loadSettings } from '../settings.ts';
import { openWorld } from '../world.ts';

export interface RevertOptions {
  readonly reason: string;
  readonly region?: string;
  readonly intent?: string;
  readonly through?: boolean;
  readonly dryRun?: boolean;
  readonly days?: number;
  readonly json?: boolean;
  readonly settings?: string;
}

/**
 * `suture revert`: takes back a fix, with the rights of whoever asks.
 * @returns whether it is taken back (in a dry run: could be)
 */
export async function revert(io: Io, id: string, resource: string, options: RevertOptions): Promise<boolean> {
  const control = findControl(id);
  const { reason, intent, through, dryRun, days } = options;
  if (reason.trim() === '') throw new Refusal('--reason is empty: an auditor asks why a fix was taken back.');
  const named = identify(control, resource);
  const arn = readArn(resource);
  const region = options.region || arn?.region || io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION;
  if (!region) throw new Refusal(`Say where ${resource} is: --region <region>, or AWS_REGION.`);
  const { settings } = loadSettings(options.settings);
  const world = await openWorld(io, {
    settings,
    // A deployment looks after its own region; the environment may name another for a global resource.
    region: homeRegion(io, [{ region }]),
    ...(dryRun && { needs: ['SUTURE_TABLE' as const] }),
  });
  const { caller, runtime } = world;
  const key: ResourceKey = { partition: partitionOf(region), account: caller.account, region, ...named };
  if (arn?.account) checkAccount(caller, [{ ...key, account: arn.account }]);
  const request = {
    ...{ key, control: id, by: caller.arn, reason },
    ...(intent && { intent }),
    ...(through && { through }),
    ...(dryRun && { dryRun }),
    ...(days !== undefined && { days }),
  };
  const outcome = await takeBack(request, controls, runtime);
  if (options.json) io.out(JSON.stringify(outcome));
  else io.out(text(io, outcome, key));
  return outcome.status === 'reverted' || outcome.status === 'planned';
}

/** What the reader named, by ARN or by id. */
function identify({ id: control, resources }: AnyControl, resource: string): { type: TypeName; id: string } {
  const named = resource.startsWith('arn:')
    ? namedByArn(resource)?.named
    : resources.map((type) => namedById(type, resource)).find((each) => each !== undefined);
  if (!named || !resources.includes(named.type) || named.lookup) {
    throw new Refusal(`${control} is about ${resources.join(' or ')}, and ${resource} names none.`);
  }
  if (!resource.startsWith('arn:') && resources.length > 1)
    throw new Refusal(`${control} is about ${resources.join(' and ')}: give the ARN instead of ${resource}.`);
  return { type: named.type, id: named.id };
}

function text(io: Io, outcome: RevertOutcome, { type, id }: ResourceKey): string {
  if (!('intents' in outcome)) {
    const differences = 'differences' in outcome ? (outcome.differences ?? []) : [];
    return [
      wrapped(io, `${outcome.status}: ${outcome.reason}`),
      ...differences.flatMap((difference) => differs(io, difference)),
    ].join('\n');
  }
  const heads = { reverted: 'taken back', planned: 'would be taken back; nothing was changed' };
  return outcome.intents
    .flatMap((intent) => [
      wrapped(
        io,
        `${type} ${id}: the fix ${intent.reverts?.intent ?? ''} of ${intent.control} ${heads[outcome.status]}.`,
      ),
      ...fixText(io, intent, 2),
      ...(outcome.status === 'reverted'
        ? [wrapped(io, `recorded as ${intent.id}; these slots are exempt from now on.`, 2)]
        : []),
    ])
    .join('\n');
}

const differs = (io: Io, { slot, now, ours, before }: Difference): string[] => [
  `  ${slot}`,
  wrapped(io, `now:            ${shown(now)}`, 4),
  wrapped(io, `Suture's value: ${shown(ours)}`, 4),
  wrapped(io, `before:         ${shown(before)}`, 4),
];
