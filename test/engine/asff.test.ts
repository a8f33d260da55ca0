import { controls as catalogue, types as catalogueTypes } from '../../functions/catalog.ts';
import { defineType } from '../../lib/aws/type.ts';
import { cut, findingId, fingerprint, toAsff } from '../../lib/engine/asff.ts';
import type { Finding } from '../../lib/engine/findings.ts';
import type { Intent } from '../../lib/engine/record.ts';
import { type Citation, HIPAA } from '../../lib/hipaa.ts';
import type { ResourceKey } from '../../lib/resource.ts';
import { green, thing } from './world.ts';

const types = [
  defineType({
    name: 'AWS::Test::Thing',
    asff: 'Other',
    arn: ({ partition, region, account, id }) => `arn:${partition}:test:${region}:${account}:thing/${id}`,
    deletedBy: { source: 'test.amazonaws.com', events: ['DropThing'] },
    reads: [],
    async *list() {},
  }),
];
const key = thing();
const cause = {
  source: 'cloudtrail',
  eventId: 'b7a1',
  eventName: 'Paint',
  time: '2026-01-05T02:59:30Z',
  origin: 'changes',
  principal: {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::111122223333:assumed-role/painter/ann',
    issuerArn: 'arn:aws:iam::111122223333:role/painter',
  },
  sourceAddress: '192.0.2.7',
  userAgent: 'Terraform/1.9',
} as const;
const intent: Intent = {
  id: '20260105T030000000Z-000000000001',
  kind: 'remediation',
  control: green.id,
  key,
  openedAt: '2026-01-05T03:00:00.000Z',
  cause,
  reason: 'box is red.',
  before: { color: 'red', lid: null },
  after: { color: 'green', lid: 'shut' },
  calls: [],
};
const finding = (change: Partial<Finding> = {}): Finding => ({
  id: findingId(key, green),
  key,
  control: green,
  compliance: 'FAILED',
  recordState: 'ACTIVE',
  text: 'box is red.',
  cause,
  createdAt: '2026-01-05T03:00:00.000Z',
  updatedAt: '2026-01-05T03:00:02.000Z',
  known: false,
  ...change,
});
const asff = (change: Partial<Finding> = {}) => toAsff(finding(change), types);
const slots = (count: number, value: unknown = 'red') =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`slot-${n}`, value]));

test('a fix, whole', () => {
  expect(asff({ compliance: 'PASSED', workflow: 'RESOLVED', intent })).toEqual({
    SchemaVersion: '2018-10-08',
    Id: finding().id,
    ProductArn: 'arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default',
    ProductName: 'Suture',
    CompanyName: 'Suture',
    GeneratorId: 'suture/test-thing-green',
    AwsAccountId: '111122223333',
    CreatedAt: '2026-01-05T03:00:00.000Z',
    UpdatedAt: '2026-01-05T03:00:02.000Z',
    FirstObservedAt: '2026-01-05T03:00:00.000Z',
    LastObservedAt: '2026-01-05T03:00:02.000Z',
    Title: 'Things are green',
    Description: 'box is red.',
    FindingProviderFields: {
      Types: ['Software and Configuration Checks/Industry and Regulatory Standards/HIPAA Controls (USA)'],
      Severity: { Label: 'INFORMATIONAL', Original: 'HIGH' },
    },
    Compliance: { Status: 'PASSED', RelatedRequirements: ['HIPAA 164.312(a)(1) Access control'] },
    Resources: [
      { Type: 'Other', Id: 'arn:aws:test:us-east-1:111122223333:thing/box', Partition: 'aws', Region: 'us-east-1' },
    ],
    RecordState: 'ACTIVE',
    Workflow: { Status: 'RESOLVED' },
    Remediation: {
      Recommendation: {
        Text: `To take this fix back: npx suture revert test-thing-green box --region us-east-1 --intent ${intent.id} --reason "..."`,
      },
    },
    ProductFields: {
      'suture/control': 'test-thing-green',
      'suture/cause/source': 'cloudtrail',
      'suture/cause/event': 'Paint',
      'suture/cause/eventId': 'b7a1',
      'suture/cause/time': '2026-01-05T02:59:30Z',
      'suture/cause/principal': 'arn:aws:iam::111122223333:role/painter',
      'suture/cause/session': 'arn:aws:sts::111122223333:assumed-role/painter/ann',
      'suture/cause/address': '192.0.2.7',
      'suture/cause/userAgent': 'Terraform/1.9',
      'suture/intent': intent.id,
      'suture/revert': `npx suture revert test-thing-green box --region us-east-1 --intent ${intent.id} --reason "..."`,
      'suture/before/color': '"red"',
      'suture/before/lid': 'null',
      'suture/after/color': '"green"',
      'suture/after/lid': '"shut"',
    },
  });
});

