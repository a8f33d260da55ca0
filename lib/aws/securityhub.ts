import { BatchImportFindingsCommand, BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { service } from './op.ts';

const securityhub = service('securityhub', SecurityHubClient);
// biome-ignore lint/suspicious/noTemplateCurlyInString: a CloudFormation Fn::Sub text
const PRODUCT = 'arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:product/${AWS::AccountId}/default';
// biome-ignore lint/suspicious/noTemplateCurlyInString: a CloudFormation Fn::Sub text
const HUB = 'arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:hub/default';

export const batchImportFindings = securityhub.write('BatchImportFindings', BatchImportFindingsCommand, {
  iam: ['securityhub:BatchImportFindings'],
  arn: PRODUCT,
});
export const batchUpdateFindings = securityhub.write('BatchUpdateFindings', BatchUpdateFindingsCommand, {
  iam: ['securityhub:BatchUpdateFindings'],
  arn: HUB,
});
