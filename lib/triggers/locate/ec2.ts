import { type Fields, fields, text } from '../fields.ts';
import type { ApiCall, Locator, Named } from './locator.ts';

const GROUP = 'AWS::EC2::SecurityGroup';

const GROUP_ID = /^sg-[0-9a-f]+$/;
const VPC_ID = /^vpc-[0-9a-f]+$/;
/** What EC2 takes as the name of a group in a VPC: up to 255 characters of these. Source: CreateSecurityGroup, Amazon EC2 API Reference. */
const GROUP_NAME = /^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/;

const group = (id: string | undefined): Named | undefined =>
  id !== undefined && GROUP_ID.test(id) ? { type: GROUP, id } : undefined;
const looked = (name: string | undefined, like: RegExp, lookup: string): Named | undefined =>
  name !== undefined && like.test(name) ? { type: GROUP, id: name, lookup } : undefined;

/** `{items: [...]}`; EC2 writes an empty list as `{}`, and calls of few members one of them as an object. */
const items = (list: unknown): readonly Fields[] => {
  const { items: all } = fields(list);
  return (Array.isArray(all) ? all : [all]).map(fields);
};

/** Newer calls wrap what they are given, in capitals: `ModifySecurityGroupRulesRequest.GroupId`. */
const wrapped = ({ name, parameters }: ApiCall): Fields => fields(parameters[`${name}Request`]);

/**
 * The group that was changed. A group that a rule refers to is in the call as well, and was not. Only a new group is
 * named in the answer alone; a group of the default VPC may be called by its name, and since 2021 the answer has its id.
 */
function groupOf(call: ApiCall): Named | undefined {
  const { parameters, response } = call;
  return (
    group(text(parameters.groupId)) ??
    group(text(wrapped(call).GroupId)) ??
    group(text(response.groupId)) ??
    group(text(items(response.securityGroupRuleSet)[0]?.groupId)) ??
    looked(text(parameters.groupName), GROUP_NAME, 'name')
  );
}

export const ec2: Locator = {
  source: 'ec2.amazonaws.com',
  namespace: 'ec2',
  types: [GROUP],
  call(call) {
    const found =
      call.name === 'CreateVpc'
        ? looked(text(fields(call.response.vpc).vpcId), VPC_ID, 'vpc')
        : /SecurityGroup/.test(call.name)
          ? groupOf(call)
          : undefined;
    return found ? [found] : [];
  },
  arn: ({ resource }) => group(/^security-group\/(.+)$/.exec(resource)?.[1]),
  id: (type, id) => (type === GROUP ? group(id) : undefined),
};