test('drift that nobody has repaired keeps its severity and names no way back', () => {
  const { FindingProviderFields, Remediation, ProductFields, Workflow } = asff();
  expect(FindingProviderFields?.Severity).toEqual({ Label: 'HIGH', Original: 'HIGH' });
  expect(Remediation?.Recommendation?.Text).toContain('npx suture explain test-thing-green');
  expect(Object.keys(ProductFields!).filter((name) => /intent|revert|before|after/.test(name))).toEqual([]);
  expect(Workflow).toBeUndefined();
});

test('an import asks for a workflow only where it creates the finding', () => {
  expect(asff({ workflow: 'RESOLVED', known: true }).Workflow).toBeUndefined();
  expect(asff({ workflow: 'SUPPRESSED', known: false }).Workflow).toEqual({ Status: 'SUPPRESSED' });
});

test('what the event does not tell is left out, not empty', () => {
  const silent = { ...cause, eventId: '', principal: undefined, sourceAddress: undefined, userAgent: undefined };
  expect(Object.keys(asff({ cause: silent }).ProductFields!)).toEqual([
    'suture/control',
    'suture/cause/source',
    'suture/cause/event',
    'suture/cause/time',
  ]);
});

test('other partitions', () => {
  const gov: ResourceKey = { ...key, partition: 'aws-us-gov', region: 'us-gov-west-1' };
  const { ProductArn, Resources } = asff({ key: gov });
  expect(ProductArn).toBe('arn:aws-us-gov:securityhub:us-gov-west-1:111122223333:product/111122223333/default');
  expect(Resources?.[0]).toMatchObject({ Partition: 'aws-us-gov', Id: expect.stringMatching(/^arn:aws-us-gov:/) });
});

test('a type that nobody defined is named', () => {
  expect(() => asff({ key: { ...key, type: 'AWS::Test::Unheard' } })).toThrow('AWS::Test::Unheard');
});

describe('the id', () => {
  test('stays the same', () => {
    expect(findingId({ ...key }, green)).toBe(findingId(key, green));
    expect(findingId(key, green)).toMatch(/^suture\/111122223333\/us-east-1\/test-thing-green\/[0-9a-f]{32}$/);
  });
  test.each([
    ['account', { account: '123456789012' }],
    ['region', { region: 'eu-west-1' }],
    ['partition', { partition: 'aws-cn' }],
    ['type', { type: 'AWS::Test::Group' as const }],
    ['id', { id: 'Box' }],
  ])('differs by %s', (_name, change) => {
    expect(findingId({ ...key, ...change }, green)).not.toBe(findingId(key, green));
  });
  test('fits, however long the names', () => {
    expect(findingId({ ...key, id: 'x'.repeat(2048) }, { ...green, id: 'c'.repeat(200) }).length).toBeLessThan(512);
  });
});

describe('the fingerprint', () => {
  const told = fingerprint(finding());
  test.each<[string, Partial<Finding>]>([
    ['times', { createdAt: '2026-02-01T00:00:00Z', updatedAt: '2026-02-01T00:00:00Z' }],
    ['who asked', { cause: { ...cause, eventId: 'another' } }],
    ['whether it is known', { known: true }],
    ['a workflow of NEW, asked for once and then left alone', { workflow: 'NEW' }],
  ])('is not changed by %s', (_name, change) => {
    expect(fingerprint(finding(change))).toBe(told);
  });
  test.each<[string, Partial<Finding>]>([
    ['compliance', { compliance: 'PASSED' }],
    ['record state', { recordState: 'ARCHIVED' }],
    ['text', { text: 'box is blue.' }],
    ['workflow', { workflow: 'SUPPRESSED' }],
    ['intent', { intent }],
    ['severity', { control: { ...green, severity: 'LOW' } }],
  ])('is changed by %s', (_name, change) => {
    expect(fingerprint(finding(change))).not.toBe(told);
  });
  test('is changed by the note of an exemption', () => {
    const [one, other] = ['until May', 'until June'].map((note) => finding({ workflow: 'SUPPRESSED', note }));
    expect(fingerprint(one!)).not.toBe(fingerprint(other!));
  });
});

