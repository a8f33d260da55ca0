/** The four ways AWS services speak on the wire, as far as a proxy between SDK and emulator needs them. */
export type Protocol = 's3' | 'query' | 'ec2' | 'json' | 'rest-json';

/** One request as it arrived, and what it asks for. */
export interface WireCall {
  /** Service as in the signature's scope: `s3`, `rds`, `kms`, `securityhub` ... */
  readonly service: string;
  /** Service and API operation, e.g. `s3:GetBucketAcl`. */
  readonly operation: string;
  readonly kind: 'read' | 'write';
  readonly protocol: Protocol;
  readonly region: string;
  readonly method: string;
  /** Path with query, as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body's fields, for query protocols (`DBParameterGroupName`, `Parameters.Parameter.1.ParameterName`). */
  readonly params: URLSearchParams;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** S3 names an operation by method and query parameter; these are the bucket's. */
const SUBRESOURCES: Readonly<Record<string, string>> = {
  acl: 'BucketAcl',
  accelerate: 'BucketAccelerateConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};
const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete', HEAD: 'Head' };
const REST: Readonly<Record<string, string>> = {
  'securityhub POST /accounts': 'EnableSecurityHub',
  'securityhub GET /accounts': 'DescribeHub',
  'securityhub POST /findings': 'GetFindings',
  'securityhub POST /findings/import': 'BatchImportFindings',
  'securityhub PATCH /findings/batchupdate': 'BatchUpdateFindings',
};

type Raw = Pick<WireCall, 'method' | 'url' | 'headers' | 'body'>;

/** What a request asks for, from its signature's scope and its service's protocol. */
export function readCall(raw: Raw): WireCall {
  const scope = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(String(raw.headers.authorization ?? ''));
  const region = scope?.[1] ?? 'us-east-1';
  const target = raw.headers['x-amz-target'];
  const form = String(raw.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const params = new URLSearchParams(form ? raw.body : '');
  const service = scope?.[2] ?? 's3';
  const { protocol, name } = target
    ? { protocol: 'json' as const, name: String(target).split('.').at(-1)! }
    : form
      ? { protocol: service === 'ec2' ? ('ec2' as const) : ('query' as const), name: params.get('Action') ?? '' }
      : service === 's3'
        ? { protocol: 's3' as const, name: s3Operation(raw) }
        : { protocol: 'rest-json' as const, name: restOperation(service, raw) };
  const kind = /^(Get|Describe|List|Head|BatchGet|Decrypt|Query|Scan)/.test(name) ? 'read' : 'write';
  return { ...raw, service, region, protocol, operation: `${service}:${name}`, kind, params };
}

function s3Operation({ method, url }: Raw): string {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [bucket, ...key] = pathname.slice(1).split('/');
  const verb = VERBS[method] ?? method;
  if (!bucket) return 'ListBuckets';
  if (key.join('/')) return `${verb}Object${searchParams.has('acl') ? 'Acl' : ''}`;
  const subresource = Object.keys(SUBRESOURCES).find((name) => searchParams.has(name));
  if (subresource) return `${verb}${SUBRESOURCES[subresource]}`;
  return { GET: 'ListObjectsV2', PUT: 'CreateBucket', DELETE: 'DeleteBucket', HEAD: 'HeadBucket' }[method] ?? verb;
}

function restOperation(service: string, { method, url }: Raw): string {
  const { pathname } = new URL(url, 'http://rest');
  return REST[`${service} ${method} ${pathname}`] ?? `${method} ${pathname}`;
}

/** An error as the call's service would send it. `code` is the wire's (`DBInstanceNotFound`, not the SDK's name). */
export function errorAnswer(call: Pick<WireCall, 'protocol'>, status: number, code: string, message: string): Answer {
  const error = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  const xml = (body: string): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
  switch (call.protocol) {
    case 's3':
      return xml(`<?xml version="1.0" encoding="UTF-8"?><Error>${error}<RequestId>test</RequestId></Error>`);
    case 'query':
      return xml(
        `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>test</RequestId></ErrorResponse>`,
      );
    case 'ec2':
      return xml(`<Response><Errors><Error>${error}</Error></Errors><RequestID>test</RequestID></Response>`);
    default:
      return jsonAnswer({ __type: code, message, Message: message }, status, { 'x-amzn-errortype': code });
  }
}

/** Each protocol's way to say "slower". */
export function throttled(call: Pick<WireCall, 'protocol'>): Answer {
  const slower = 'Please reduce your request rate.';
  if (call.protocol === 's3') return errorAnswer(call, 503, 'SlowDown', slower);
  if (call.protocol === 'ec2') return errorAnswer(call, 503, 'RequestLimitExceeded', slower);
  if (call.protocol === 'query') return errorAnswer(call, 400, 'Throttling', slower);
  return errorAnswer(call, call.protocol === 'json' ? 400 : 429, 'ThrottlingException', slower);
}

/** A successful answer of a query-protocol operation, around the inner XML of its result. */
export function queryAnswer(call: Pick<WireCall, 'operation'>, result: string, namespace: string): Answer {
  const name = call.operation.split(':')[1];
  const inner = `<${name}Result>${result}</${name}Result><ResponseMetadata><RequestId>test</RequestId></ResponseMetadata>`;
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${name}Response xmlns="${namespace}">${inner}</${name}Response>`,
  };
}

export const xmlAnswer = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>${body}`,
});

export const jsonAnswer = (value: unknown, status = 200, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', ...headers },
  body: JSON.stringify(value),
});

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * What an emulator answers, in the form AWS gives it: a refusal by its IAM comes as XML whatever the service speaks,
 * and an operation it lacks comes as a page for people.
 */
export function normalise(call: WireCall, answer: Answer): Answer {
  const speaksJson = call.protocol === 'json' || call.protocol === 'rest-json';
  const text = answer.body.trimStart();
  if (answer.status === 403 && speaksJson && text.startsWith('<')) {
    const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? 'AccessDeniedException';
    return errorAnswer(call, 403, code, /<Message>(.*?)<\/Message>/.exec(text)?.[1] ?? '');
  }
  const page = /^<(!doctype html|html)/i.test(text) || /not( yet)? (been )?implemented/i.test(text.slice(0, 500));
  // 400, which the SDK does not try again.
  if (answer.status >= 400 && page) return errorAnswer(call, 400, 'NotEmulated', `not emulated: ${call.operation}`);
  return answer;
}
