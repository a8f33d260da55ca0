import { matchCloudTrail } from './cloudtrail.ts';
import { disagreement, type Envelope } from './envelope.ts';
import { text } from './fields.ts';
import type { Match, MatchContext } from './match.ts';
import { ignored, malformed } from './outcome.ts';
import { controlsOf, deletedBy } from './route.ts';
import { matchSignIn } from './signin.ts';

/**
 * "AWS Service Event via CloudTrail": what a service did by itself, without a request; caller and parameters are often
 * missing. Two kinds say something: a deletion that was scheduled (KMS's DeleteKey) and Identity Center's sign-ins.
 */
export function matchServiceEvent(envelope: Envelope, context: MatchContext): Match {
  const { detail } = envelope;
  const [source, name] = [text(detail.eventSource), text(detail.eventName)];
  if (!source || !name) return malformed('The service event has no "eventSource" or no "eventName".');
  if (source === 'signin.amazonaws.com') return matchSignIn(envelope);
  if (deletedBy(source, name, context).some((type) => controlsOf(type, context).length > 0))
    return matchCloudTrail(envelope, context);
  return (
    disagreement(envelope, 'recipientAccountId', 'awsRegion') ??
    ignored(`No control listens to ${name}, which ${source} did by itself.`)
  );
}
