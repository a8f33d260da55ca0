import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { controls, types } from '../functions/catalog.ts';
import type { Op } from '../lib/aws/op.ts';
import { idByPlace } from '../lib/deploy/discover.ts';
import { MOST_PATTERN_CHARACTERS } from '../lib/deploy/patterns.ts';
import { stack } from '../lib/deploy/stack.ts';
import { HIPAA } from '../lib/hipaa.ts';
import { match } from '../lib/triggers/index.ts';
import { catalogue, committed, everything, ofType, properties } from './deploy/catalogue.ts';
import { authorizationReference } from './deploy/iam-actions.ts';
import { workerMiniStack } from './support/emulators.ts';
import { brief, index, sample } from './triggers/samples.ts';

const reference = authorizationReference();
function mistakes({ name, iam, arn }: Op): string[] {
  return iam.flatMap((action) => {
    const resources = reference(action);
    if (!resources) return [`${name} needs ${action}, which does not exist`];
    return arn === '*' && resources.length > 0
      ? [`${name} asks for ${action} on *, not on a ${resources.join(' or ')}`]
      : [];
  });
}

const byId = controls.map((control) => [control.id, control] as const);

describe.each(byId)('%s', (id, control) => {
  test('is named after its place', () => {
    const places = catalogue.families.flatMap(({ name }) =>
      readdirSync(`functions/${name}`).map((file) => idByPlace(name, file.replace(/\.ts$/, ''))),
    );
    expect(places.filter((place) => place === id)).toEqual([id]);
  });

  test('says in its title what holds, shortly and in the present tense', () => {
    expect(control.title.length).toBeLessThanOrEqual(80);
    expect(control.title).toMatch(/^[A-Z][^.!?]*$/);
    expect(control.title).not.toMatch(/\b(?:ensure|should|must|shall|will|check|verify)\b/i);
  });

  test('cites what exists', () => {
    expect(control.hipaa.filter((citation) => !Object.hasOwn(HIPAA, citation))).toEqual([]);
    expect(new Set(control.hipaa).size).toBe(control.hipaa.length);
  });

  test('fills its reasons only with names in braces that close', () => {
    for (const reason of Object.values(control.reasons)) {
      expect(reason.replaceAll(/\{\{\w+\}\}/g, '')).not.toMatch(/[{}]/);
    }
  });

  test('names its operations as their commands are named, reads as reads and writes as writes', () => {
    const { reads, writes } = control;
    const ops: readonly Op[] = [...reads, ...writes.fix, ...writes.revert];
    for (const { name, command } of ops) expect(`${name.split(':')[1]}Command`).toBe(command.name);
    expect(reads.filter(({ kind }: Op) => kind !== 'read')).toEqual([]);
    expect([...writes.fix, ...writes.revert].filter(({ kind }: Op) => kind !== 'write')).toEqual([]);
  });

  test('asks for IAM actions that exist, and for every resource only where IAM knows no narrower', () => {
    const { reads, writes } = control;
    expect([...reads, ...writes.fix, ...writes.revert].flatMap(mistakes)).toEqual([]);
  });

  const calls = control.triggers.flatMap(({ source, events }) => Object.keys(events).map((event) => [source, event]));
  test.each(calls)('%s %s has a sample event that leads to it', (source, event) => {
    const leading = index.samples.filter(({ file, targets = [] }) => {
      const { eventSource, eventName } = sample(file).detail ?? {};
      return eventSource === source && eventName === event && targets.some((target) => target.controls.includes(id));
    });
    expect(leading.map(({ file }) => file)).not.toEqual([]);
  });
});

test('ids are unique', () => {
  expect(new Set(controls.map(({ id }) => id)).size).toBe(controls.length);
});

