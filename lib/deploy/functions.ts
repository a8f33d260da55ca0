import type { Settings } from '../settings.ts';
import { METRICS } from './alarms.ts';
import {
  ACCOUNT,
  functionName,
  getAtt,
  lambdaId,
  logicalId,
  PARTITION,
  policy,
  REGION,
  type Resource,
  type Resources,
  ref,
  STAGE,
  type Statement,
  sub,
} from './cloudformation.ts';
import type { Family } from './discover.ts';
import { callsPattern, findingsPattern } from './patterns.ts';
import { controlStatements, modeOf } from './policy.ts';
import {
  agendaStatement,
  deadLetterStatement,
  evidenceStatement,
  findingStatements,
  keyStatement,
  ledgerStatement,
  logStatement,
  SHARED,
} from './shared.ts';

/**
 * V8 keeps the young generation at 2 MB instead of letting it grow to 16: a process stays below 100 MB, and an event costs the
 * same CPU (npm run bench, both ways in one run).
 */
export const NODE_OPTIONS = '--max-semi-space-size=2';

/** One Lambda function, as the framework wants it, and the resources that belong to it alone. */
export interface Deployed {
  readonly lambda: Readonly<Record<string, unknown>>;
  readonly resources: Resources;
}

/** CloudWatch Logs' own step for six years, the time 45 CFR 164.316(b)(2)(i) asks documentation to be kept. */
const LOG_RETENTION_DAYS = 2192;

/** How long EventBridge tries to hand over an event, and Lambda to run the function with it; then it is a dead letter. */
interface Retries {
  readonly delivery: { readonly attempts: number; readonly seconds: number };
  readonly run: { readonly attempts: number; readonly seconds: number };
}
/** AWS's maxima: an event that is a day old still says where to look, and the state is read again anyway. */
const EVENT: Retries = { delivery: { attempts: 185, seconds: 86_400 }, run: { attempts: 2, seconds: 21_600 } };
/** The next tick does all that a lost one would have done. */
const TICK: Retries = { delivery: { attempts: 0, seconds: 60 }, run: { attempts: 0, seconds: 60 } };
const limits = ({ attempts, seconds }: Retries['run']) => ({
  MaximumRetryAttempts: attempts,
  MaximumEventAgeInSeconds: seconds,
});

/** The function of one service family, with the rules that wake it. */
export function familyFunction(
  { name, controls: found, types }: Family,
  settings: Settings,
  families: readonly string[],
): Deployed {
  const controls = found.map(({ control }) => control).filter((control) => modeOf(settings, control) !== 'off');
  const judged = new Set(controls.flatMap(({ resources }) => resources));
  const specs = types.map(({ spec }) => spec).filter((spec) => judged.has(spec.name));
  return deployed(name, {
    description: `Suture: controls of ${name}`,
    families,
    statements: [
      ...controlStatements(controls, specs, settings),
      ledgerStatement,
      evidenceStatement,
      ...findingStatements,
      keyStatement('kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'),
    ],
    retries: EVENT,
    rules: {
      Calls: { EventPattern: callsPattern(controls, specs) },
      Findings: { EventPattern: findingsPattern(specs) },
    },
  });
}

/** The function that hands what is due to the families, each minute. What it misses is still due in the next one. */
export function agendaFunction(families: readonly string[]): Deployed {
  return deployed('agenda', {
    description: 'Suture: looks again at what is due',
    families,
    statements: [
      agendaStatement,
      {
        Sid: 'Families',
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        // By name, not by GetAtt: no function is to be replaced because another one is.
        Resource: families.map((family) =>
          sub(`arn:${PARTITION}:lambda:${REGION}:${ACCOUNT}:function:${functionName(family)}`),
        ),
      },
      keyStatement('kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*'),
    ],
    retries: TICK,
    rules: { Tick: { ScheduleExpression: 'rate(1 minute)' } },
  });
}

interface Plan {
  readonly description: string;
  readonly families: readonly string[];
  readonly statements: readonly Statement[];
  readonly retries: Retries;
  readonly rules: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function deployed(name: string, plan: Plan): Deployed {
  const id = (suffix: string): string => logicalId(name, suffix);
  const queueArn = getAtt(SHARED.queue);
  const rule = (suffix: string, when: Readonly<Record<string, unknown>>): Resource => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${functionName(name)}-${suffix.toLowerCase()}`,
      State: 'ENABLED',
      ...when,
      Targets: [
        {
          Id: name,
          Arn: getAtt(lambdaId(name)),
          RetryPolicy: limits(plan.retries.delivery),
          DeadLetterConfig: { Arn: queueArn },
        },
      ],
    },
  });
  return {
    lambda: {
      name: functionName(name),
      description: plan.description,
      handler: 'index.handler',
      role: getAtt(id('Role')),
      package: { artifact: `.build/${name}.zip` },
      disableLogs: true,
      environment: environment(plan.families),
    },
    resources: {
      [id('Role')]: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: functionName(name),
          AssumeRolePolicyDocument: policy({
            Sid: 'Lambda',
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          }),
          Policies: [
            {
              PolicyName: 'suture',
              PolicyDocument: policy(...plan.statements, deadLetterStatement, logStatement(name)),
            },
          ],
        },
      },
      [id('LogGroup')]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: `/aws/lambda/${functionName(name)}`,
          RetentionInDays: LOG_RETENTION_DAYS,
          KmsKeyId: getAtt(SHARED.key),
        },
      },
      [id('InvokeConfig')]: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: ref(lambdaId(name)),
          Qualifier: '$LATEST',
          ...limits(plan.retries.run),
          DestinationConfig: { OnFailure: { Destination: queueArn } },
        },
      },
      [id('Permission')]: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: ref(lambdaId(name)),
          Principal: 'events.amazonaws.com',
          SourceArn: sub(`arn:${PARTITION}:events:${REGION}:${ACCOUNT}:rule/${functionName(name)}-*`),
        },
      },
      ...Object.fromEntries(
        Object.entries(plan.rules).map(([suffix, when]) => [id(`${suffix}Rule`), rule(suffix, when)]),
      ),
    },
  };
}

const environment = (families: readonly string[]) => ({
  SUTURE_STAGE: STAGE,
  SUTURE_FAMILIES: families.join(','),
  SUTURE_TABLE: ref(SHARED.table),
  SUTURE_EVIDENCE_BUCKET: ref(SHARED.bucket),
  SUTURE_ROLE_PREFIX: sub(`arn:${PARTITION}:iam::${ACCOUNT}:role/${functionName('')}`),
  ...METRICS,
  NODE_OPTIONS,
});
