import {
  BatchImportFindingsCommand,
  BatchUpdateFindingsCommand,
  EnableSecurityHubCommand,
  GetFindingsCommand,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import type { TestAws } from '../aws.ts';
import type { EmulationGap, FakeContext } from '../gap.ts';
import { jsonAnswer, type WireCall } from '../wire.ts';

type Json = Record<string, unknown>;
interface Key {
  readonly Id: string;
  readonly ProductArn: string;
}
const keyOf = ({ Id, ProductArn }: Key): string => `${ProductArn}|${Id}`;

/** What BatchUpdateFindings has changed, by finding: moto keeps the finding, this what is laid over it. */
const updates = (context: FakeContext): Map<string, Json> => context.memory('securityhub:updates', () => new Map());

const hub = (aws: TestAws): SecurityHubClient => aws.client(SecurityHubClient);

async function allFindings(aws: TestAws): Promise<(Json & Key)[]> {
  const found: (Json & Key)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await hub(aws).send(new GetFindingsCommand({ NextToken, MaxResults: 100 }));
    found.push(...((page.Findings ?? []) as unknown as (Json & Key)[]));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** Filters on text fields, as far as tests use them: EQUALS and PREFIX, any of several values, all of several fields. */
function passes(finding: Json, filters: Readonly<Record<string, { Value: string; Comparison: string }[]>>): boolean {
  return Object.entries(filters).every(([field, wanted]) => {
    const value = String(fieldOf(finding, field) ?? '');
    return wanted.some(({ Value, Comparison }) => {
      if (Comparison === 'EQUALS') return value === Value;
      if (Comparison === 'PREFIX') return value.startsWith(Value);
      throw new Error(`the GetFindings fake knows no ${Comparison}`);
    });
  });
}

function fieldOf(finding: Json, field: string): unknown {
  const within = (name: string) => finding[name] as Json | undefined;
  if (field === 'ComplianceStatus') return within('Compliance')?.Status;
  if (field === 'WorkflowStatus') return within('Workflow')?.Status;
  if (field === 'ResourceId') return (finding.Resources as Json[] | undefined)?.[0]?.Id;
  return finding[field];
}

const probe = (aws: TestAws, Id: string) => ({
  SchemaVersion: '2018-10-08',
  Id,
  ProductArn: `arn:aws:securityhub:${aws.region}:${aws.account}:product/${aws.account}/default`,
  GeneratorId: 'gap',
  AwsAccountId: aws.account,
  CreatedAt: '2026-01-01T00:00:00Z',
  UpdatedAt: '2026-01-01T00:00:00Z',
  Title: 'gap',
  Description: 'gap',
  Severity: { Label: 'LOW' as const },
  Types: ['Software and Configuration Checks'],
  Resources: [{ Type: 'Other', Id: 'gap' }],
});

export const securityHubGaps: readonly EmulationGap[] = [
  {
    service: 'securityhub',
    operation: 'BatchUpdateFindings',
    reason: 'moto lacks it; Security Hub lays Workflow, Note and the like over the imported finding.',
    async learnt(aws) {
      await hub(aws).send(new EnableSecurityHubCommand({}));
      const finding = probe(aws, 'gap-update');
      await hub(aws).send(new BatchImportFindingsCommand({ Findings: [finding] }));
      const FindingIdentifiers = [{ Id: finding.Id, ProductArn: finding.ProductArn }];
      return hub(aws)
        .send(new BatchUpdateFindingsCommand({ FindingIdentifiers, Workflow: { Status: 'RESOLVED' } }))
        .then(
          () => true,
          () => false,
        );
    },
    async fake(call: WireCall, context) {
      const { FindingIdentifiers, ...change } = JSON.parse(call.body) as Json & { FindingIdentifiers: Key[] };
      const known = new Set((await allFindings(context.aws)).map(keyOf));
      const there = FindingIdentifiers.filter((one) => known.has(keyOf(one)));
      const all = updates(context);
      for (const one of there) all.set(keyOf(one), { ...all.get(keyOf(one)), ...change });
      return jsonAnswer({
        ProcessedFindings: there,
        UnprocessedFindings: FindingIdentifiers.filter((one) => !known.has(keyOf(one))).map((FindingIdentifier) => ({
          FindingIdentifier,
          ErrorCode: 'FindingNotFound',
          ErrorMessage: 'The finding was not found.',
        })),
      });
    },
  },
  {
    service: 'securityhub',
    operation: 'GetFindings',
    reason: 'moto ignores every filter, and knows nothing of BatchUpdateFindings.',
    async learnt(aws) {
      await hub(aws).send(new EnableSecurityHubCommand({}));
      await hub(aws).send(new BatchImportFindingsCommand({ Findings: [probe(aws, 'gap-a'), probe(aws, 'gap-b')] }));
      const Filters = { Id: [{ Value: 'gap-a', Comparison: 'EQUALS' as const }] };
      const { Findings = [] } = await hub(aws).send(new GetFindingsCommand({ Filters }));
      return Findings.length === 1;
    },
    async fake(call, context) {
      const { Filters = {} } = JSON.parse(call.body || '{}') as { Filters?: Parameters<typeof passes>[1] };
      const all = updates(context);
      const laid = (await allFindings(context.aws)).map((finding) => ({ ...finding, ...all.get(keyOf(finding)) }));
      return jsonAnswer({ Findings: laid.filter((finding) => passes(finding, Filters)) });
    },
  },
];
