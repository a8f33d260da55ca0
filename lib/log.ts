import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log, LogFields, Metric } from './engine/runtime.ts';

/** The log of a Lambda process. */
export interface LambdaLog extends Log {
  /** Starts an invocation: its lines carry its id, and nothing of the one before. */
  begin(requestId: string): void;
  /** Ends it: writes its metrics. */
  flush(): void;
}

/** Structured log lines and metrics in CloudWatch's embedded format, one pair per process. */
export function createLog(): LambdaLog {
  const logger = new Logger();
  const metrics = new Metrics();
  return {
    begin(requestId) {
      // An invocation that was killed had no end: what it counted is not the next one's.
      metrics.clearMetrics();
      logger.appendKeys({ requestId });
    },
    info: (message, fields) => logger.info(message, given(fields)),
    warn: (message, fields) => logger.warn(message, given(fields)),
    error: (message, fields) => logger.error(message, given(fields)),
    count(metric: Metric, value = 1) {
      metrics.addMetric(metric, metric === 'TimeToClosed' ? MetricUnit.Milliseconds : MetricUnit.Count, value);
    },
    flush() {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}

const given = (fields: LogFields): Record<string, string | number | boolean | readonly string[]> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
