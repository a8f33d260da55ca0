import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type Filter,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { Caller } from '../control.ts';
import { type ActsOn, pages, service } from './op.ts';
import { defineType } from './type.ts';

/**
 * The operations on security groups. IAM actions and resources: Service Authorization Reference, "Actions, resources,
 * and condition keys for Amazon EC2"; EC2's Describe calls know no narrower resource than `*`. Errors: Amazon EC2 API
 * Reference, "Error codes".
 */
const ec2 = service('ec2', EC2Client);

const group = (id: string | undefined): ActsOn | undefined =>
  id ? { type: 'AWS::EC2::SecurityGroup', id } : undefined;
const gone = ['InvalidGroup.NotFound'];
const onGroup = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/*',
  on: ({ GroupId }: { GroupId?: string | undefined } = {}): ActsOn | undefined => group(GroupId),
  gone,
};
/** Also the rules: IAM asks about a rule that is changed, and about one that gets tags as it is made. */
const onGroupAndRules = {
  ...onGroup,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is CloudFormation's, filled in by Fn::Sub
  arn: 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group*',
};

/** Asked about one group by its id it answers `InvalidGroup.NotFound`; with filters it answers what there is, be it nothing. */
export const describeSecurityGroups = ec2.read('DescribeSecurityGroups', DescribeSecurityGroupsCommand, {
  iam: ['ec2:DescribeSecurityGroups'],
  on: ({ GroupIds = [] } = {}) => (GroupIds.length === 1 ? group(GroupIds[0]) : undefined),
  gone,
});
/** The rules with their ids and tags, which `DescribeSecurityGroups` leaves out. Silent about a group that does not exist. */
export const describeSecurityGroupRules = ec2.read('DescribeSecurityGroupRules', DescribeSecurityGroupRulesCommand, {
  iam: ['ec2:DescribeSecurityGroupRules'],
});
export const describeNetworkInterfaces = ec2.read('DescribeNetworkInterfaces', DescribeNetworkInterfacesCommand, {
  iam: ['ec2:DescribeNetworkInterfaces'],
});
export const describeVpcs = ec2.read('DescribeVpcs', DescribeVpcsCommand, { iam: ['ec2:DescribeVpcs'] });

export const authorizeSecurityGroupIngress = ec2.write(
  'AuthorizeSecurityGroupIngress',
  AuthorizeSecurityGroupIngressCommand,
  // Tags in the call need the second permission.
  { ...onGroupAndRules, iam: ['ec2:AuthorizeSecurityGroupIngress', 'ec2:CreateTags'] },
);
export const authorizeSecurityGroupEgress = ec2.write(
  'AuthorizeSecurityGroupEgress',
  AuthorizeSecurityGroupEgressCommand,
  { ...onGroupAndRules, iam: ['ec2:AuthorizeSecurityGroupEgress', 'ec2:CreateTags'] },
);
export const modifySecurityGroupRules = ec2.write('ModifySecurityGroupRules', ModifySecurityGroupRulesCommand, {
  ...onGroupAndRules,
  iam: ['ec2:ModifySecurityGroupRules'],
});
export const revokeSecurityGroupIngress = ec2.write('RevokeSecurityGroupIngress', RevokeSecurityGroupIngressCommand, {
  ...onGroup,
  iam: ['ec2:RevokeSecurityGroupIngress'],
});
export const revokeSecurityGroupEgress = ec2.write('RevokeSecurityGroupEgress', RevokeSecurityGroupEgressCommand, {
  ...onGroup,
  iam: ['ec2:RevokeSecurityGroupEgress'],
});

/** Ids of the security groups that pass all filters, page by page. */
async function* groupIds(call: Caller<typeof describeSecurityGroups>, Filters?: Filter[]): AsyncGenerator<string> {
  const page = (NextToken: string | undefined) => call(describeSecurityGroups, { NextToken, Filters });
  for await (const { SecurityGroups = [] } of pages(page, ({ NextToken }) => NextToken))
    for (const { GroupId } of SecurityGroups) if (GroupId) yield GroupId;
}
const filter = (Name: string, value: string): Filter => ({ Name, Values: [value] });

export const securityGroup = defineType({
  name: 'AWS::EC2::SecurityGroup',
  asff: 'AwsEc2SecurityGroup',
  arn: ({ partition, region, account, id }) => `arn:${partition}:ec2:${region}:${account}:security-group/${id}`,
  deletedBy: { source: 'ec2.amazonaws.com', events: ['DeleteSecurityGroup'] },
  reads: [describeSecurityGroups, describeVpcs],
  /** EC2 also answers groups that another account shares with this one: only their owner changes them. */
  list: (call, { account }) => groupIds(call, [filter('owner-id', account)]),
  lookups: {
    /** The default security group of a VPC, made with it and named in none of its events. */
    vpc: (vpc, call) => groupIds(call, [filter('vpc-id', vpc), filter('group-name', 'default')]),
    /** A call may name a group of the default VPC, and of no other, by its name. */
    async *name(name, call) {
      const { Vpcs = [] } = await call(describeVpcs, { Filters: [filter('is-default', 'true')] });
      for (const { VpcId } of Vpcs)
        if (VpcId) yield* groupIds(call, [filter('vpc-id', VpcId), filter('group-name', name)]);
    },
  },
});
