import type { Settings } from '../settings.ts';
import { TOPIC } from './alarms.ts';
import type { Resources } from './cloudformation.ts';
import { ref } from './cloudformation.ts';
import type { Catalogue, Family } from './discover.ts';
import { agendaFunction, familyFunction } from './functions.ts';
import { modeOf } from './policy.ts';
import { SHARED, sharedResources } from './shared.ts';

/** What `functions/generated.yml` holds, for serverless.yml. */
export interface Stack {
  readonly functions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly resources: {
    readonly Resources: Resources;
    readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
  };
}

/** The whole deployment. A family whose controls are all off is left out. */
export function stack({ families }: Catalogue, settings: Settings): Stack {
  const active = families.filter((family) => isActive(family, settings));
  const names = active.map(({ name }) => name);
  const deployed = {
    ...Object.fromEntries(active.map((family) => [family.name, familyFunction(family, settings, names)])),
    agenda: agendaFunction(names),
  };
  return {
    functions: Object.fromEntries(Object.entries(deployed).map(([name, { lambda }]) => [name, lambda])),
    resources: {
      Resources: Object.assign(
        {},
        sharedResources(settings),
        ...Object.values(deployed).map(({ resources }) => resources),
      ),
      Outputs: {
        SutureTable: { Value: ref(SHARED.table) },
        SutureEvidenceBucket: { Value: ref(SHARED.bucket) },
        SutureDeadLetterQueue: { Value: ref(SHARED.queue) },
        SutureAlarmTopic: { Value: ref(TOPIC) },
      },
    },
  };
}

/** Whether any control of the family is evaluated. */
export const isActive = ({ controls }: Family, settings: Settings): boolean =>
  controls.some(({ control }) => modeOf(settings, control) !== 'off');
