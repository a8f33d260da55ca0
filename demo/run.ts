import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type AwsSecurityFinding, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { processIo } from '../cli/io.ts';
import { wrapped } from '../cli/layout.ts';
import { testAws } from '../test/support/aws.ts';
import type { ProxiedCall } from '../test/support/proxy.ts';
import { type Scene, scenes } from './hospital.ts';
import { type Stage, setStage } from './stage.ts';

/**
 * npm run demo: a small hospital's account drifts, and Suture, deployed to emulators, closes it. Nothing here is acted:
 * the events go over an event bus to the built Lambda bundles, which change the account and import the findings.
 */
const io = processIo();
const root = join(import.meta.dirname, '..');
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 20;

interface Timed {
  readonly at: number;
  readonly call: ProxiedCall;
}

async function main(): Promise<void> {
  const began = performance.now();
  io.out(wrapped(io, io.style('bold', 'Suture demo: two emulators stand in for AWS; nothing leaves this machine.')));
  const stage = await setStage();
  const stopped = once(() => stage.stop());
  process.once('SIGINT', () => void stopped().then(() => process.exit(130)));
  process.once('SIGTERM', () => void stopped().then(() => process.exit(143)));
  try {
    io.out(
      io.style(
        'dim',
        `The hospital's account and Suture's functions are up after ${seconds(performance.now() - began)}.`,
      ),
    );
    const calls: Timed[] = [];
    stage.proxy.disturb((call) => {
      calls.push({ at: performance.now(), call });
      return undefined;
    });
    for (const [n, scene] of scenes.entries()) await play(scene, n + 1, stage, calls);
    await takeBack(scenes[0]!, stage, calls);
    next(began);
  } finally {
    await stopped();
  }
}

/** One scene: the account changes, the event goes over the bus, and what Suture made of it is shown. */
async function play(scene: Scene, n: number, stage: Stage, calls: Timed[]): Promise<void> {
  await scene.happens(stage.hospital);
  const from = calls.length;
  const { sent, who } = await tell(scene, stage);
  const findings = await findingsOf(scene, stage);
  const done = performance.now();
  io.out('');
  io.out(wrapped(io, io.style('bold', `${n}. ${scene.title}`)));
  io.out(wrapped(io, io.style('dim', `${scene.event} on ${scene.resource}, by ${who}`), 3));
  for (const finding of findings) showFinding(finding);
  const made = calls.slice(from).filter(({ call }) => concerns(call, scene));
  const last = made.findLast(({ call }) => call.kind === 'write');
  const how = last
    ? `closed ${Math.round(last.at - sent)} ms after the event, ${made.length} calls to ${call(scene)}; whole event ${Math.round(done - sent)} ms`
    : `nothing was changed; looked at and told within ${Math.round(done - sent)} ms`;
  io.out(wrapped(io, io.style('dim', how), 3));
}

const call = ({ event }: Scene): string => (event.includes('DB') ? 'RDS' : 'the bucket');
const concerns = ({ service, url, body }: ProxiedCall, { event, resource }: Scene): boolean =>
  event.includes('DB')
    ? service === 'rds'
    : service === 's3' && url.startsWith(`/${resource}`) && !body.includes('"intent"');

/** Puts the event on the bus in the shape CloudTrail gives it. */
async function tell(scene: Scene, { events }: Stage): Promise<{ sent: number; who: string }> {
  const { event, parameters } = scene;
  const sample = JSON.parse(readFileSync(join(root, 'events', 'cloudtrail', `${event}.json`), 'utf8'));
  const { detail, source } = sample;
  const Time = new Date(Date.now() - 15_000);
  const happened = {
    ...detail,
    awsRegion: 'us-east-1',
    eventID: randomUUID(),
    eventTime: `${Time.toISOString().slice(0, 19)}Z`,
    requestParameters: parameters,
    resources: undefined,
  };
  const sent = performance.now();
  const { FailedEntryCount, Entries } = await events.send(
    new PutEventsCommand({
      Entries: [{ Source: source, DetailType: sample['detail-type'], Detail: JSON.stringify(happened), Time }],
    }),
  );
  if (FailedEntryCount) throw new Error(`The bus refused the event: ${Entries?.[0]?.ErrorMessage}`);
  const { sessionContext, arn } = detail.userIdentity;
  return { sent, who: `${sessionContext?.sessionIssuer?.userName ?? arn} from ${detail.sourceIPAddress}` };
}

