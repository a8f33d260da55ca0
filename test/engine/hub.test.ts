import { EnableSecurityHubCommand, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { ACCOUNT, REGION } from '../../emulators/start.ts';
import { Clients } from '../../lib/aws/clients.ts';
import { defineType } from '../../lib/aws/type.ts';
import { findingId } from '../../lib/engine/asff.ts';
import type { Finding } from '../../lib/engine/findings.ts';
import { SecurityHub } from '../../lib/engine/hub.ts';
import type { LogFields } from '../../lib/engine/runtime.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import { emulationGaps } from '../emulation-gaps.ts';
import { workerMoto } from '../support/emulators.ts';
import { type AwsProxy, startProxy } from '../support/proxy.ts';
import { json, type StubAws, type StubRequest, startStubAws } from '../support/stub-aws.ts';
import { green, thing } from './world.ts';

const types = [
  defineType({
    name: 'AWS::Test::Thing',
    asff: 'Other',
    arn: ({ partition, region, account, id }) => `arn:${partition}:test:${region}:${account}:thing/${id}`,
    deletedBy: { source: 'test.amazonaws.com', events: [] },
    reads: [],
    async *list() {},
  }),
];
const box: ResourceKey = { ...thing(), account: ACCOUNT };
const productOf = (region = REGION) => `arn:aws:securityhub:${region}:${ACCOUNT}:product/${ACCOUNT}/default`;

function finding(id: string, change: Partial<Finding> & { region?: string } = {}): Finding {
  const { region = REGION, ...rest } = change;
  const key = { ...box, id, region };
  return {
    id: findingId(key, green),
    key,
    control: green,
    compliance: 'FAILED',
    recordState: 'ACTIVE',
    text: `${id} is red.`,
    cause: { source: 'agenda', eventId: '', eventName: 'agenda', time: '2026-01-05T03:00:00Z', origin: 'looks' },
    createdAt: '2026-01-05T03:00:00.000Z',
    updatedAt: '2026-01-05T03:00:00.000Z',
    known: false,
    ...rest,
  };
}

let logged: (LogFields & { message: string })[] = [];
const note = (message: string, fields: LogFields) => void logged.push({ message, ...fields });
const log = { info: note, warn: note, error: note, count() {} };
const opened: Clients[] = [];
/** The true one, sent with the product's own clients to whatever the environment names. */
function hub(): SecurityHub {
  const clients = new Clients({ account: ACCOUNT, env: process.env, requestTimeoutMs: 5_000 });
  opened.push(clients);
  return new SecurityHub(
    clients.sender(() => 60_000),
    types,
    log,
  );
}
beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
});
beforeEach(() => {
  logged = [];
});
afterAll(() => {
  for (const clients of opened) clients.destroy();
});

describe('in Security Hub', () => {
  let proxy: AwsProxy;
  let reader: SecurityHubClient;
  beforeAll(async () => {
    const moto = await workerMoto();
    proxy = await startProxy(moto.url, emulationGaps);
    process.env.AWS_ENDPOINT_URL = proxy.url;
    reader = new SecurityHubClient({ region: REGION });
    await reader.send(new EnableSecurityHubCommand({}));
  });
  afterAll(async () => {
    reader.destroy();
    await proxy.stop();
  });
  async function seen(id: string) {
    const Filters = { Id: [{ Value: id, Comparison: 'EQUALS' as const }] };
    const { Findings = [] } = await reader.send(new GetFindingsCommand({ Filters }));
    return Findings.map(({ Compliance, Workflow, Note, Description }) => ({
      status: Compliance?.Status,
      workflow: Workflow?.Status,
      note: Note?.Text,
      text: Description,
    }));
  }

  test('one finding from drift to exemption and back is one finding', async () => {
    const drift = finding('box');
    expect(await hub().publish([drift])).toEqual(new Set([drift.id]));
    expect(await seen(drift.id)).toMatchObject([{ status: 'FAILED', text: 'box is red.' }]);

    const fixed = finding('box', { compliance: 'PASSED', known: true, workflow: 'RESOLVED', text: 'box is green.' });
    expect(await hub().publish([fixed])).toEqual(new Set([drift.id]));
    expect(await seen(drift.id)).toMatchObject([{ status: 'PASSED', workflow: 'RESOLVED', text: 'box is green.' }]);

    const exempt = finding('box', { known: true, workflow: 'SUPPRESSED', note: 'Exempt until May: paint (Ann)' });
    await hub().publish([exempt]);
    expect(await seen(drift.id)).toMatchObject([
      { status: 'FAILED', workflow: 'SUPPRESSED', note: 'Exempt until May: paint (Ann)' },
    ]);

    await hub().publish([finding('box', { known: true, workflow: 'NEW' })]);
    expect(await seen(drift.id)).toMatchObject([{ status: 'FAILED', workflow: 'NEW' }]);
    expect(logged).toEqual([]);
  });

  test('a first finding that is already repaired is born resolved', async () => {
    const fixed = finding('crate', { compliance: 'PASSED', workflow: 'RESOLVED' });
    expect(await hub().publish([fixed])).toEqual(new Set([fixed.id]));
    expect(await seen(fixed.id)).toMatchObject([{ status: 'PASSED', workflow: 'RESOLVED' }]);
  });

  test('a first finding that is exempt has its note', async () => {
    const exempt = finding('trunk', { workflow: 'SUPPRESSED', note: 'Exempt: antique (Ann)' });
    expect(await hub().publish([exempt])).toEqual(new Set([exempt.id]));
    expect(await seen(exempt.id)).toMatchObject([{ workflow: 'SUPPRESSED', note: 'Exempt: antique (Ann)' }]);
  });
});

