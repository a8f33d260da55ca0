import base from './jest.config.mjs';

/**
 * The tests of the engine that need no emulator: what mutation testing runs. The interleavings are left out there: with
 * them each surviving mutant costs seconds, and chance decides over it.
 *
 * @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['<rootDir>/test/engine/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', 'engine/(ledger|hub|evidence|interleaving)\\.test'],
  globalSetup: undefined,
  globalTeardown: undefined,
};
