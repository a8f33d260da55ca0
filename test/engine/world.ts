import { service } from '../../lib/aws/op.ts';
import type { Cause } from '../../lib/cause.ts';
import { type AnyControl, defineControl } from '../../lib/control.ts';
import type { Evidence } from '../../lib/engine/evidence.ts';
import type { Finding } from '../../lib/engine/findings.ts';
import type { Ledger } from '../../lib/engine/ledger.ts';
import type { Clock, Runtime, Send } from '../../lib/engine/runtime.ts';
import type { ResourceKey, TypeName } from '../../lib/resource.ts';
import type { Mode } from '../../lib/settings.ts';
import { SteppingClock } from '../support/memory-stores.ts';

/** A little cloud of its own for tests of the engine: things with a colour and a lid, and groups that things share. */
const THING: TypeName = 'AWS::Test::Thing';
const GROUP: TypeName = 'AWS::Test::Group';
interface ThingInput {
  Id: string;
}
class Client {
  send = async (): Promise<unknown> => undefined;
  destroy(): void {}
}
class Command<I, O> {
  readonly input: I;
  constructor(input: I) {
    this.input = input;
  }
  resolveMiddleware(): () => Promise<{ output: O }> {
    throw new Error('never sent: the world answers');
  }
}
class GetThingCommand extends Command<ThingInput, Thing> {}
class GetGroupCommand extends Command<{ Group: string }, { Rule: string }> {}
class PaintCommand extends Command<ThingInput & { Color: string | null }, Record<string, never>> {}
class CoverCommand extends Command<ThingInput & { Lid: string | null }, Record<string, never>> {}
class SetRuleCommand extends Command<{ Group: string; Rule: string }, Record<string, never>> {}

export interface Thing {
  color: string | null;
  lid: string | null;
  group: string;
}
const test = service('test', Client);
const onThing = { on: ({ Id }: ThingInput) => ({ type: THING, id: Id }), gone: ['ThingNotFound'] };
const onGroup = { on: ({ Group }: { Group: string }) => ({ type: GROUP, id: Group }), gone: ['GroupNotFound'] };
export const getThing = test.read('GetThing', GetThingCommand, { iam: ['test:GetThing'], ...onThing });
export const getGroup = test.read('GetGroup', GetGroupCommand, { iam: ['test:GetGroup'], ...onGroup });
export const paint = test.write('Paint', PaintCommand, { iam: ['test:Paint'], ...onThing });
export const cover = test.write('Cover', CoverCommand, { iam: ['test:Cover'], ...onThing });
export const setRule = test.write('SetRule', SetRuleCommand, { iam: ['test:SetRule'], ...onGroup });

const about = {
  rationale: 'For tests.',
  impact: 'none',
  reverts: 'fully',
  hipaa: ['164.312(a)(1)'],
  mapsTo: {},
  resources: [THING],
  triggers: [{ source: 'test.amazonaws.com', events: { Paint: 'changes', MakeThing: 'creates' } }],
} as const;

/** Things are green. `grey` cannot be judged yet, `gold` is nobody's business, `black` is beyond repair. */
export const green = defineControl({
  ...about,
  id: 'test-thing-green',
  title: 'Things are green',
  severity: 'HIGH',
  reasons: {
    notGreen: '{{thing}} is {{color}}.',
    drying: '{{thing}} is drying.',
    wet: '{{thing}} is green and wet.',
    precious: '{{thing}} is gold.',
    burnt: '{{thing}} is burnt.',
  },
  reads: [getThing],
  writes: { fix: [paint], revert: [] },
  async observe({ id }, call) {
    const { color } = await call(getThing, { Id: id });
    return { id, color };
  },
  get: ({ color }) => ({ color }),
  evaluate({ id: thing, color }) {
    if (color === 'green') return { status: 'COMPLIANT' };
    if (color === 'gold') return { status: 'NOT_APPLICABLE', reason: 'precious', data: { thing } };
    if (color === 'grey') return { status: 'UNSETTLED', reason: 'drying', data: { thing }, lookAgainSeconds: 30 };
    if (color === 'wet') return { status: 'PENDING', reason: 'wet', data: { thing } };
    if (color === 'black') return { status: 'NON_COMPLIANT', reason: 'burnt', data: { thing }, desired: 'manual' };
    return {
      status: 'NON_COMPLIANT',
      reason: 'notGreen',
      data: { thing, color: color ?? 'bare' },
      desired: { color: 'green' },
      ...(color === 'red+' && { blastRadius: ['the neighbour'] }),
      ...(color === 'blue+' && { takesEffect: 'later' as const }),
    };
  },
  set: ({ id }, { color }) => (color === undefined ? [] : [{ op: paint, input: { Id: id, Color: color } }]),
});

