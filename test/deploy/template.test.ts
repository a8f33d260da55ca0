import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, stack } from '../../lib/deploy/stack.ts';
import { DEFAULT_SETTINGS } from '../../lib/settings.ts';
import { catalogue, everything } from './catalogue.ts';

/** The template as the packager makes it: its own functions, our resources, the stage filled in. */
function template({ functions, resources }: Stack): string {
  const lambdas = Object.entries(functions).map(
    ([name, { name: FunctionName, handler, role, description, environment }]) => [
      `${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`,
      {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName,
          Handler: handler,
          Role: role,
          Description: description,
          Environment: { Variables: environment },
          Runtime: 'nodejs24.x',
          Architectures: ['arm64'],
          Code: { S3Bucket: 'packages', S3Key: `${name}.zip` },
        },
      },
    ],
  );
  const whole = {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: { ...Object.fromEntries(lambdas), ...resources.Resources },
    Outputs: resources.Outputs,
  };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the packager's
  return JSON.stringify(whole).replaceAll('${sls:stage}', 'prod');
}

/** What cfn-lint says of a template: CloudFormation's own schemas, references, and IAM's list of actions. */
function lint(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'suture-template-'));
  try {
    const file = join(folder, 'template.json');
    writeFileSync(file, text);
    const { error, stdout, stderr, status } = spawnSync(
      '.emulators/bin/cfn-lint',
      ['--format', 'json', '--regions', 'us-east-1', '--', file],
      { encoding: 'utf8' },
    );
    if (error) throw error;
    if (status !== 0 && stdout === '') throw new Error(stderr);
    return JSON.parse(stdout || '[]').map(({ Message }: { Message: string }) => Message);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('cfn-lint finds no fault with a deployment that may do everything', () => {
  expect(lint(template(stack(catalogue, everything('auto'))))).toEqual([]);
});

test('cfn-lint would find one: an action that does not exist, a property that does not exist, a reference to nothing', () => {
  const broken = template(stack(catalogue, DEFAULT_SETTINGS))
    .replace('"s3:PutObject"', '"s3:PutObjekt"')
    .replace('"EnableKeyRotation"', '"EnableKeyRotations"')
    .replace('{"Ref":"SutureLedger"}', '{"Ref":"SutureLedgers"}');
  const faults = lint(broken).join('\n');
  for (const fault of ['putobjekt', 'EnableKeyRotations', 'SutureLedgers']) {
    expect(faults.toLowerCase()).toContain(fault.toLowerCase());
  }
});
