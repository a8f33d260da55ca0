import type { Metric } from '../engine/runtime.ts';
import { functionName, getAtt, type Intrinsic, type Resource, type Resources, ref, STAGE } from './cloudformation.ts';

/** Where the alarms go: whoever is on call subscribes to it. */
export const TOPIC = 'SutureAlarms';

/** What the functions count that no finding may tell: each means that a person has to look. */
const COUNTED: Readonly<Partial<Record<Metric, string>>> = {
  VerificationFailed: 'A fix does not hold, or cannot be seen to hold, after five minutes. The log names the resource.',
  AccessDenied: 'A role lacks a permission that a control needs. The log names the operation.',
  FixFailed: 'A call of a fix was refused. The log names the resource and the error.',
  Held: 'Somebody keeps undoing a fix: Suture has stopped fixing that resource.',
  FindingsRefused: 'Security Hub did not accept findings, so what it shows is out of date.',
};

/** On aggregates over all functions, so that their number does not grow with the controls. */
export const alarms = (queue: string, key: Intrinsic): Resources => ({
  [TOPIC]: { Type: 'AWS::SNS::Topic', Properties: { TopicName: functionName('alarms'), KmsMasterKeyId: key } },
  SutureDeadLettersAlarm: alarm('dead-letters', {
    AlarmDescription: 'Events that no function could handle, nor even record. They are kept for 14 days.',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: getAtt(queue, 'QueueName') }],
    Statistic: 'Maximum',
  }),
  SutureAgendaAlarm: alarm('agenda', {
    AlarmDescription: 'The agenda function does not run: nothing is looked at again.',
    Namespace: 'AWS/Lambda',
    MetricName: 'Invocations',
    Dimensions: [{ Name: 'FunctionName', Value: functionName('agenda') }],
    Statistic: 'Sum',
    ComparisonOperator: 'LessThanThreshold',
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  }),
  ...Object.fromEntries(
    Object.entries(COUNTED).map(([metric, description]) => [
      `Suture${metric}Alarm`,
      alarm(metric, {
        AlarmDescription: description,
        Namespace: METRICS.POWERTOOLS_METRICS_NAMESPACE,
        MetricName: metric,
        Dimensions: [{ Name: 'service', Value: METRICS.POWERTOOLS_SERVICE_NAME }],
        Statistic: 'Sum',
      }),
    ]),
  ),
});

/** Under which names the functions count: two stages in one account are told apart by the service. */
export const METRICS = { POWERTOOLS_SERVICE_NAME: `suture-${STAGE}`, POWERTOOLS_METRICS_NAMESPACE: 'Suture' } as const;

const alarm = (name: string, properties: Readonly<Record<string, unknown>>): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName: functionName(name),
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [ref(TOPIC)],
    ...properties,
  },
});
