import { defineControl } from '../../lib/control.ts';
import {
  getOpenRules,
  judgeOpenPorts,
  OPEN_LIMITS,
  OPEN_READS,
  OPEN_REASONS,
  OPEN_WRITES,
  observeOpenRules,
  setOpenRules,
} from '../../lib/ec2/open-ports.ts';

const PORTS = {
  22: 'SSH',
};

export default defineControl({
  id: 'sg-no-open-ssh',
  title: 'No security group opens SSH to the world',
  rationale:
    'A server that takes SSH from the whole internet is tried with stolen and guessed passwords within minutes; whoever gets in stands inside the network that holds the ePHI.',
  limits: OPEN_LIMITS,
  severity: 'HIGH',
  exposure: true,
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: [
    '164.308(a)(1)(ii)(B)',
    '164.308(a)(3)(i)',
    '164.308(a)(3)(ii)(B)',
    '164.308(a)(4)(i)',
    '164.308(a)(4)(ii)(A)',
    '164.308(a)(4)(ii)(B)',
    '164.308(a)(4)(ii)(C)',
    '164.312(a)(1)',
    '164.312(e)(1)',
  ],
  mapsTo: {
    configRules: ['restricted-ssh'],
    securityHub: ['EC2.13'],
    guardDuty: ['UnauthorizedAccess:EC2/SSHBruteForce', 'Recon:EC2/PortProbeUnprotectedPort'],
  },
  resources: ['AWS::EC2::SecurityGroup'],
  triggers: [
    {
      source: 'ec2.amazonaws.com',
      events: {
        AuthorizeSecurityGroupIngress: 'changes',
        ModifySecurityGroupRules: 'changes',
        CreateSecurityGroup: 'creates',
      },
    },
  ],
  reasons: OPEN_REASONS,
  reads: OPEN_READS,
  writes: OPEN_WRITES,

  observe: observeOpenRules,
  get: getOpenRules,
  evaluate: (state) => judgeOpenPorts(state, PORTS),
  set: setOpenRules,
});
