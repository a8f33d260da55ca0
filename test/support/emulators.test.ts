import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulators } from '../../emulators/start.ts';
import { workerMoto } from './emulators.ts';

test('a port in use is stepped over', async () => {
  const first = await startEmulators({ moto: 5800 });
  const second = await startEmulators({ moto: Number(new URL(first.moto.url).port) });
  try {
    expect(second.moto.url).not.toBe(first.moto.url);
    await second.moto.reset();
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  await expect(fetch(first.moto.url)).rejects.toThrow();
});

test('a worker is given the same moto each time, empty', async () => {
  const { url } = await workerMoto();
  await fetch(`${url}/left-behind`, { method: 'PUT' });
  expect(await (await fetch(`${url}/moto-api/data.json`)).text()).toContain('left-behind');
  expect((await workerMoto()).url).toBe(url);
  expect(await (await fetch(`${url}/moto-api/data.json`)).text()).not.toContain('left-behind');
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  '%s to the starter leaves no process and no file',
  async (signal) => {
    const scratch = mkdtempSync(join(tmpdir(), 'suture-starter-'));
    const start = JSON.stringify(join(__dirname, '..', '..', 'emulators', 'start.ts'));
    const script = `const { startEmulators } = await import(${start});
    console.log((await startEmulators({ moto: true })).moto.url);
    setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: scratch },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const url = await new Promise<string>((resolve) =>
        starter.stdout.once('data', (text) => resolve(`${text}`.trim())),
      );
      expect(readdirSync(scratch)).toHaveLength(1);
      starter.kill(signal);
      const isThere = () =>
        fetch(`${url}/moto-api/`).then(
          () => true,
          () => false,
        );
      while ((await isThere()) || readdirSync(scratch).length > 0)
        await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      starter.kill('SIGKILL');
      rmSync(scratch, { recursive: true, force: true });
    }
  },
);
