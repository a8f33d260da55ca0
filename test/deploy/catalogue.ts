import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { controls, types } from '../../functions/catalog.ts';
import { type Catalogue, type Family, idByPlace } from '../../lib/deploy/discover.ts';
import type { Stack } from '../../lib/deploy/stack.ts';
import { DEFAULT_SETTINGS, type Mode, type Settings } from '../../lib/settings.ts';

/** The catalogue as the deployment sees it; where its modules lie is of no interest here. */
const found = types.map((spec) => ({ spec, file: '', exportName: '' }));
export const catalogue: Catalogue = {
  types: found,
  families: readdirSync('functions', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }): Family => {
      const ids = new Set(readdirSync(`functions/${name}`).map((file) => idByPlace(name, file.replace(/\.ts$/, ''))));
      const own = controls.filter(({ id }) => ids.has(id));
      const judged = new Set(own.flatMap(({ resources }) => resources));
      return {
        name,
        controls: own.map((control) => ({ control, file: '' })),
        types: found.filter(({ spec }) => judged.has(spec.name)),
      };
    })
    .filter((family) => family.controls.length > 0),
};

/** Settings with every control in one mode. */
export const everything = (mode: Mode): Settings => ({
  ...DEFAULT_SETTINGS,
  modes: Object.fromEntries(controls.map(({ id }) => [id, mode])),
});

/** What is committed, and so deployed. */
export const committed = parse(readFileSync('functions/generated.yml', 'utf8')) as Stack;

// biome-ignore lint/suspicious/noExplicitAny: tests reach into templates
export const properties = ({ resources }: Stack, logicalId: string): any => resources.Resources[logicalId]?.Properties;

export const ofType = ({ resources }: Stack, type: string): [string, ReturnType<typeof properties>][] =>
  Object.entries(resources.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties }]) => [id, Properties]);

/** The statements of a function's role. */
export const statements = (
  stack: Stack,
  role: string,
): { Sid: string; Action: string | string[]; Resource: unknown }[] =>
  properties(stack, role).Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: unknown[] } }) => PolicyDocument.Statement,
  );
export const actions = (stack: Stack, role: string): string[] =>
  statements(stack, role).flatMap(({ Action }) => Action);