describe('limits', () => {
  const withSlots = (before: Record<string, unknown>, change: Partial<Intent> = {}) =>
    asff({ intent: { ...intent, before, after: before, ...change } });

  test('title and description', () => {
    const { Title, Description } = asff({ control: { ...green, title: 't'.repeat(300) }, text: 'd'.repeat(2000) });
    expect(Title).toBe(`${'t'.repeat(253)}...`);
    expect(Description).toBe(`${'d'.repeat(1021)}...`);
  });

  test('no text is cut in the middle of a character', () => {
    expect(cut('abc\u{1F9B7}defghij', 7)).toBe('abc...');
    expect(cut('abcd\u{1F9B7}', 6)).toBe('abcd\u{1F9B7}');
  });

  test('more slots than there is room for', () => {
    const { ProductFields } = withSlots(slots(40));
    expect(Object.keys(ProductFields!)).toHaveLength(49);
    expect(ProductFields).toMatchObject({
      'suture/before/slot-17': '"red"',
      'suture/before/...': '22 more, all in the evidence',
      'suture/after/...': '22 more, all in the evidence',
    });
  });

  test('a slot that is too long is marked as cut', () => {
    expect(withSlots({ policy: 'x'.repeat(3000) }).ProductFields?.['suture/before/policy']).toBe(
      `"${'x'.repeat(2044)}...`,
    );
  });

  test('long slot names that begin alike stay two', () => {
    const names = ['one', 'two'].map((end) => `policy/statement:${'s'.repeat(150)}${end}`);
    const fields = Object.keys(withSlots(Object.fromEntries(names.map((name) => [name, 1]))).ProductFields!);
    const before = fields.filter((name) => name.startsWith('suture/before/'));
    expect(before).toHaveLength(2);
    expect(before.map((name) => name.length)).toEqual([128, 128]);
  });

  test('240 KB: slots are shortened, the reason is not', () => {
    // Three bytes each in UTF-8, and six as JSON writes a control character.
    const [before, userAgent] = [slots(30, '\u20ac'.repeat(2048)), '\u0001'.repeat(2048)];
    const heavy = asff({
      cause: { ...cause, userAgent, sourceAddress: userAgent },
      intent: { ...intent, before, after: before },
    });
    expect(Buffer.byteLength(JSON.stringify(heavy))).toBeLessThanOrEqual(240_000);
    expect(heavy.ProductFields?.['suture/before/slot-0']).toHaveLength(256);
    expect(heavy.ProductFields?.['suture/before/...']).toBe('12 more, all in the evidence');
    expect(heavy.Description).toBe('box is red.');
  });

  test('a command is never cut in half', () => {
    const id = `arn:aws:test:::${'x'.repeat(600)}`;
    const { Remediation, ProductFields } = asff({ key: { ...key, id }, intent: { ...intent, key: { ...key, id } } });
    expect(Remediation?.Recommendation?.Text).toMatch(
      /^To take this fix back: npx suture revert test-thing-green, then/,
    );
    expect(ProductFields?.['suture/revert']).toMatch(/--reason "\.\.\."$/);
    const endless = { ...key, id: 'x'.repeat(2040) };
    expect(asff({ key: endless, intent: { ...intent, key: endless } }).ProductFields).not.toHaveProperty(
      'suture/revert',
    );
  });

  test('a command is safe to paste', () => {
    const id = `two words; $(rm) 'x'`;
    expect(asff({ intent: { ...intent, key: { ...key, id } } }).ProductFields?.['suture/revert']).toContain(
      String.raw` 'two words; $(rm) '\''x'\''' --region`,
    );
  });

  test('every citation fits, and its title goes before its number does', () => {
    const hipaa = Object.keys(HIPAA) as [Citation, ...Citation[]];
    const shown = hipaa.flatMap(
      (one) => asff({ control: { ...green, hipaa: [one] } }).Compliance!.RelatedRequirements!,
    );
    expect(shown).toHaveLength(hipaa.length);
    for (const [index, text] of shown.entries()) {
      expect(text.length).toBeLessThanOrEqual(64);
      expect(`${text} `).toContain(`HIPAA ${hipaa[index]} `);
    }
    expect(asff({ control: { ...green, hipaa } }).Compliance?.RelatedRequirements).toHaveLength(32);
  });

  test.each(catalogue.map((control) => [control.id, control] as const))(
    '%s, as the catalogue has it',
    (_id, control) => {
      const of = { ...key, type: control.resources[0] };
      const { Title, Remediation, GeneratorId } = toAsff(finding({ key: of, control }), catalogueTypes);
      expect(Title).toBe(control.title);
      expect(GeneratorId).toBe(`suture/${control.id}`);
      expect(Remediation!.Recommendation!.Text!.length).toBeLessThanOrEqual(512);
    },
  );
});
