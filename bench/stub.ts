import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A stub of the AWS services that one event touches, in a process of its own, so that its work is not measured with ours.
 * Each request is answered after a fixed latency, and noted. Buckets have state; the ledger has none, since each event
 * of the benchmark is about a bucket of its own.
 */
export interface Seen {
  readonly op: string;
  /** The bucket, for calls to one. */
  readonly bucket?: string;
  /** Milliseconds since the epoch, with fractions: when the request was there, and when it was answered. */
  readonly from: number;
  readonly to: number;
}

interface Bucket {
  block?: string;
  encryption?: string;
  policy?: string;
}

const [, , latencyText = '30'] = process.argv;
const latency = Number(latencyText);
const EVIDENCE = 'evidence';
const buckets = new Map<string, Bucket>();
let seen: Seen[] = [];
const clock = (): number => performance.timeOrigin + performance.now();

const xml = (body: string, status = 200) => ({ status, type: 'application/xml', body: `<?xml version="1.0"?>${body}` });
const none = (code: string) => xml(`<Error><Code>${code}</Code><Message>none</Message></Error>`, 404);
const json = (value: unknown) => ({ status: 200, type: 'application/json', body: JSON.stringify(value) });
const empty = { status: 200, type: 'application/xml', body: '' };
const OWNER = '<Owner><ID>hospital</ID></Owner>';
const OWN_GRANT =
  '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>hospital</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>';

const PARTS = ['publicAccessBlock', 'encryption', 'acl', 'policyStatus', 'policy', 'website', 'ownershipControls'];

function s3(method: string, name: string, part: string | undefined, body: string) {
  const bucket = buckets.get(name) ?? {};
  buckets.set(name, bucket);
  if (name === EVIDENCE || part === undefined) return empty;
  if (method === 'PUT') {
    if (part === 'publicAccessBlock') bucket.block = body;
    if (part === 'encryption') bucket.encryption = body;
    if (part === 'policy') bucket.policy = body;
    return empty;
  }
  if (part === 'publicAccessBlock')
    return bucket.block ? xml(bucket.block) : none('NoSuchPublicAccessBlockConfiguration');
  if (part === 'encryption') return xml(bucket.encryption ?? DEFAULT_ENCRYPTION);
  if (part === 'acl')
    return xml(
      `<AccessControlPolicy>${OWNER}<AccessControlList>${OWN_GRANT}</AccessControlList></AccessControlPolicy>`,
    );
  if (part === 'policy' && bucket.policy) return { ...empty, body: bucket.policy };
  if (part === 'policyStatus' && bucket.policy) return xml('<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>');
  if (part === 'website') return none('NoSuchWebsiteConfiguration');
  if (part === 'ownershipControls') return none('OwnershipControlsNotFoundError');
  return none('NoSuchBucketPolicy');
}
const DEFAULT_ENCRYPTION =
  '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>';

const server = createServer((request, response) => {
  const from = clock();
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    const method = request.method ?? 'GET';
    if (pathname === '/__seen') {
      const answer = JSON.stringify(seen);
      seen = [];
      response.end(answer);
      return;
    }
    const target = request.headers['x-amz-target'];
    const name = pathname.split('/')[1] ?? '';
    const part = PARTS.find((each) => searchParams.has(each));
    const isHub = pathname.startsWith('/findings');
    const op =
      typeof target === 'string'
        ? (target.split('.')[1] ?? target)
        : isHub
          ? 'BatchImportFindings'
          : `${method} ${part ?? 'object'}`;
    const answer =
      typeof target === 'string'
        ? json({})
        : isHub
          ? json({ FailedCount: 0, SuccessCount: 1, FailedFindings: [] })
          : s3(method, name, part, body);
    setTimeout(
      () => {
        response.writeHead(answer.status, { 'content-type': answer.type });
        response.end(answer.body);
        const ofBucket = typeof target !== 'string' && !isHub && name !== EVIDENCE;
        seen.push({ op, ...(ofBucket && { bucket: name }), from, to: clock() });
      },
      latency - (clock() - from),
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
