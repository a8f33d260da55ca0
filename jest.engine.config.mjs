import base from './jest.config.mjs';

/** The tests of the engine that need no emulator: what mutation testing runs. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['<rootDir>/test/engine/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', 'engine/(ledger|hub|evidence)\\.test'],
  globalSetup: undefined,
  globalTeardown: undefined,
};
