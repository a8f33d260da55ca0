import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@smithy/types';
import { ACCOUNT, REGION } from '../../emulators/start.ts';

// biome-ignore lint/suspicious/noExplicitAny: the SDK's client classes have no other common supertype
type AnyClient<C> = new (config: any) => C;

/** A test's own clients, with full rights: what a third party, and nobody of ours, sees and does. */
export interface TestAws {
  readonly s3: S3Client;
  readonly rds: RDSClient;
  readonly kms: KMSClient;
  readonly account: string;
  readonly region: string;
  /** A client of any other service. */
  client<C>(ctor: AnyClient<C>): C;
}

/** Header by which the proxy knows whose request it is; the tests' own have none and are neither recorded nor disturbed. */
export const RUN_HEADER = 'x-suture-run';

export interface ClientOptions {
  readonly url: string;
  readonly credentials?: () => Promise<AwsCredentialIdentity>;
  /** The run on whose behalf the calls are sent. */
  readonly run?: string;
}

interface Stack {
  middlewareStack: { add(middleware: unknown, where: object): void };
  destroy(): void;
}

/** Makes clients of any service, one each, that talk to an emulator. */
export function clients({ url, credentials, run }: ClientOptions) {
  const made = new Map<unknown, Stack>();
  const mark = (next: (args: unknown) => unknown) => (args: { request: { headers: Record<string, string> } }) => {
    if (run) args.request.headers[RUN_HEADER] = run;
    return next(args);
  };
  return {
    of<C>(ctor: AnyClient<C>): C {
      let client = made.get(ctor);
      if (!client) {
        client = new ctor({
          endpoint: url,
          region: REGION,
          forcePathStyle: true,
          credentials: credentials ?? { accessKeyId: 'testing', secretAccessKey: 'testing' },
          // The engine's own answer to throttling is what is tested, and no test sleeps.
          maxAttempts: 1,
        }) as unknown as Stack;
        // Low priority: after the signature, which must not cover it.
        client.middlewareStack.add(mark, { step: 'finalizeRequest', priority: 'low', name: 'markRun' });
        made.set(ctor, client);
      }
      return client as unknown as C;
    },
    destroy(): void {
      for (const client of made.values()) client.destroy();
    },
  };
}

export function testAws(options: Omit<ClientOptions, 'run'>): TestAws & { destroy(): void } {
  const { of, destroy } = clients(options);
  return {
    s3: of(S3Client),
    rds: of(RDSClient),
    kms: of(KMSClient),
    account: ACCOUNT,
    region: REGION,
    client: of,
    destroy,
  };
}
