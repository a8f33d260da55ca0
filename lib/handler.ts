import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import type { AnyTypeSpec } from './aws/type.ts';
import type { AnyControl } from './control.ts';
import { type Handled, handle } from './handle.ts';
import { createLog } from './log.ts';
import { createRuntimeFactory } from './runtime.ts';
import type { Settings } from './settings.ts';

interface Family {
  /** The service or small family of services that shares this function and its role. */
  readonly family: string;
  readonly controls: readonly AnyControl[];
  readonly types: readonly AnyTypeSpec[];
}

/**
 * The Lambda handler of one family. What it needs is made at the first call and kept for the next: clients and settings,
 * never anything of a resource.
 * @throws when a resource could not be handled and not even be put on the agenda: Lambda then calls again, and at last
 * puts the event into the dead-letter queue
 */
export function createHandler({ controls, types }: Family): (event: unknown, context: Context) => Promise<Summary> {
  let made: ReturnType<typeof make> | undefined;
  return async (event, context) => {
    made ??= make(controls, types);
    made.log.begin(context.awsRequestId);
    const runtime = made.runtime(() => context.getRemainingTimeInMillis());
    try {
      const handled = await handle(event, made.catalogue, runtime);
      const failed = handled.resources.flatMap(({ error }) => error ?? []);
      if (failed.length > 0)
        throw new AggregateError(failed, `${failed.length} of ${handled.resources.length} resources failed`);
      return summary(handled);
    } finally {
      made.log.flush();
    }
  };
}

function make(controls: readonly AnyControl[], types: readonly AnyTypeSpec[]) {
  const settings: Settings = JSON.parse(readFileSync(new URL('./settings.json', import.meta.url), 'utf8'));
  const { SUTURE_ROLE_PREFIX = '', SUTURE_FAMILIES = '' } = process.env;
  const ownRoles = SUTURE_FAMILIES.split(',').map((name) => `${SUTURE_ROLE_PREFIX}${name}`);
  // The functions' roles are the account's: what they may act for is where they are.
  const account = SUTURE_ROLE_PREFIX.split(':')[4];
  if (!account)
    throw new Error(
      "The environment variable SUTURE_ROLE_PREFIX is missing: the beginning of the function roles' ARNs.",
    );
  const log = createLog();
  return {
    catalogue: { controls, types, ownRoles },
    log,
    runtime: createRuntimeFactory({ env: process.env, settings, types, account, log }),
  };
}

/** What `serverless invoke` shows; EventBridge does not read it. */
export interface Summary {
  readonly outcome: Handled['match']['outcome'];
  readonly reason?: string;
  readonly resources: readonly {
    readonly type: string;
    readonly id: string;
    readonly controls: readonly { readonly control: string; readonly status: string; readonly decision?: string }[];
  }[];
}

const summary = ({ match, resources }: Handled): Summary => ({
  outcome: match.outcome,
  ...(match.outcome !== 'matched' && { reason: match.reason }),
  resources: resources.map(({ key, outcome }) => ({
    type: key.type,
    id: key.id,
    controls: (outcome?.results ?? []).map(({ control, status, decision }) => ({
      control,
      status,
      ...(decision && { decision }),
    })),
  })),
});
