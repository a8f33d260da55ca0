import { type MiniStack, type Moto, ministackAt, motoAt } from '../../emulators/start.ts';

/** This jest worker's moto, started when a file first asks; empty, and not enforcing IAM. */
export const workerMoto = (): Promise<Moto> => clean(motoAt, 'moto');

/** This jest worker's MiniStack, started when a file first asks; empty. */
export const workerMiniStack = (): Promise<MiniStack> => clean(ministackAt, 'ministack');

async function clean<E extends { reset(): Promise<void> }>(at: (url: string) => E, name: string): Promise<E> {
  const response = await fetch(`${process.env.SUTURE_BROKER}/${name}/${process.env.JEST_WORKER_ID}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const emulator = at(text);
  await emulator.reset();
  return emulator;
}
