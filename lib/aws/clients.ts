import type { Send } from '../engine/runtime.ts';
import type { ClientClass, InputOf, Op, OutputOf } from './op.ts';

export interface ClientOptions {
  /** The account whose credentials the process has: nothing is sent for another. */
  readonly account: string;
  /** `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_S3` are read here; all else the SDK reads itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Longest one request may take, ms. */
  readonly requestTimeoutMs: number;
}

/** As AWS sees us in CloudTrail's `userAgent`; the version is package.json's. */
export const USER_AGENT = ['suture', '0.1.0'] as const;

const ATTEMPTS = 3;
const CONNECT_MS = 2_000;
/** Kept back from each call, so that what was given up can still be put on the agenda before the process ends. */
const RESERVE_MS = 1_000;

/** Clients by service and region, made when first needed and kept for the life of the process: they hold no resource's data. */
export class Clients {
  readonly #options: ClientOptions;
  readonly #clients = new Map<ClientClass, Map<string, InstanceType<ClientClass>>>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  get<C extends ClientClass>(client: C, region: string): InstanceType<C> {
    const regions = this.#clients.get(client) ?? new Map<string, InstanceType<ClientClass>>();
    this.#clients.set(client, regions);
    const made = regions.get(region) ?? new client(this.#config(region));
    regions.set(region, made);
    return made as InstanceType<C>;
  }

  /**
   * Sends operations for one run. Throttling and failures of the service are tried again by the SDK, three times in all
   * and within the time left; then the error is thrown as it is, an `AbortError` when time ran out. An aborted write
   * may have had its effect.
   * @param remaining ms left to this process; no call is sent, or waited for, in its last second
   */
  sender(remaining: () => number): (where: { readonly account: string; readonly region: string }) => Send {
    const { account } = this.#options;
    return (where) => {
      if (where.account !== account) {
        throw new Error(`Nothing is sent for account ${where.account}: the credentials are those of ${account}.`);
      }
      return async <O extends Op>(op: O, input: InputOf<O>) => {
        const client = this.get(op.client, where.region);
        try {
          return await client.send(new op.command(input), { abortSignal: this.#deadline(remaining()) });
        } catch (error) {
          if (error instanceof Error && op.none.includes(error.name)) return undefined as OutputOf<O>;
          throw error;
        }
      };
    };
  }

  destroy(): void {
    for (const regions of this.#clients.values()) for (const client of regions.values()) client.destroy();
  }

  /** Also bounds the reading of an answer, which no timeout of the SDK's does. */
  #deadline(remaining: number): AbortSignal {
    // Room for all attempts and the pauses between them.
    const left = Math.min(remaining - RESERVE_MS, (ATTEMPTS + 1) * this.#options.requestTimeoutMs);
    return left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
  }

  /** S3's redirects to a bucket's true region are not followed: one bucket would be judged and reported under two keys. */
  #config(region: string): object {
    const { env, requestTimeoutMs } = this.#options;
    // Emulators have no bucket in their host name.
    const emulated = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
    return {
      region,
      maxAttempts: ATTEMPTS,
      retryMode: 'standard',
      requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: CONNECT_MS, throwOnRequestTimeout: true },
      customUserAgent: [USER_AGENT],
      ...(emulated && { forcePathStyle: true }),
    };
  }
}
