import type { AnyTypeSpec } from '../aws/type.ts';
import type { AnyControl } from '../control.ts';

/** EventBridge's limit on the JSON text of one pattern, in characters; it can be raised by a request to AWS. */
export const MOST_PATTERN_CHARACTERS = 2048;

/**
 * The successful CloudTrail calls that the controls name and those that delete their resources. A failed call changed
 * nothing; `errorCode` is then there and not empty (the empty text has been seen on success).
 */
export function callsPattern(controls: readonly AnyControl[], types: readonly AnyTypeSpec[]) {
  const calls = [
    ...controls.flatMap(({ triggers }) =>
      triggers.map(({ source, events }) => ({ source, events: Object.keys(events) })),
    ),
    ...types.map(({ deletedBy }) => deletedBy),
  ];
  const sources = unique(calls.map(({ source }) => source));
  return {
    // Nobody but AWS can put events with such a source on the bus.
    source: sources.map((source) => `aws.${source.slice(0, -'.amazonaws.com'.length)}`),
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: {
      eventSource: sources,
      eventName: unique(calls.flatMap(({ events }) => events)),
      errorCode: [{ exists: false }, ''],
    },
  };
}

/**
 * What AWS Config and Security Hub say is wrong with a resource of these types, by type and not by rule name: names carry suffixes and are
 * free text. Not our own findings: each of our imports comes back as an event.
 */
export function findingsPattern(types: readonly AnyTypeSpec[]) {
  return {
    $or: [
      {
        source: ['aws.config'],
        'detail-type': ['Config Rules Compliance Change'],
        detail: {
          resourceType: unique(types.map(({ name }) => name)),
          newEvaluationResult: { complianceType: ['NON_COMPLIANT'] },
        },
      },
      {
        source: ['aws.securityhub'],
        'detail-type': ['Security Hub Findings - Imported'],
        detail: {
          findings: {
            GeneratorId: [{ 'anything-but': { prefix: 'suture/' } }],
            RecordState: ['ACTIVE'],
            Compliance: { Status: ['FAILED'] },
            Workflow: { Status: ['NEW', 'NOTIFIED'] },
            Resources: { Type: unique(types.map(({ asff }) => asff)) },
          },
        },
      },
    ],
  };
}

const unique = <T extends string>(texts: readonly T[]): T[] => [...new Set(texts)].sort();
