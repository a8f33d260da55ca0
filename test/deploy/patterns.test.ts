import { EventBridgeClient, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { controls, types } from '../../functions/catalog.ts';
import { callsPattern, findingsPattern } from '../../lib/deploy/patterns.ts';
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
  const pattern = findingsPattern(types);

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
