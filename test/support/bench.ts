import type { AwsCredentialIdentity } from '@smithy/types';
import { ACCOUNT, type Moto, REGION } from '../../emulators/start.ts';
import type { ClientClass, Op } from '../../lib/aws/op.ts';
import type { Send } from '../../lib/engine/runtime.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../lib/settings.ts';
import { emulationGaps, motoIamActions } from '../emulation-gaps.ts';
import { clients, type TestAws, testAws } from './aws.ts';
import { workerMoto } from './emulators.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryEvidence, MemoryHub, SteppingClock } from './memory-stores.ts';
import { type Kill, TestProcess } from './process.ts';
import { type AwsProxy, startProxy } from './proxy.ts';

const TESTING: AwsCredentialIdentity = { accessKeyId: 'testing', secretAccessKey: 'testing' };
const START = '2026-03-01T12:00:00.000Z';

/** An empty account in moto, behind the proxy, with a ledger, evidence, Security Hub and a clock in memory. */
export class Bench {
  clock = new SteppingClock(START);
  ledger = new MemoryLedger(this.clock);
  evidence = new MemoryEvidence();
  hub = new MemoryHub();
  readonly proxy: AwsProxy;
  readonly aws: TestAws;
  readonly #moto: Moto;
  readonly #owner: { credentials: AwsCredentialIdentity };
  readonly #clients: ReturnType<typeof clients>;
  readonly #disposals: readonly (() => void)[];
  #role: AwsCredentialIdentity | undefined;
  #tokens = 0;

  private constructor(moto: Moto, proxy: AwsProxy, owner: { credentials: AwsCredentialIdentity }) {
    this.#moto = moto;
    this.proxy = proxy;
    this.#owner = owner;
    const aws = testAws({ url: proxy.url, credentials: fresh(() => owner.credentials) });
    this.aws = aws;
    // The same clients for every process: a warm one's.
    this.#clients = clients({ url: proxy.url, run: 'suture', credentials: fresh(() => this.#role ?? TESTING) });
    this.#disposals = [aws.destroy, this.#clients.destroy];
  }

  static async open(): Promise<Bench> {
    const moto = await workerMoto();
    const owner = { credentials: TESTING };
    const proxy = await startProxy(moto.url, emulationGaps, { credentials: fresh(() => owner.credentials) });
    return new Bench(moto, proxy, owner);
  }

  async reset(): Promise<void> {
    await this.#moto.reset();
    this.proxy.reset();
    this.#owner.credentials = TESTING;
    this.#role = undefined;
    this.#tokens = 0;
    this.clock = new SteppingClock(START);
    this.ledger = new MemoryLedger(this.clock);
    this.evidence = new MemoryEvidence();
    this.hub = new MemoryHub();
  }

  /** A new process on what is there. Its calls go through the real SDK and the proxy to moto. */
  process(settings: Partial<Settings>, kill?: Kill): TestProcess {
    const { ledger, evidence, hub, clock } = this;
    return new TestProcess(
      {
        send: sender(this.#clients.of),
        settings: { ...DEFAULT_SETTINGS, ...settings },
        ...{ ledger, evidence, hub, clock },
        newToken: () => `${++this.#tokens}`.padStart(12, '0'),
      },
      kill,
    );
  }

  /**
   * From now on IAM is enforced, and processes act in a role that may do these actions and nothing else, on any resource:
   * moto heeds the resource for few services only.
   */
  async enforce(actions: readonly string[]): Promise<void> {
    const allowed = [...new Set(actions.flatMap((action) => [action, ...(motoIamActions[action] ?? [])]))];
    await this.#iam('CreateUser', { UserName: 'owner' });
    await this.#iam('PutUserPolicy', { UserName: 'owner', PolicyName: 'all', PolicyDocument: policy(['*']) });
    const key = await this.#iam('CreateAccessKey', { UserName: 'owner' });
    this.#owner.credentials = { accessKeyId: tag(key, 'AccessKeyId'), secretAccessKey: tag(key, 'SecretAccessKey') };
    const trust = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] });
    await this.#iam('CreateRole', { RoleName: 'suture', AssumeRolePolicyDocument: trust });
    await this.#iam('PutRolePolicy', { RoleName: 'suture', PolicyName: 'own', PolicyDocument: policy(allowed) });
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/suture`;
    const session = await this.#query('sts', '2011-06-15', 'AssumeRole', { RoleArn, RoleSessionName: 'test' });
    this.#role = {
      accessKeyId: tag(session, 'AccessKeyId'),
      secretAccessKey: tag(session, 'SecretAccessKey'),
      sessionToken: tag(session, 'SessionToken'),
    };
    await this.#moto.enforceIam(true);
  }

  async relax(): Promise<void> {
    await this.#moto.enforceIam(false);
  }

  async close(): Promise<void> {
    for (const dispose of this.#disposals) dispose();
    await this.proxy.stop();
  }

  #iam(action: string, params: Record<string, string>): Promise<string> {
    return this.#query('iam', '2010-05-08', action, params);
  }

  /** While IAM is not enforced moto asks for no signature, only for its scope: no SDK client is needed for IAM and STS. */
  async #query(service: string, Version: string, Action: string, params: Record<string, string>): Promise<string> {
    const response = await fetch(this.#moto.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${REGION}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: new URLSearchParams({ Action, Version, ...params }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service}:${Action} answered ${response.status}: ${text}`);
    return text;
  }
}

/** Expired at once, so that the SDK asks again before each call. */
const fresh = (current: () => AwsCredentialIdentity) => async (): Promise<AwsCredentialIdentity> => ({
  ...current(),
  expiration: new Date(0),
});
const policy = (Action: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const tag = (xml: string, name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(xml)?.[1] ?? '';

function sender(of: (ctor: ClientClass) => InstanceType<ClientClass>): Send {
  const send = async (op: Op, input: unknown): Promise<unknown> => {
    try {
      return await of(op.client).send(new op.command(input));
    } catch (error) {
      if (error instanceof Error && op.none.includes(error.name)) return undefined;
      throw error;
    }
  };
  return send as Send;
}
