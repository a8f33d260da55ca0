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
