import { processIo } from './io.ts';
import { run } from './program.ts';

// Whoever reads our answer may have enough of it, like `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), processIo());
