import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Service {
  readonly Actions: Readonly<Record<string, { readonly Resources?: readonly string[] }>>;
}

/**
 * AWS's Service Authorization Reference, as cfn-lint carries it: it comes with the emulators, pinned and hashed.
 * @returns what kinds of resource an action can be allowed on; `undefined` for an action that does not exist
 */
export function authorizationReference(): (action: string) => readonly string[] | undefined {
  const [python] = readdirSync('.emulators/lib').filter((name) => name.startsWith('python3'));
  const file = `.emulators/lib/${python}/site-packages/cfnlint/data/AdditionalSpecs/Policies.json`;
  if (!existsSync(file)) throw new Error(`${file} is not there: cfn-lint keeps its list elsewhere now.`);
  const services = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Service>>;
  return (action) => {
    const [service = '', name = ''] = action.split(':');
    const found = services[service]?.Actions[name.toLowerCase()];
    return found && (found.Resources ?? []);
  };
}
