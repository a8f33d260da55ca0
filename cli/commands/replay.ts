import { controls, types } from '../../functions/catalog.ts';
import { type Catalogue, handle } from '../../lib/handle.ts';
import { type Match, match } from '../../lib/triggers/index.ts';
import { plansOf } from '../dry-run.ts';
import { type Read, readEvents } from '../events.ts';
import { type Io, Refusal } from '../io.ts';
import { type MatchedEvent, matchedEvent, type Replayed, replayedResource } from '../replay-json.ts';
import { matchedText, replayedText } from '../replay-text.ts';
import { loadSettings } from '../settings.ts';
import { openWorld, type World } from '../world.ts';

export interface ReplayOptions {
  readonly dryRun?: boolean;
  readonly matchOnly?: boolean;
  readonly json?: boolean;
  readonly settings?: string;
}

/**
 * `suture replay`: events through the same code as in Lambda, with all controls.
 * @returns whether everything went as it should: no file broken, no event that nobody understands, no resource that failed
 */
export async function replay(io: Io, files: readonly string[], options: ReplayOptions): Promise<boolean> {
  const catalogue: Catalogue = { controls, types, ownRoles: ownRoles(io.env) };
  const read = await readEvents(files, io);
  if (read.length === 0) throw new Refusal(`${files.join(', ')}: an empty array, so there is no event to replay.`);
  const matches = read.map((each) => ({ ...each, match: matchOf(each, catalogue) }));
  if (options.matchOnly) {
    const events = matches.map((each) => matchedEvent(each.file, each.match));
    if (options.json) io.out(JSON.stringify(events));
    else for (const event of events) io.out(matchedText(io, event));
    return !read.some((each) => 'problem' in each && each.missing);
  }

  const keys = matches
    .flatMap((each) => (each.match.outcome === 'matched' ? each.match.targets : []))
    .map(({ key }) => key);
  const { settings } = loadSettings(options.settings);
  const world = keys.length > 0 ? await openWorld(io, { keys, settings, dryRun: options.dryRun === true }) : undefined;
  const replayed: Replayed[] = [];
  for (const each of matches) {
    if (world?.stopped()) break;
    const begun = matchedEvent(each.file, each.match);
    const one: Replayed =
      world && 'event' in each && each.match.outcome === 'matched'
        ? await replayOne(begun, each.event, each.match, catalogue, world)
        : { ...begun, resources: [] };
    replayed.push(one);
    if (!options.json) io.out(replayedText(io, one, each.match));
  }
  if (options.json) io.out(JSON.stringify(replayed));
  const left = matches.length - replayed.length;
  if (left > 0) io.err(`Stopped: ${left} of ${matches.length} events were not replayed.`);
  return left === 0 && replayed.every(wentWell);
}

const matchOf = (read: Read, catalogue: Catalogue): Match =>
  'problem' in read ? { outcome: 'malformed', reason: read.problem } : match(read.event, catalogue);

async function replayOne(
  begun: MatchedEvent,
  event: unknown,
  matched: Extract<Match, { outcome: 'matched' }>,
  catalogue: Catalogue,
  { runtime, dryRun }: World,
): Promise<Replayed> {
  const { resources } = await handle(event, catalogue, runtime);
  return {
    ...begun,
    ...(dryRun && { dryRun }),
    resources: await Promise.all(
      resources.map(async (resource) => {
        const { key, outcome } = resource;
        const plans =
          dryRun && outcome ? await plansOf(key, outcome.results, matched.cause, catalogue, runtime) : undefined;
        return replayedResource(resource, plans);
      }),
    ),
  };
}

const wentWell = ({ outcome, resources, dryRun }: Replayed): boolean =>
  (outcome === 'matched' || outcome === 'ignored') &&
  resources.every(
    ({ error, controls: all }) =>
      error === undefined &&
      all.every(({ status, decision }) => status !== 'UNKNOWN' && (dryRun || decision !== 'REMEDIATE')),
  );

/** Named as the deployed functions name them; without them Suture's own calls are looked at like anybody's. */
const ownRoles = ({ SUTURE_FAMILIES = '', SUTURE_ROLE_PREFIX }: NodeJS.ProcessEnv): string[] =>
  SUTURE_ROLE_PREFIX ? SUTURE_FAMILIES.split(',').map((name) => `${SUTURE_ROLE_PREFIX}${name}`) : [];
