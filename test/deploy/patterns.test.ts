import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { controls, types } from '../../functions/catalog.ts';
import { callsPattern, findingsPattern, MOST_PATTERN_CHARACTERS } from '../../lib/deploy/patterns.ts';
import { workerMiniStack } from '../support/emulators.ts';
import { sample } from '../triggers/samples.ts';

/*
 * The patterns as EventBridge reads them. The reader is MiniStack's TestEventPattern, written by others than us; that
 * it is no yes-man is seen from the answers below being of both kinds.
 */
let bridge: EventBridgeClient;
beforeAll(async () => {
  const { url } = await workerMiniStack();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  bridge = new EventBridgeClient({ endpoint: url, region: 'us-east-1', credentials });
});
afterAll(() => bridge.destroy());

async function lets(pattern: object, event: unknown): Promise<boolean | undefined> {
  const command = new TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event: JSON.stringify(event) });
  return (await bridge.send(command)).Result;
}

describe('the rule for calls', () => {
  const pattern = callsPattern(controls, types);

  test.each([
    ['PutBucketAcl.json', true],
    ['DeleteBucket.json', true],
    ['ModifyDBParameterGroup.json', true],
    ['DeleteBucketEncryption-us-gov-west-1.json', true],
    ['GetBucketAcl.json', false],
    ['PutBucketPolicy-access-denied.json', false],
  ])('%s: %s', async (file, through) => {
    expect(await lets(pattern, sample(`cloudtrail/${file}`))).toBe(through);
  });

  test('lets an empty errorCode through, which has been seen on success', async () => {
    const event = sample('cloudtrail/PutBucketAcl.json');
    event.detail.errorCode = '';
    expect(await lets(pattern, event)).toBe(true);
  });

  test('stops what others than AWS put on the bus', async () => {
    expect(await lets(pattern, { ...sample('cloudtrail/PutBucketAcl.json'), source: 'my.s3' })).toBe(false);
  });
});

describe('the rule for findings', () => {
  const pattern = findingsPattern(types.filter(({ name }) => /::(?:S3|RDS)::/.test(name)));

  test.each([
    ['config/S3-Bucket-NON_COMPLIANT.json', true],
    ['config/RDS-DBInstance-NON_COMPLIANT.json', true],
    ['config/S3-Bucket-COMPLIANT.json', false],
    ['config/EC2-Instance-NON_COMPLIANT.json', false],
    ['securityhub/S3-Bucket-FAILED.json', true],
    ['securityhub/S3-Bucket-NOTIFIED.json', true],
    ['securityhub/RDS-DBInstance-FAILED.json', true],
    ['securityhub/S3-Bucket-PASSED.json', false],
    ['securityhub/S3-Bucket-SUPPRESSED.json', false],
    ['securityhub/S3-Bucket-ARCHIVED.json', false],
    ['securityhub/S3-Bucket-own-finding.json', false],
    ['config/item-S3-Bucket.json', true],
    ['config/item-S3-Bucket-deleted.json', true],
    ['config/item-S3-Bucket-oversized.json', true],
    ['config/item-EC2-Instance.json', false],
    ['securityhub/action-S3-Bucket-suppressed.json', true],
    ['securityhub/action-S3-Bucket-own-finding.json', true],
    ['securityhub/action-several.json', true],
    ['securityhub/action-none.json', false],
    ['securityhub/v2-S3-Bucket-FAILED.json', true],
    ['securityhub/v2-S3-Bucket-ASFF-type.json', true],
    ['securityhub/v2-S3-Bucket-detection.json', false],
    ['guardduty/S3-Bucket-four.json', true],
    ['guardduty/S3-Bucket-under-AccessKey.json', true],
    ['guardduty/S3-Object-malicious-file.json', true],
    ['guardduty/RDS-DBInstance-brute-force.json', true],
    ['guardduty/EC2-Instance.json', false],
    ['guardduty/AccessKey.json', false],
    ['guardduty/AttackSequence.json', false],
    ['guardduty/S3-Bucket-api-output.json', false],
    ['signin/ConsoleLogin-root.json', false],
    ['cloudtrail/PutBucketAcl.json', false],
  ])('%s: %s', async (file, through) => {
    expect(await lets(pattern, sample(file))).toBe(through);
  });

  test('knows our own finding by its generator alone', async () => {
    const event = sample('securityhub/S3-Bucket-own-finding.json');
    for (const finding of event.detail.findings) finding.GeneratorId = 'security-control/S3.8';
    expect(await lets(pattern, event)).toBe(true);
  });
});

describe('the rule for findings of a family with many types', () => {
  const buckets = types.find(({ name }) => name === 'AWS::S3::Bucket')!;
  const [config, finding, v2] = [
    'config/EC2-Instance-NON_COMPLIANT.json',
    'securityhub/S3-Bucket-FAILED.json',
    'securityhub/v2-S3-Bucket-FAILED.json',
  ].map(sample);
  const names = Array.from({ length: 12 }, (_, i) => `QuiteALongNameOfAThing${i}`);
  const many = names.map((name) => ({
    ...buckets,
    name: `AWS::EC2::${name}` as const,
    asff: `AwsEc2${name}`,
  }));
  const pattern = findingsPattern(many);

  test('has their service in the place of each, and so stays within the limit', () => {
    expect(JSON.stringify(findingsPattern(many.slice(0, 2)))).toContain('AWS::EC2::QuiteALongNameOfAThing1"');
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(MOST_PATTERN_CHARACTERS);
  });

  test('lets each of them through, and nothing of another service', async () => {
    expect(await lets(pattern, config)).toBe(true);
    expect([await lets(pattern, finding), await lets(pattern, v2)]).toEqual([false, false]);
    finding.detail.findings[0].Resources[0].Type = 'AwsEc2QuiteALongNameOfAThing7';
    v2.detail.findings[0].resources[0].type = 'AWS::EC2::QuiteALongNameOfAThing7';
    expect([await lets(pattern, finding), await lets(pattern, v2)]).toEqual([true, true]);
  });
});
