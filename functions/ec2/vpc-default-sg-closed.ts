import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from '../../lib/aws/ec2.ts';
import { defineControl } from '../../lib/control.ts';
import { DEFAULT_READS, readDefaultGroup } from '../../lib/ec2/default-group.ts';
import { authorize, difference, getRules, revoke } from '../../lib/ec2/lens.ts';

export default defineControl({
  id: 'vpc-default-sg-closed',
  title: 'Default security group allows no traffic',
  rationale:
    'What is started without a thought for its security group gets the default one. While that lets its members talk to each other and to the internet, a forgotten machine reaches systems with ePHI; closed, it reaches nothing.',
  limits:
    'Whoever is in the group stays in it. A connection that is open when its rule goes lives on if EC2 tracks it, until it ends or idles out. Tags that AWS sets itself (aws:...) do not come back with a rule.',
  severity: 'HIGH',
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: ['164.312(e)(1)'],
  mapsTo: { configRules: ['vpc-default-security-group-closed'], securityHub: ['EC2.2'] },
  resources: ['AWS::EC2::SecurityGroup'],
  triggers: [
    {
      source: 'ec2.amazonaws.com',
      events: {
        AuthorizeSecurityGroupIngress: 'changes',
        AuthorizeSecurityGroupEgress: 'changes',
        ModifySecurityGroupRules: 'changes',
        CreateVpc: 'creates',
      },
    },
  ],
  reasons: {
    open: 'The default security group {{group}} of {{vpc}} allows traffic: {{rules}}.',
    notDefault: 'Security group {{group}} is not the default group of its VPC.',
  },
  reads: DEFAULT_READS,
  writes: {
    fix: [revokeSecurityGroupIngress, revokeSecurityGroupEgress],
    revert: [authorizeSecurityGroupIngress, authorizeSecurityGroupEgress],
  },

  observe: readDefaultGroup,
  get: ({ rules }) => getRules(rules),

  evaluate({ id: group, vpc, isDefault, rules, users }) {
    if (!isDefault) return { status: 'NOT_APPLICABLE', reason: 'notDefault', data: { group } };
    const slots = Object.keys(getRules(rules)).sort();
    if (slots.length === 0) return { status: 'COMPLIANT' };
    return {
      status: 'NON_COMPLIANT',
      reason: 'open',
      data: { group, vpc, rules: slots.join(', ') },
      desired: Object.fromEntries(slots.map((slot) => [slot, null])),
      ...(users.length > 0 && { blastRadius: users }),
    };
  },

  set({ id, rules }, slots) {
    const { add, remove } = difference(rules, slots);
    return [...add.map((rule) => authorize(id, rule)), ...remove.map((present) => revoke(id, present))];
  },
});
