/** @type {import('jest').Config} */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Each worker has emulators of its own; two is what two cores and a test machine's memory carry.
  maxWorkers: 2,
  setupFiles: ['<rootDir>/test/support/realm.ts'],
  globalSetup: '<rootDir>/test/support/broker-start.ts',
  globalTeardown: '<rootDir>/test/support/broker-stop.ts',
  testTimeout: 30_000,
};
