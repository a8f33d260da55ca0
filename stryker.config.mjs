/** Mutation testing of the engine: `npm run mutation`. The tests it runs need no emulator. @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  jest: { configFile: 'jest.engine.config.mjs' },
  // Stryker reads a tsconfig through the compiler's JavaScript API, which TypeScript 7 no longer has.
  tsconfigFile: 'none.json',
  coverageAnalysis: 'perTest',
  mutate: [
    'lib/engine/**/*.ts',
    // Talk to DynamoDB, S3 and Security Hub; their tests need the emulators.
    '!lib/engine/{ledger-*,merged,evidence-s3,hub}.ts',
  ],
  ignorePatterns: ['.emulators', '.build', '.serverless', 'reports'],
  concurrency: 2,
  timeoutMS: 4_000,
  reporters: ['clear-text', 'html', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: '.stryker-tmp',
  incremental: true,
  incrementalFile: '.stryker-tmp/incremental.json',
};
