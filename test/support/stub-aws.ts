import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A service that answers as a test says, for what no emulator does: slow, broken, or never. */
export interface StubAws {
  readonly url: string;
  /** What it was asked, in order. */
  readonly requests: readonly StubRequest[];
  /** How it answers from now on; what is asked until then counts no more. */
  answer(how: (response: ServerResponse, request: StubRequest, nth: number) => void): void;
  stop(): Promise<void>;
}

export async function startStubAws(): Promise<StubAws> {
  let requests: StubRequest[] = [];
  let how: Parameters<StubAws['answer']>[0] = (response) => response.end();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(request);
      how(response, request, requests.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    answer(next) {
      how = next;
      requests = [];
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An error in S3's form. */
export const s3Error =
  (status: number, code: string) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
  };

/** An error, or an answer, in the form of services that speak JSON. */
export const json =
  (body: unknown, status = 200, errorType?: string) =>
  (response: ServerResponse): void => {
    const type = { 'content-type': 'application/json' };
    response.writeHead(status, errorType ? { ...type, 'x-amzn-errortype': errorType } : type);
    response.end(JSON.stringify(body));
  };
