import { readArn } from '../../lib/triggers/arn.ts';
import { ec2 } from '../../lib/triggers/locate/ec2.ts';
import type { ApiCall } from '../../lib/triggers/locate/locator.ts';

const call = (name: string, parameters: object, response: object = {}): ApiCall => ({
  name,
  region: 'us-east-1',
  parameters: { ...parameters },
  response: { ...response },
});
const type = 'AWS::EC2::SecurityGroup';
const items = (...all: object[]) => ({ items: all });

describe('which security group a call changed', () => {
  test.each<[string, ApiCall, object[]]>([
    ['by its id', call('AuthorizeSecurityGroupIngress', { groupId: 'sg-1a' }), [{ type, id: 'sg-1a' }]],
    [
      'not the group that a rule refers to',
      call('AuthorizeSecurityGroupIngress', {
        groupId: 'sg-1a',
        ipPermissions: items({ groups: items({ groupId: 'sg-2b' }) }),
      }),
      [{ type, id: 'sg-1a' }],
    ],
    [
      'by the name it has in the default VPC',
      call('AuthorizeSecurityGroupIngress', { groupName: 'legacy pacs (old)' }, { _return: true }),
      [{ type, id: 'legacy pacs (old)', lookup: 'name' }],
    ],
    [
      'by the id in the answer rather than by the name',
      call(
        'AuthorizeSecurityGroupIngress',
        { groupName: 'legacy' },
        { securityGroupRuleSet: items({ groupId: 'sg-1a' }) },
      ),
      [{ type, id: 'sg-1a' }],
    ],
    [
      'a single rule in the answer, not in a list',
      call('AuthorizeSecurityGroupIngress', {}, { securityGroupRuleSet: { items: { groupId: 'sg-1a' } } }),
      [{ type, id: 'sg-1a' }],
    ],
    [
      'within what newer calls wrap',
      call('ModifySecurityGroupRules', {
        ModifySecurityGroupRulesRequest: { GroupId: 'sg-1a', SecurityGroupRule: {} },
      }),
      [{ type, id: 'sg-1a' }],
    ],
    [
      'a new one, by the answer and not by its name',
      call('CreateSecurityGroup', { groupName: 'web' }, { groupId: 'sg-1a' }),
      [{ type, id: 'sg-1a' }],
    ],
    [
      "a new VPC's default one",
      call('CreateVpc', { cidrBlock: '10.0.0.0/16' }, { vpc: { vpcId: 'vpc-1a' } }),
      [{ type, id: 'vpc-1a', lookup: 'vpc' }],
    ],
    ['none, when the call hides it', call('AuthorizeSecurityGroupIngress', { groupId: '***' }), []],
    ['none, of a call with nothing in it', call('AuthorizeSecurityGroupIngress', {}), []],
    ['none, of a VPC without an id', call('CreateVpc', {}, { vpc: {} }), []],
    ['none, of another call', call('RunInstances', { groupId: 'sg-1a' }), []],
  ])('%s', (_name, one, named) => {
    expect(ec2.call(one)).toEqual(named);
  });
});

test('an ARN or an id of a security group, and nothing else of EC2', () => {
  const arn = (resource: string) => ec2.arn(readArn(`arn:aws-cn:ec2:cn-north-1:123456789012:${resource}`)!);
  expect(arn('security-group/sg-1a')).toEqual({ type, id: 'sg-1a' });
  expect(arn('security-group-rule/sgr-1a')).toBeUndefined();
  expect(arn('security-group/web')).toBeUndefined();
  expect(arn('instance/i-1a')).toBeUndefined();
  expect(ec2.id(type, 'sg-1a')).toEqual({ type, id: 'sg-1a' });
  expect(ec2.id(type, 'web')).toBeUndefined();
  expect(ec2.id('AWS::EC2::Instance', 'sg-1a')).toBeUndefined();
});
