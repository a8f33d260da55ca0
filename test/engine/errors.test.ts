import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { classify, told } from '../../lib/engine/errors.ts';

/** An error as the SDK throws it: name from the answer's code, status from its head. */
const answered = (name: string, httpStatusCode: number, change: object = {}): Error =>
  Object.assign(
    new DynamoDBServiceException({
      name,
      message: name,
      $fault: httpStatusCode < 500 ? 'client' : 'server',
      $metadata: { httpStatusCode },
    }),
    change,
  );
const onTheWay = (code: string, name = 'Error'): Error => Object.assign(new Error(code), { code, name });

test.each([
  ['S3 refuses', answered('AccessDenied', 403), 'denied'],
  ['a JSON service refuses, as a 400', answered('AccessDeniedException', 400), 'denied'],
  ['EC2 refuses', answered('UnauthorizedOperation', 403), 'denied'],
  ['EC2 refuses, as its events have it', answered('Client.UnauthorizedOperation', 400), 'denied'],
  ['SNS refuses', answered('AuthorizationErrorException', 403), 'denied'],
  ['KMS refuses in the name of S3', answered('KMS.AccessDeniedException', 400), 'denied'],
  ['HeadBucket refuses, without a body to name it', answered('Forbidden', 403), 'denied'],
  ['a refusal of a name we never heard', answered('NotSignedUp', 403), 'denied'],
  ['Security Hub is not enabled', answered('InvalidAccessException', 401), 'denied'],
  ['credentials have expired', answered('ExpiredToken', 400), 'denied'],
  ['credentials are unknown', answered('UnrecognizedClientException', 400), 'denied'],
  ['the clock is wrong', answered('RequestTimeTooSkewed', 403), 'other'],
  ['S3 says slower', answered('SlowDown', 503), 'throttled'],
  ['EC2 says slower', answered('RequestLimitExceeded', 503), 'throttled'],
  ['RDS says slower', answered('Throttling', 400), 'throttled'],
  ['DynamoDB says slower', answered('ProvisionedThroughputExceededException', 400), 'throttled'],
  ['slower, by the status alone', answered('Whatever', 429), 'throttled'],
  ['slower, by the model', answered('Whatever', 400, { $retryable: { throttling: true } }), 'throttled'],
  ['the service failed', answered('InternalError', 500), 'server'],
  ['the service failed, with a rare status', answered('Whatever', 599), 'server'],
  ['a gateway timed out', answered('Whatever', 504), 'server'],
  ['S3 works on the same bucket', answered('OperationAborted', 409), 'server'],
  ['the connection broke', onTheWay('ECONNRESET', 'TimeoutError'), 'server'],
  ['nobody listens', onTheWay('ECONNREFUSED'), 'server'],
  ['the name is not known just now', onTheWay('EAI_AGAIN'), 'server'],
  ['no answer in time', onTheWay('', 'TimeoutError'), 'server'],
  ['the cause was the network', new Error('wrapped', { cause: onTheWay('EPIPE') }), 'server'],
  ['our own time ran out', Object.assign(new Error('Request aborted'), { name: 'AbortError' }), 'server'],
  ['what it acts on is not there', answered('NoSuchBucket', 404), 'other'],
  ['the call is wrong', answered('ValidationException', 400), 'other'],
  ['the resource is busy', answered('InvalidDBInstanceState', 400), 'other'],
  ['a mistake of ours', new TypeError('x is not a function'), 'other'],
  ['no error at all', 'AccessDenied', 'other'],
  ['nothing', undefined, 'other'],
  ['an object that is no error', {}, 'other'],
] as const)('%s', (_name, thrown, kind) => {
  expect(classify(thrown)).toBe(kind);
});

test.each([
  [
    'of a service, by its name: the message may quote what was sent',
    answered('ValidationException', 400),
    'ValidationException',
  ],
  ['of our own, in its words', new Error('The environment lacks a table.'), 'The environment lacks a table.'],
  ['that is no error, as it is', 'gone', 'gone'],
] as const)('an error is told: %s', (_name, thrown, text) => {
  expect(told(thrown)).toBe(text);
});