describe.each(types.map((type) => [type.name, type] as const))('%s', (name, type) => {
  test('is judged by some control', () => {
    expect(controls.filter(({ resources }) => resources.includes(name))).not.toEqual([]);
  });

  test('can be listed, with IAM actions that exist', () => {
    expect(type.reads).not.toEqual([]);
    expect(type.reads.flatMap(mistakes)).toEqual([]);
  });

  test('has samples of what deletes it, of what AWS Config and of what Security Hub say of it', () => {
    const leading = index.samples.filter(({ targets = [] }) => targets.some((target) => target.type === name));
    const events = leading.map(({ file }) => sample(file));
    expect(events.map(({ detail }) => detail.eventName)).toEqual(expect.arrayContaining([...type.deletedBy.events]));
    expect(events.map((event) => event['detail-type'])).toEqual(
      expect.arrayContaining(['Config Rules Compliance Change', 'Security Hub Findings - Imported']),
    );
  });
});

describe('a sample event', () => {
  const context = { controls, types, ownRoles: index.ownRoles };
  test.each(index.samples)('$file leads where its table says, with the real controls', ({ file, ...expected }) => {
    expect(brief(match(sample(file), context))).toEqual({
      outcome: expected.outcome,
      ...(expected.origin && { origin: expected.origin }),
      ...(expected.targets && {
        targets: expected.targets.map((target) => ({ ...target, controls: [...target.controls].sort() })),
      }),
    });
  });

  // MiniStack's rules of matching are EventBridge's own, written by others than us; see test/deploy/patterns.test.ts.
  test('that leads to a control is let through by a rule of its family', async () => {
    const { url } = await workerMiniStack();
    const bridge = new EventBridgeClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const lets = async (rule: string, event: unknown): Promise<boolean> => {
      const EventPattern = JSON.stringify(properties(committed, rule).EventPattern);
      const { Result } = await bridge.send(new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) }));
      return Result === true;
    };
    const missed: string[] = [];
    for (const { file, targets = [] } of index.samples) {
      const ids = new Set(targets.flatMap(({ controls }) => controls));
      const families = catalogue.families.filter(({ controls }) => controls.some(({ control }) => ids.has(control.id)));
      for (const { name: family } of families) {
        const rules = [
          `${family[0]!.toUpperCase()}${family.slice(1)}CallsRule`,
          `${family[0]!.toUpperCase()}${family.slice(1)}FindingsRule`,
        ];
        const answers = await Promise.all(rules.map((rule) => lets(rule, sample(file))));
        if (!answers.includes(true)) missed.push(`${file} does not reach ${family}`);
      }
    }
    bridge.destroy();
    expect(missed).toEqual([]);
  });
});

test('generated files are current', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('the deployment stays within AWS quotas, with every control in auto mode', () => {
  const fixing = stack(catalogue, everything('auto'));

  test('500 resources for a stack, 7 for a family function', () => {
    const { Resources } = fixing.resources;
    const functions = Object.keys(fixing.functions).length;
    expect(functions).toBeLessThanOrEqual(30);
    // Two more are the framework's: the bucket for the packages, and its policy.
    expect(Object.keys(Resources).length + functions + 2).toBeLessThan(500);
    for (const prefix of ['Ec2', 'S3', 'Rds']) {
      expect(Object.keys(Resources).filter((id) => id.startsWith(prefix)).length + 1).toBeLessThanOrEqual(7);
    }
  });

  test('100 rules, each pattern short enough', () => {
    const rules = ofType(fixing, 'AWS::Events::Rule');
    expect(rules.length).toBeLessThan(100);
    for (const [, { EventPattern }] of rules) {
      expect(JSON.stringify(EventPattern ?? {}).length).toBeLessThanOrEqual(MOST_PATTERN_CHARACTERS);
    }
  });

  test('10,240 characters for the inline policies of a role', () => {
    for (const [, { Policies }] of ofType(fixing, 'AWS::IAM::Role')) {
      expect(JSON.stringify(Policies).length).toBeLessThan(10_240);
    }
  });
});