describe('what is asked of it', () => {
  let stub: StubAws;
  beforeAll(async () => {
    stub = await startStubAws();
    process.env.AWS_ENDPOINT_URL = stub.url;
  });
  afterAll(() => stub.stop());

  /** Accepts everything but what the test refuses: finding id -> error code. */
  function accept(refused: { imports?: Record<string, string>; updates?: Record<string, string> } = {}): void {
    const chosen = (ids: string[], codes: Record<string, string> = {}) =>
      ids.flatMap((Id) => (codes[Id] ? [{ Id, ErrorCode: codes[Id], ErrorMessage: 'secret of a slot' }] : []));
    stub.answer((response, { method, body }) => {
      const { Findings, FindingIdentifiers } = JSON.parse(body);
      if (method === 'POST') {
        const FailedFindings = chosen(
          Findings.map(({ Id }: { Id: string }) => Id),
          refused.imports,
        );
        const FailedCount = FailedFindings.length;
        return json({ FailedCount, SuccessCount: Findings.length - FailedCount, FailedFindings })(response);
      }
      const ids = FindingIdentifiers.map(({ Id }: { Id: string }) => Id);
      const UnprocessedFindings = chosen(ids, refused.updates).map(({ Id, ...error }) => ({
        FindingIdentifier: { Id, ProductArn: productOf() },
        ...error,
      }));
      return json({ ProcessedFindings: [], UnprocessedFindings })(response);
    });
  }
  const imports = () => stub.requests.filter(({ method }) => method === 'POST').map(findingsIn);
  const updates = () => stub.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body));
  const findingsIn = ({ body }: StubRequest): { Id: string; ProductArn: string }[] => JSON.parse(body).Findings;

  test('batches of a hundred, by region', async () => {
    accept();
    const here = Array.from({ length: 230 }, (_, n) => finding(`box-${n}`));
    const there = Array.from({ length: 3 }, (_, n) => finding(`box-${n}`, { region: 'eu-central-1' }));
    const all = [...here.slice(0, 100), ...there, ...here.slice(100)];
    expect(await hub().publish(all)).toEqual(new Set(all.map(({ id }) => id)));
    expect(imports().map((batch) => batch.length)).toEqual([100, 100, 30, 3]);
    for (const request of stub.requests) {
      const [{ ProductArn } = { ProductArn: '' }] = findingsIn(request);
      expect(new Set(findingsIn(request).map((one) => one.ProductArn)).size).toBe(1);
      expect(request.headers.authorization).toContain(`/${ProductArn.split(':')[3]}/securityhub/`);
    }
    expect(updates()).toEqual([]);
  });

  test('batches of six megabytes', async () => {
    accept();
    const slots = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`slot-${n}`, 'x'.repeat(2000)]));
    const { key, cause } = finding('box');
    const intent = {
      ...{ id: 'i-1', kind: 'remediation' as const, control: green.id, key, cause, openedAt: '', reason: '' },
      ...{ before: slots, after: slots, calls: [] },
    };
    const heavy = Array.from({ length: 100 }, (_, n) => finding(`box-${n}`, { intent }));
    await hub().publish(heavy);
    expect(imports().flat()).toHaveLength(100);
    expect(imports().length).toBe(2);
    for (const { body } of stub.requests) expect(Buffer.byteLength(body)).toBeLessThan(6_000_000);
  });

  test('workflows are set together where they are the same, and only where they change', async () => {
    accept();
    const known = { known: true };
    await hub().publish([
      finding('a', { ...known, workflow: 'RESOLVED', compliance: 'PASSED' }),
      finding('b', { ...known, workflow: 'RESOLVED', compliance: 'PASSED' }),
      finding('c', { ...known, workflow: 'SUPPRESSED', note: 'one' }),
      finding('d', { ...known, workflow: 'SUPPRESSED', note: 'n'.repeat(600) }),
      finding('e', known),
      finding('f', { workflow: 'RESOLVED', compliance: 'PASSED' }),
    ]);
    expect(imports().map((batch) => batch.length)).toEqual([6]);
    expect(
      updates().map(({ FindingIdentifiers: of, Workflow, Note }) => [of.length, Workflow.Status, Note?.Text]),
    ).toEqual([
      [2, 'RESOLVED', undefined],
      [1, 'SUPPRESSED', 'one'],
      [1, 'SUPPRESSED', `${'n'.repeat(509)}...`],
    ]);
    expect(updates()[1]).toMatchObject({
      FindingIdentifiers: [{ Id: finding('c').id, ProductArn: productOf() }],
      Note: { UpdatedBy: 'suture' },
    });
  });

  test('what is refused is not accepted, the rest is; the log names it without its content', async () => {
    const [a, b, c] = [
      finding('a'),
      finding('b', { known: true, workflow: 'RESOLVED', compliance: 'PASSED' }),
      finding('c', { known: true, workflow: 'RESOLVED', compliance: 'PASSED' }),
    ];
    accept({ imports: { [a.id]: 'InvalidInput' }, updates: { [b.id]: 'FindingNotFound' } });
    expect(await hub().publish([a, b, c])).toEqual(new Set([c.id]));
    expect(logged).toEqual([
      { message: 'Security Hub refused a finding.', finding: a.id, error: 'InvalidInput' },
      { message: 'Security Hub did not set a workflow.', finding: b.id, error: 'FindingNotFound' },
    ]);
  });

  test('the workflow of a finding that was not imported is left alone', async () => {
    const refused = finding('a', { known: true, workflow: 'RESOLVED', compliance: 'PASSED' });
    accept({ imports: { [refused.id]: 'InvalidInput' } });
    expect(await hub().publish([refused])).toEqual(new Set());
    expect(updates()).toEqual([]);
  });

  test.each<[string, (ids: string[]) => void]>([
    ['by an exception', () => stub.answer(json({ Message: 'not subscribed' }, 401, 'InvalidAccessException'))],
    ['finding by finding', (ids) => accept({ imports: Object.fromEntries(ids.map((id) => [id, 'InvalidAccess'])) })],
  ])('where it is not enabled nothing is accepted, and the log says what to do: %s', async (_name, refuse) => {
    const all = [finding('a'), finding('b')];
    refuse(all.map(({ id }) => id));
    expect(await hub().publish(all)).toEqual(new Set());
    expect(logged[0]).toEqual({
      message: 'Security Hub takes no findings: enable it in this account and region.',
      account: ACCOUNT,
      region: REGION,
    });
  });

  test('one region without it does not keep the others from being told', async () => {
    const [here, there] = [finding('a'), finding('a', { region: 'eu-central-1' })];
    stub.answer((response, { headers }) =>
      headers.authorization?.includes(`/${REGION}/`)
        ? json({}, 401, 'InvalidAccessException')(response)
        : json({ FailedCount: 0, SuccessCount: 1, FailedFindings: [] })(response),
    );
    expect(await hub().publish([here, there])).toEqual(new Set([there.id]));
  });

  test('any other failure is thrown: nobody may think it was told', async () => {
    stub.answer(json({ Message: 'no' }, 403, 'AccessDeniedException'));
    await expect(hub().publish([finding('a')])).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('nothing to tell costs no call', async () => {
    accept();
    expect(await hub().publish([])).toEqual(new Set());
    expect(stub.requests).toEqual([]);
  });
});
