import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { parse } from 'yaml';
import { ACCOUNT, REGION, startEmulators } from '../emulators/start.ts';
import { controls } from '../functions/catalog.ts';
import { FAMILIES } from '../functions/families.ts';
import { packageFunctions } from '../lib/build/package.ts';
import { LEDGER_TABLE } from '../lib/engine/ledger-table.ts';
import { readSettings } from '../lib/settings-file.ts';
import { emulationGaps } from '../test/emulation-gaps.ts';
import { type TestAws, testAws } from '../test/support/aws.ts';
import { type AwsProxy, startProxy } from '../test/support/proxy.ts';

const root = join(import.meta.dirname, '..');
const SETTINGS = join(import.meta.dirname, 'suture.yml');
const TABLE = 'suture-demo-ledger';
const EVIDENCE = 'suture-demo-evidence';

/** Two emulators, with Suture deployed: its bundles in MiniStack's Lambda, the hospital's account in moto. */
export interface Stage {
  /** The hospital's account, with full rights: what its people do. */
  readonly hospital: TestAws;
  readonly events: EventBridgeClient;
  /** Between Suture and the hospital's account: it sees each of Suture's calls. */
  readonly proxy: AwsProxy;
  /** Environment for a command line that works on this stage. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const client = { region: REGION, credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' } };

export async function setStage(): Promise<Stage> {
  const emulators = await startEmulators({ moto: true, ministack: true });
  const out = await mkdtemp(join(tmpdir(), 'suture-demo-'));
  const proxy = await startProxy(emulators.moto.url, emulationGaps, { everybodyIs: 'suture' });
  const hospital = testAws({ url: emulators.moto.url });
  const endpoint = emulators.ministack.url;
  const events = new EventBridgeClient({ ...client, endpoint });
  const stop = async (): Promise<void> => {
    hospital.destroy();
    await proxy.stop();
    await emulators.stop();
    await rm(out, { recursive: true, force: true });
  };
  const env = {
    AWS_ACCESS_KEY_ID: 'demo',
    AWS_SECRET_ACCESS_KEY: 'demo',
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    SUTURE_TABLE: TABLE,
    SUTURE_EVIDENCE_BUCKET: EVIDENCE,
  };
  try {
    const settings = readSettings(await readFile(SETTINGS, 'utf8'), {
      controls: controls.map(({ id }) => id),
      file: SETTINGS,
    });
    const [packages] = await Promise.all([
      packageFunctions(root, Object.keys(FAMILIES), { out, settings }),
      new DynamoDBClient({ ...client, endpoint }).send(new CreateTableCommand({ TableName: TABLE, ...LEDGER_TABLE })),
      hospital.s3.send(new CreateBucketCommand({ Bucket: EVIDENCE, ObjectLockEnabledForBucket: true })),
      hospital.client(SecurityHubClient).send(new EnableSecurityHubCommand({})),
    ]);
    const lambda = new LambdaClient({ ...client, endpoint });
    await Promise.all(packages.map(async ({ name, zip }) => deploy(name, await readFile(zip), env, lambda)));
    await connect(events);
    return { hospital, events, proxy, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function deploy(family: string, ZipFile: Uint8Array, env: Stage['env'], lambda: LambdaClient): Promise<void> {
  // MiniStack gives the function credentials and region of its own, as Lambda does.
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_REGION: _region, ...own } = env;
  const FunctionName = `suture-demo-${family}`;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNT}:role/${FunctionName}`,
      Timeout: 60,
      Code: { ZipFile },
      Environment: {
        Variables: {
          ...own,
          SUTURE_ROLE_PREFIX: `arn:aws:iam::${ACCOUNT}:role/suture-demo-`,
          SUTURE_FAMILIES: Object.keys(FAMILIES).join(','),
          POWERTOOLS_SERVICE_NAME: FunctionName,
          POWERTOOLS_METRICS_NAMESPACE: 'Suture',
        },
      },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 20, minDelay: 1 }, { FunctionName });
}

interface Template {
  readonly resources: {
    readonly Resources: Readonly<
      Record<string, { readonly Type: string; readonly Properties: { readonly EventPattern?: unknown } }>
    >;
  };
}

/** The event rules are those that are deployed to AWS: read from the generated template, not written again. */
async function connect(events: EventBridgeClient): Promise<void> {
  const { resources }: Template = parse(await readFile(join(root, 'functions', 'generated.yml'), 'utf8'));
  for (const [Name, { Type, Properties }] of Object.entries(resources.Resources)) {
    const family = Object.keys(FAMILIES).find((each) => Name.toLowerCase().startsWith(each));
    if (Type !== 'AWS::Events::Rule' || !Properties.EventPattern || !family) continue;
    await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(Properties.EventPattern) }));
    const Arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:suture-demo-${family}`;
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: family, Arn }] }));
  }
}
