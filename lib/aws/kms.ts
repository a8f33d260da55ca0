import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { service } from './op.ts';

/** The operations on KMS keys. IAM: Service Authorization Reference, "AWS Key Management Service". */
const kms = service('kms', KMSClient);

/** `KeyId`: key id, key ARN, alias name or alias ARN. A key or alias that does not exist answers `undefined`. */
export const describeKey = kms.readOptional('DescribeKey', DescribeKeyCommand, {
  iam: ['kms:DescribeKey'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*',
  on: ({ KeyId }) => (KeyId ? { type: 'AWS::KMS::Key', id: KeyId } : undefined),
  none: ['NotFoundException'],
});
