import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEmulators } from '../../emulators/start.ts';

interface Kept {
  stop(): Promise<void>;
}
declare global {
  var sutureBroker: Kept | undefined;
}

/**
 * Jest's global set-up: a broker in jest's main process that starts an emulator for a worker when one of its test files
 * first asks, and keeps it for the files after. Tests of pure code never pay for one.
 */
export default async function startBroker(): Promise<void> {
  const started = new Map<string, ReturnType<typeof start>>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    let running = started.get(path);
    if (!running) {
      running = start(path);
      started.set(path, running);
    }
    running.then(
      ({ url }) => response.end(url),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  // Workers inherit the environment as it is when they are forked: after this.
  process.env.SUTURE_BROKER = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  globalThis.sutureBroker = {
    async stop() {
      server.close();
      await Promise.all([...started.values()].map((running) => running.then(({ stop }) => stop())));
    },
  };
}

/** @param path `/<moto or ministack>/<worker>` */
async function start(path: string) {
  if (path.startsWith('/ministack/')) {
    const { ministack, stop } = await startEmulators({ ministack: true });
    return { url: ministack.url, stop };
  }
  const { moto, stop } = await startEmulators({ moto: true });
  return { url: moto.url, stop };
}
