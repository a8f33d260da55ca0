const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

/**
 * Builds what is packaged. The packager itself does not know esbuild: each function names its finished zip as `package.artifact`.
 * What is deployed must be what was reviewed, so stale generated files stop it.
 */
module.exports = class SutureBuild {
  constructor(serverless) {
    const root = serverless.serviceDir;
    // The scripts are TypeScript, which the Node they need runs directly; the packager may run on an older one.
    const node = join(root, 'node_modules', '.bin', 'node');
    const run = (...args) => {
      const { status, error } = spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2] });
      if (error) throw error;
      if (status !== 0) throw new serverless.classes.Error(`"node ${args.join(' ')}" failed: see above.`);
    };
    this.hooks = {
      'before:package:cleanup': () => {
        run('scripts/generate.ts', '--check');
        run('scripts/build.ts');
      },
    };
  }
};
