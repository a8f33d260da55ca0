import './broker-start.ts';

/** Jest's global tear-down: ends the emulators that the broker has started. */
export default async (): Promise<void> => globalThis.sutureBroker?.stop();