/** Things have a lid; an open one is an exposure. */
export const lidded = defineControl({
  ...about,
  id: 'test-thing-lidded',
  title: 'Things have a lid',
  severity: 'MEDIUM',
  exposure: true,
  reasons: { open: '{{thing}} is open.' },
  reads: [getThing],
  writes: { fix: [cover], revert: [] },
  async observe({ id }, call) {
    const { lid } = await call(getThing, { Id: id });
    return { id, lid };
  },
  get: ({ lid }) => ({ lid }),
  evaluate: ({ id: thing, lid }) =>
    lid === 'shut'
      ? { status: 'COMPLIANT' }
      : { status: 'NON_COMPLIANT', reason: 'open', data: { thing }, desired: { lid: 'shut' } },
  set: ({ id }, { lid }) =>
    lid === undefined ? [] : [{ op: cover, input: { Id: id, Lid: lid }, accept: ['AlreadyCovered'] }],
});

/** The rule of a thing's group is strict; groups are shared. */
export const strict = defineControl({
  ...about,
  id: 'test-thing-strict',
  title: 'Groups of things are strict',
  severity: 'LOW',
  reasons: { loose: 'Group {{group}} of {{thing}} is {{rule}}.' },
  reads: [getThing, getGroup],
  writes: { fix: [setRule], revert: [] },
  async observe({ id }, call) {
    const { group } = await call(getThing, { Id: id });
    const { Rule: rule } = await call(getGroup, { Group: group });
    return { id, group, rule };
  },
  get: ({ rule }) => ({ rule }),
  evaluate: ({ id: thing, group, rule }) =>
    rule === 'strict'
      ? { status: 'COMPLIANT' }
      : { status: 'NON_COMPLIANT', reason: 'loose', data: { thing, group, rule }, desired: { rule: 'strict' } },
  set: ({ group }, { rule }) => (rule === undefined ? [] : [{ op: setRule, input: { Group: group, Rule: rule } }]),
});

export const controls: readonly AnyControl[] = [green, lidded, strict];

export const thing = (id = 'box'): ResourceKey => ({
  partition: 'aws',
  account: '111122223333',
  region: 'us-east-1',
  type: THING,
  id,
});

