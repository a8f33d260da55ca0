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

/** The defaults of AWS's rule restricted-common-ports (AWS Config Developer Guide); EC2.14 looks at 3389 alone. */
const PORTS = {
  20: 'FTP data',
  21: 'FTP',
  3306: 'MySQL',
  3389: 'RDP',
  4333: 'mSQL',
};

export default defineControl({
  id: 'sg-no-open-admin-ports',
  title: 'No security group opens RDP, FTP or database ports to the world',
  rationale:
    'Remote desktops and databases that the whole internet can reach are broken into by guessed passwords and known holes, and FTP carries patient files and passwords readable.',
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
    configRules: ['restricted-common-ports'],
    securityHub: ['EC2.14'],
    guardDuty: [
      'UnauthorizedAccess:EC2/RDPBruteForce',
      'Recon:EC2/PortProbeUnprotectedPort',
      'Impact:EC2/WinRMBruteForce',
    ],
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
