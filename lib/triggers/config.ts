import type { TypeName } from '../resource.ts';
import { disagreement, type Envelope } from './envelope.ts';
import { fields, isoTime, text } from './fields.ts';
import { namedById } from './locate/index.ts';
import type { Match, MatchContext } from './match.ts';
import { ignored, malformed, unresolved } from './outcome.ts';
import { controlsOf, keyOf } from './route.ts';

/**
 * "Config Rules Compliance Change": a rule's judgement of one resource changed. It leads to every control of the
 * resource's type, whatever the rule's name: names are free text with suffixes.
 */
export function matchConfig(envelope: Envelope, context: MatchContext): Match {
  const { detail } = envelope;
  const refusal = disagreement(envelope, 'awsAccountId', 'awsRegion');
  if (refusal) return refusal;

  const result = fields(detail.newEvaluationResult);
  const qualifier = fields(fields(result.evaluationResultIdentifier).evaluationResultQualifier);
  const compliance = text(result.complianceType);
  if (!compliance) return malformed('detail.newEvaluationResult.complianceType is missing.');
  if (compliance !== 'NON_COMPLIANT') return ignored(`AWS Config says ${compliance}.`);
  if (text(qualifier.evaluationMode) === 'PROACTIVE')
    return ignored('A proactive evaluation: the resource does not exist yet.');

  const type = text(detail.resourceType);
  if (!type) return malformed('detail.resourceType is missing.');
  if (text(qualifier.resourceType) !== undefined && text(qualifier.resourceType) !== type)
    return malformed('detail.resourceType and the evaluation name two different types.');
  const controls = controlsOf(type as TypeName, context);
  if (controls.length === 0) return ignored(`No control judges ${type}.`);

  const [id, evaluated] = [text(detail.resourceId), text(qualifier.resourceId)];
  if (id && evaluated && id !== evaluated)
    return malformed('detail.resourceId and the evaluation name two different resources.');
  const named = id && namedById(type as TypeName, id);
  if (!named) return unresolved(`AWS Config names a ${type} by what cannot be its id (detail.resourceId).`);

  const time = isoTime(result.resultRecordedTime) ?? envelope.time;
  if (!time) return malformed('Neither resultRecordedTime nor the envelope\'s "time" is a time in ISO 8601.');
  const rule = text(detail.configRuleARN) ?? text(detail.configRuleName) ?? '';
  return {
    outcome: 'matched',
    cause: {
      source: 'config',
      eventId: `${rule}@${time}`,
      eventName: text(detail.configRuleName) ?? rule,
      time,
      origin: 'looks',
    },
    targets: [{ key: keyOf(named, envelope), controls, ...(named.lookup && { lookup: named.lookup }) }],
  };
}
