import { build } from 'esbuild';
import { leanSdk } from './lean-sdk.ts';

/** What became of one bundle. */
export interface Bundled {
  readonly bytes: number;
  /** Bytes that each npm package (or `''`, our own code) adds, most first. */
  readonly parts: readonly (readonly [packageName: string, bytes: number])[];
}

/** Some packages below Powertools are CommonJS; an ES module has no `require` of its own. */
const REQUIRE = "import{createRequire as sutureRequire}from'node:module';const require=sutureRequire(import.meta.url);";

/**
 * One self-contained ES module for `nodejs24.x` from one entry. The source map stays beside it, for whoever reads a
 * stack trace; it is not deployed.
 * @throws esbuild's BuildFailure, with its messages
 */
export async function bundle(entry: string, outfile: string): Promise<Bundled> {
  const { metafile } = await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'external',
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    banner: { js: REQUIRE },
    plugins: [leanSdk],
  });
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  if (!output) throw new Error(`esbuild wrote no bundle for ${entry}.`);
  const parts = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '';
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
  }
  return { bytes: output.bytes, parts: [...parts].sort(([, a], [, b]) => b - a) };
}
