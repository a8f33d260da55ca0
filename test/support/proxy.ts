import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClientOptions, RUN_HEADER, testAws } from './aws.ts';
import type { EmulationGap } from './gap.ts';
import { type Answer, errorAnswer, normalise, readCall, throttled, type WireCall } from './wire.ts';

/** One call of a run, as the proxy saw it. */
export interface ProxiedCall extends WireCall {
  /** Counts the calls since `reset`, from 1. */
  readonly n: number;
  readonly run: string;
}

export type Fault =
  /** Answers a read with what the same request was answered before; without an earlier answer, with the true one. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'throttle' }
  /** An error in the service's own form, instead of the effect. `code` as on the wire. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** The connection breaks: before the effect, or after it (`effect`). */
  | { readonly kind: 'reset'; readonly effect?: boolean }
  | { readonly kind: 'latency'; readonly ms: number }
  /** The caller is dead from here on: this call and all later ones of its run are never answered, and have no effect but this one's (`effect`). */
  | { readonly kind: 'kill'; readonly effect?: boolean };
export type FaultRule = (call: ProxiedCall) => Fault | undefined;

export interface AwsProxy {
  readonly url: string;
  /** Calls of runs since the last `reset`. Those of the tests' own clients are not among them. */
  readonly calls: readonly ProxiedCall[];
  /** What to disturb from now on; `undefined` for nothing. */
  disturb(rule: FaultRule | undefined): void;
  /** Forgets calls, faults, the dead and the fakes' memory. Goes with the emulator's own reset. */
  reset(): void;
  stop(): Promise<void>;
}

export interface ProxyOptions {
  /** Of somebody with full rights, for the fakes' own calls while IAM is enforced. */
  readonly credentials?: ClientOptions['credentials'];
  /** The run that a caller without the run's header counts for; without it such a caller is not recorded. */
  readonly everybodyIs?: string;
}

/**
 * Starts an HTTP proxy between SDK and emulator, in this process: it fills the emulator's gaps, gives its errors AWS's
 * form, records what runs call, and does to them what AWS does on bad days.
 * @param upstream the emulator's URL
 */
export async function startProxy(
  upstream: string,
  gaps: readonly EmulationGap[],
  { credentials, everybodyIs }: ProxyOptions = {},
): Promise<AwsProxy> {
  const agent = new Agent({ keepAlive: true });
  const aws = testAws({ url: upstream, ...(credentials && { credentials }) });
  const fakes = new Map(gaps.map((gap) => [`${gap.service}:${gap.operation}`, gap]));
  const answered = new Map<string, Answer>();
  const memory = new Map<string, unknown>();
  const dead = new Set<string>();
  let calls: ProxiedCall[] = [];
  let rule: FaultRule | undefined;

  const forward = (call: WireCall, body = call.body) => send(upstream, agent, call, body);
  const effect = async (call: WireCall): Promise<Answer> => {
    const fake = fakes.get(call.operation);
    const remember = <T>(name: string, first: () => T): T => {
      if (!memory.has(name)) memory.set(name, first());
      return memory.get(name) as T;
    };
    const context = {
      aws,
      memory: remember,
      upstream: async (body?: string) => normalise(call, await forward(call, body)),
    };
    return fake ? fake.fake(call, context) : normalise(call, await forward(call));
  };

  async function serve(call: WireCall, run: string | undefined, response: ServerResponse): Promise<void> {
    if (run === undefined) return reply(response, await effect(call));
    if (dead.has(run)) return;
    const seen: ProxiedCall = { ...call, n: calls.length + 1, run };
    calls.push(seen);
    const fault = rule?.(seen);
    if (fault?.kind === 'kill') {
      dead.add(run);
      if (fault.effect) await effect(call);
      return;
    }
    if (fault?.kind === 'reset') {
      if (fault.effect) await effect(call);
      response.socket?.destroy();
      return;
    }
    if (fault?.kind === 'throttle') return reply(response, throttled(call));
    if (fault?.kind === 'error') return reply(response, errorAnswer(call, fault.status, fault.code, 'by the proxy'));
    if (fault?.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    const same = `${call.method} ${call.url} ${call.body}`;
    const earlier = answered.get(same);
    if (fault?.kind === 'stale' && earlier) return reply(response, earlier);
    const answer = await effect(call);
    if (call.kind === 'read') answered.set(same, answer);
    // The caller may have died of another call while this one was under way.
    if (!dead.has(run)) reply(response, answer);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { [RUN_HEADER]: run = everybodyIs, ...headers } = request.headers;
      const body = Buffer.concat(chunks).toString('latin1');
      const call = readCall({ method: request.method ?? 'GET', url: request.url ?? '/', headers, body });
      serve(call, run === undefined ? undefined : String(run), response).catch((error: unknown) =>
        reply(response, errorAnswer(call, 400, 'ProxyFailed', `${call.operation}: ${error}`)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    disturb(next) {
      rule = next;
    },
    reset() {
      calls = [];
      rule = undefined;
      for (const each of [answered, memory, dead]) each.clear();
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      aws.destroy();
      await closed;
    },
  };
}

/** The first read of everything after each write is answered as if before the write: AWS is eventually consistent. */
export function staleOnceAfterWrites(): FaultRule {
  const due = new Set<string>();
  const seen = new Set<string>();
  return ({ kind, method, url, body }) => {
    const same = `${method} ${url} ${body}`;
    if (kind === 'write') for (const each of seen) due.add(each);
    else seen.add(same);
    return kind === 'read' && due.delete(same) ? { kind: 'stale' } : undefined;
  };
}

/**
 * The first call that names what was just created is told that it does not exist: AWS is eventually consistent there, too.
 * For the query protocol, where the error is named after what is created (`DBParameterGroupNotFound`).
 */
export function notFoundOnceAfterCreates(): FaultRule {
  const made = new Map<string, string>();
  return ({ operation, params }) => {
    const noun = /:Create(.+)$/.exec(operation)?.[1];
    const name = params.get(`${noun}Name`) ?? params.get(`${noun}Identifier`);
    if (noun && name) {
      made.set(name, noun);
      return undefined;
    }
    const missed = [...params.values()].find((value) => made.has(value));
    const what = missed === undefined ? undefined : made.get(missed);
    if (missed === undefined || what === undefined) return undefined;
    made.delete(missed);
    return { kind: 'error', status: 404, code: `${what}NotFound` };
  };
}

/** Faults for single calls, by their number: `at({ 3: { kind: 'throttle' } })`. */
export const at =
  (faults: Readonly<Record<number, Fault>>): FaultRule =>
  ({ n }) =>
    faults[n];

function send(upstream: string, agent: Agent, { method, url, headers }: WireCall, body: string): Promise<Answer> {
  const bytes = Buffer.from(body, 'latin1');
  const { 'transfer-encoding': _chunked, connection: _hop, ...rest } = headers as IncomingHttpHeaders;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(url, upstream),
      // The host header stays the one that was signed.
      { method, agent, path: url, headers: { ...rest, 'content-length': bytes.length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 500,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('latin1'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(bytes);
  });
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  const { 'transfer-encoding': _chunked, connection: _hop, ...rest } = headers;
  const bytes = Buffer.from(body, 'latin1');
  // The answer to HEAD has a length and no body.
  const length = response.req.method === 'HEAD' ? String(headers['content-length'] ?? 0) : bytes.length;
  const defined = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  response.writeHead(status, { ...(defined as OutgoingHttpHeaders), 'content-length': length }).end(bytes);
}
