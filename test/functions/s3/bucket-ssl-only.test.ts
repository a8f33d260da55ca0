import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import control from '../../../functions/s3/bucket-ssl-only.ts';
import { bucket } from '../../../lib/aws/s3.ts';
import { type TestAws, testControl } from '../../control-tester.ts';
import { charts, judge, KEY, policy, publicRead, snapshotOf, website } from '../../support/fakes/s3.ts';

const ours = {
  Sid: 'SutureTlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: ['arn:aws:s3:::charts', 'arn:aws:s3:::charts/*'],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};
const partner = { ...publicRead, Sid: 'Partner', Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
const long = {
  ...partner,
  Resource: Array.from({ length: 500 }, (_, n) => `arn:aws:s3:::charts/patients/number-${n}/*`),
};

async function policyOf({ s3 }: Pick<TestAws, 's3'>, id: string) {
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: id }));
  return JSON.parse(Policy ?? '');
}
const shows =
  (...Statement: object[]) =>
  async (aws: TestAws, id: string) =>
    expect(await policyOf(aws, id)).toEqual({ Version: '2012-10-17', Statement });

testControl(control, {
  type: bucket,
  // Two reads, one write, and the reads again to verify.
  budget: 5,
  snapshot: snapshotOf,
  cases: [
    { name: 'an equal statement under another Sid', given: charts(policy({ ...ours, Sid: 'x' })), is: 'COMPLIANT' },
    { name: 'a new bucket', given: charts(), is: 'DRIFTED', reason: 'open', shows: shows(ours) },
    {
      name: 'a policy of others: one statement is added, and theirs stay',
      given: charts(policy(partner, { ...partner, Sid: 'Partner2' })),
      origin: 'changes',
      is: 'DRIFTED',
      reason: 'open',
      shows: shows(partner, { ...partner, Sid: 'Partner2' }, ours),
      neighbour: async (aws, id) => {
        const { Version, Statement } = await policyOf(aws, id);
        const Policy = JSON.stringify({ Version, Statement: [...Statement, { ...partner, Sid: 'Later' }] });
        await aws.s3.send(new PutBucketPolicyCommand({ Bucket: id, Policy }));
      },
    },
    {
      name: "our Sid on somebody else's statement",
      given: charts(policy({ ...partner, Sid: ours.Sid })),
      origin: 'opens',
      is: 'DRIFTED',
      reason: 'open',
      shows: shows({ ...partner, Sid: ours.Sid }, { ...ours, Sid: 'SutureTlsOnly2' }),
    },
    { name: 'a website, which has no TLS', given: charts(website), is: 'APPROVAL', reason: 'open' },
    { name: 'a policy with no room left', given: charts(policy(long)), is: 'MANUAL', reason: 'cannot' },
  ],
});

test.each(['aws-us-gov', 'aws-cn'])('in %s the statement names the ARNs of that partition', async (partition) => {
  const { verdict } = await judge(control, {}, {}, { ...KEY, partition });
  const Resource = [`arn:${partition}:s3:::charts`, `arn:${partition}:s3:::charts/*`];
  expect(verdict).toMatchObject({ desired: { 'policy/statement:SutureTlsOnly': { ...ours, Resource } } });
  expect((await judge(control, { policy: [{ ...ours, Resource }] }, {}, { ...KEY, partition })).verdict.status).toBe(
    'COMPLIANT',
  );
});

test('what is no policy is neither judged nor rewritten', async () => {
  const call = async () => ({ Policy: '{"Statement":[' });
  const observe = control.observe as (...args: unknown[]) => Promise<unknown>;
  await expect(observe(KEY, call, {})).rejects.toThrow('The policy of bucket charts is not JSON.');
});
