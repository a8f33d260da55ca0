import { createLog } from '../lib/log.ts';

let written: string[];
beforeEach(() => {
  Object.assign(process.env, { POWERTOOLS_SERVICE_NAME: 'suture', POWERTOOLS_METRICS_NAMESPACE: 'Suture' });
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});
const lines = (): Record<string, unknown>[] =>
  written
    .join('')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const metrics = () => lines().filter((line) => '_aws' in line);

test('one line of JSON by call, with its level and its fields', () => {
  const log = createLog();
  log.info('Fix sent.', { control: 'test-thing-green', calls: 2, slots: ['color'], error: undefined });
  log.warn('Fix refused.', { error: 'AccessDenied' });
  log.error('Resource not handled.', { resource: 'box', type: 'AWS::Test::Thing' });
  expect(lines()).toMatchObject([
    { level: 'INFO', message: 'Fix sent.', control: 'test-thing-green', calls: 2, slots: ['color'], service: 'suture' },
    { level: 'WARN', message: 'Fix refused.', error: 'AccessDenied' },
    { level: 'ERROR', message: 'Resource not handled.', resource: 'box', type: 'AWS::Test::Thing' },
  ]);
  expect(lines()[0]).not.toHaveProperty('error');
});

test('the lines of an invocation carry its id, and no field of a line reaches the next', () => {
  const log = createLog();
  log.begin('request-a');
  log.info('First.', { resource: 'box' });
  log.info('Second.', {});
  log.begin('request-b');
  log.info('Third.', {});
  expect(lines().map(({ message, requestId, resource }) => [message, requestId, resource])).toEqual([
    ['First.', 'request-a', 'box'],
    ['Second.', 'request-a', undefined],
    ['Third.', 'request-b', undefined],
  ]);
});

test('metrics go out once, at the end of the invocation, in their units', () => {
  const log = createLog();
  log.begin('request-a');
  log.count('DriftFixed');
  log.count('DriftFixed', 2);
  log.count('TimeToClosed', 113);
  expect(lines()).toEqual([]);
  log.flush();
  log.flush();
  expect(metrics()).toHaveLength(1);
  expect(metrics()[0]).toMatchObject({ DriftFixed: [1, 2], TimeToClosed: 113, service: 'suture' });
  const [{ Namespace, Metrics }] = (
    metrics()[0] as { _aws: { CloudWatchMetrics: [{ Namespace: string; Metrics: unknown }] } }
  )._aws.CloudWatchMetrics;
  expect(Namespace).toBe('Suture');
  expect(Metrics).toEqual([
    { Name: 'DriftFixed', Unit: 'Count' },
    { Name: 'TimeToClosed', Unit: 'Milliseconds' },
  ]);
});

test('an invocation that counted nothing writes nothing, not even a complaint', () => {
  const log = createLog();
  log.begin('request-a');
  log.flush();
  expect(written).toEqual([]);
});

test("what an invocation counted that was killed is not told as the next one's", () => {
  const log = createLog();
  log.begin('killed');
  log.count('DriftFound', 5);
  log.begin('next');
  log.count('DriftFixed');
  log.flush();
  expect(metrics()).toHaveLength(1);
  expect(metrics()[0]).not.toHaveProperty('DriftFound');
});

test('more values than one record takes are all told', () => {
  const log = createLog();
  log.begin('sweep');
  for (let n = 0; n < 250; n++) log.count('DriftFound');
  log.flush();
  expect(metrics().flatMap(({ DriftFound }) => DriftFound)).toHaveLength(250);
});