/** Looks into Security Hub until each control has told of the scene. */
async function findingsOf(
  { resource, tells, title }: Scene,
  { proxy }: Stage,
  workflow?: string,
): Promise<AwsSecurityFinding[]> {
  const hub = testAws({ url: proxy.url }).client(SecurityHubClient);
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const { Findings = [] } = await hub.send(new GetFindingsCommand({ MaxResults: 100 }));
    const about = Findings.filter(({ Resources }) => Resources?.[0]?.Id?.split(/[:/]/).at(-1) === resource);
    const told = tells.flatMap((id) => about.find(({ GeneratorId }) => GeneratorId === `suture/${id}`) ?? []);
    if (told.length === tells.length && (!workflow || told.every(({ Workflow }) => Workflow?.Status === workflow)))
      return told;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(
    `"${title}": after ${PATIENCE_MS / 1000} s Security Hub does not show ${tells.join(', ')}. Please report this.`,
  );
}

function showFinding({
  Compliance,
  Description = '',
  GeneratorId = '',
  FindingProviderFields,
  ProductFields = {},
}: AwsSecurityFinding): void {
  const { Status = '', RelatedRequirements = [] } = Compliance ?? {};
  const colour = Status === 'PASSED' ? 'green' : 'yellow';
  io.out(`   ${io.style([colour, 'bold'], Status)} ${io.style('bold', GeneratorId.replace('suture/', ''))}`);
  io.out(wrapped(io, Description.replace(/ Caused by .*/, ''), 5));
  for (const [name, before] of Object.entries(ProductFields)) {
    const slot = /^suture\/before\/(.*)/.exec(name)?.[1];
    if (slot)
      io.out(
        wrapped(
          io,
          io.style('cyan', `${slot}: ${shown(before)} -> ${shown(ProductFields[`suture/after/${slot}`])}`),
          5,
        ),
      );
  }
  const severity = FindingProviderFields?.Severity?.Original ?? '';
  io.out(wrapped(io, io.style('dim', `Security Hub: ${severity}; ${RelatedRequirements.slice(0, 2).join('; ')}`), 5));
}

const shown = (value = 'null'): string => (value === 'null' ? 'none' : value.replaceAll(/([,:])"/g, '$1 "'));

/** A person takes one fix back with the command line; the next event leaves it alone. */
async function takeBack(scene: Scene, stage: Stage, calls: Timed[]): Promise<void> {
  const control = scene.tells[0]!;
  const reason = 'the teaching hospital reads these, ticket 4711';
  const args = ['revert', control, scene.resource, '--region', 'us-east-1', '--reason', reason];
  io.out('');
  io.out(io.style('bold', 'And back: somebody needs the first one open, and says why'));
  io.out(
    wrapped(
      io,
      io.style('dim', `$ npx suture ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`),
      3,
    ),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'cli', 'bin.mjs'), ...args], {
    env: { ...process.env, ...stage.env, COLUMNS: String((io.width ?? 100) - 3) },
  });
  io.out(stdout.trimEnd().replaceAll(/^/gm, '   '));
  const from = calls.length;
  await tell(scene, stage);
  const [finding] = await findingsOf({ ...scene, tells: [control] }, stage, 'SUPPRESSED');
  await quiet(calls);
  const writes = calls.slice(from).filter(({ call }) => call.kind === 'write' && concerns(call, scene));
  io.out(wrapped(io, `The same event again: ${writes.length === 0 ? 'left alone' : `${writes.length} writes`}.`, 3));
  io.out(
    wrapped(
      io,
      io.style(
        'dim',
        `Security Hub: ${finding?.Compliance?.Status}, ${finding?.Workflow?.Status}. ${finding?.Note?.Text ?? ''}`,
      ),
      3,
    ),
  );
  if (writes.length > 0) throw new Error('A fix that was taken back was made again. Please report this.');
}

/** Waits until the functions have looked, and have nothing more to call. */
async function quiet(calls: readonly Timed[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  let seen = -1;
  while (seen !== calls.length && performance.now() < until) {
    seen = calls.length;
    await sleep(400);
  }
}

function next(began: number): void {
  io.out('');
  io.out(io.style('bold', `Done in ${seconds(performance.now() - began)}. What to try next:`));
  for (const [command, what] of [
    ['npx suture controls', 'what it looks after'],
    ['npx suture explain rds-postgres-tls-required', 'one control, in words'],
    ['npx suture replay --match-only events/*/*.json', 'where events lead, without any AWS call'],
    ['npm test', 'the laws each control is held to'],
  ] as const) {
    io.out(`  ${command.padEnd(48)}${(io.width ?? 100) > 78 ? io.style('dim', what) : ''}`);
  }
  io.out(wrapped(io, 'To deploy it to an account of your own, in report mode first: README.md, "Deploy".', 2));
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}

await main();
