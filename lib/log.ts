import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log, LogFields, Metric } from './engine/runtime.ts';

/** Structured log lines and metrics in CloudWatch's embedded format, one pair per process. */
export function createLog(): Log & { flush(): void } {
  const logger = new Logger();
  const metrics = new Metrics();
  let counted = false;
  const given = (fields: LogFields): Record<string, string | number | boolean | readonly string[]> =>
    Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return {
    info: (message, fields) => logger.info(message, given(fields)),
    warn: (message, fields) => logger.warn(message, given(fields)),
    error: (message, fields) => logger.error(message, given(fields)),
    count(metric: Metric, value = 1) {
      metrics.addMetric(metric, metric === 'TimeToClosed' ? MetricUnit.Milliseconds : MetricUnit.Count, value);
      counted = true;
    },
    flush() {
      if (counted) metrics.publishStoredMetrics();
      counted = false;
    },
  };
}