export function failure(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** Called before and after the effect of every call to the outside; may wait, throw, or never answer. */
export type Step = (name: string, when: 'before' | 'after') => Promise<void>;

export class World {
  readonly clock = new SteppingClock('2026-01-05T03:00:00Z');
  readonly things = new Map<string, Thing>();
  readonly groups = new Map<string, string>();
  /** Findings as Security Hub would hold them. */
  readonly findings = new Map<string, Finding>();
  readonly evidence = new Map<string, Evidence>();
  /** Every write and import in order: what the world saw of us. */
  readonly log: string[] = [];
  readonly sent: string[] = [];
  readonly metrics: Record<string, number> = {};
  readonly ledger: Ledger;
  modes: Record<string, Mode> = Object.fromEntries(controls.map(({ id }) => [id, 'auto' as const]));
  refuseFindings = false;
  refuseEvidence = false;
  #tokens = 0;

  constructor(ledger: (clock: Clock) => Ledger) {
    this.ledger = ledger(this.clock);
    this.groups.set('shelf', 'strict');
  }

  make(id = 'box', with_: Partial<Thing> = {}): ResourceKey {
    this.things.set(id, { color: 'green', lid: 'shut', group: 'shelf', ...with_ });
    return thing(id);
  }

  cause(change: Partial<Cause> = {}): Cause {
    return {
      source: 'cloudtrail',
      eventId: 'e-1',
      eventName: 'Paint',
      time: new Date(this.clock.now() - 30_000).toISOString(),
      origin: 'changes',
      principal: { type: 'AssumedRole', issuerArn: 'arn:aws:iam::111122223333:role/painter' },
      ...change,
    };
  }

  /** One process of Suture's. `step` sees each of its calls. */
  runtime(step: Step = async () => {}, remaining: () => number = () => 60_000): Runtime {
    const seen = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
      await step(name, 'before');
      const answer = await act();
      await step(name, 'after');
      return answer;
    };
    const { ledger } = this;
    return {
      settings: { modes: this.modes, evidence: { retentionDays: 2192, lockMode: 'GOVERNANCE' } },
      send: () =>
        ((op: { name: string }, input: Record<string, string>) =>
          seen(op.name, () => this.#answer(op.name, input))) as unknown as Send,
      ledger: {
        read: (key) => seen('ledger.read', () => ledger.read(key)),
        take: (...all) => seen('ledger.take', () => ledger.take(...all)),
        release: (...all) => seen('ledger.release', () => ledger.release(...all)),
        leave: (...all) => seen('ledger.leave', () => ledger.leave(...all)),
        history: (key) => ledger.history(key),
        due: (...all) => ledger.due(...all),
        pause: (...all) => ledger.pause(...all),
        resume: (...all) => ledger.resume(...all),
        pauses: () => ledger.pauses(),
      },
      evidence: {
        put: (evidence) =>
          seen('evidence.put', async () => {
            if (this.refuseEvidence) throw failure('AccessDenied');
            if (!this.evidence.has(evidence.intent.id)) this.evidence.set(evidence.intent.id, evidence);
          }),
      },
      hub: {
        publish: (findings) =>
          seen('hub.publish', async () => {
            if (this.refuseFindings) return new Set<string>();
            for (const finding of findings) {
              const stored = this.findings.get(finding.id);
              if (!stored || stored.updatedAt <= finding.updatedAt) this.findings.set(finding.id, finding);
              this.log.push(
                `finding ${finding.control.id} ${finding.recordState === 'ARCHIVED' ? 'ARCHIVED' : finding.compliance}`,
              );
            }
            return new Set(findings.map(({ id }) => id));
          }),
      },
      clock: this.clock,
      remaining,
      newToken: () => `token-${++this.#tokens}-0000000000`,
      log: {
        info: () => {},
        warn: () => {},
        error: () => {},
        count: (metric, value = 1) => {
          this.metrics[metric] = (this.metrics[metric] ?? 0) + value;
        },
      },
    };
  }

  finding(control: AnyControl, id = 'box'): Finding | undefined {
    return [...this.findings.values()].find((finding) => finding.control.id === control.id && finding.key.id === id);
  }

  async #answer(name: string, input: Record<string, string>): Promise<unknown> {
    this.sent.push(name);
    const { Id = '', Group = '' } = input;
    if (name === 'test:GetGroup') {
      if (!this.groups.has(Group)) throw failure('GroupNotFound');
      return { Rule: this.groups.get(Group) };
    }
    if (name === 'test:SetRule') {
      this.log.push(`${Group} rule ${input.Rule}`);
      this.groups.set(Group, input.Rule ?? '');
      return {};
    }
    const found = this.things.get(Id);
    if (!found) throw failure('ThingNotFound');
    if (name === 'test:GetThing') return { ...found };
    if (name === 'test:Paint') found.color = input.Color ?? null;
    else found.lid = input.Lid ?? null;
    this.log.push(name === 'test:Paint' ? `${Id} color ${input.Color}` : `${Id} lid ${input.Lid}`);
    return {};
  }
}
