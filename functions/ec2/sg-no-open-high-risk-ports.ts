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

/** The list of Security Hub's control EC2.19 (AWS Security Hub User Guide, "Security Hub CSPM controls for Amazon EC2"). */
const PORTS = {
  20: 'FTP data',
  21: 'FTP',
  22: 'SSH',
  23: 'Telnet',
  25: 'SMTP',
  110: 'POP3',
  135: 'RPC',
  143: 'IMAP',
  445: 'SMB',
  1433: 'SQL Server',
  1434: 'SQL Server browser',
  3000: 'a development server',
  3306: 'MySQL',
  3389: 'RDP',
  4333: 'mSQL',
  5000: 'a development server',
  5432: 'PostgreSQL',
  5500: 'VNC',
  5601: 'OpenSearch Dashboards',
  8080: 'a proxy',
  8088: 'HTTP',
  8888: 'HTTP',
  9200: 'OpenSearch',
  9300: 'OpenSearch nodes',
};

export default defineControl({
  id: 'sg-no-open-high-risk-ports',
  title: 'No security group opens a high-risk port to the world',
  rationale:
    'These ports belong to services that were never meant to face the internet: open to the world they are scanned all day, and one unpatched service is the way to the ePHI behind it.',
  limits: OPEN_LIMITS,
  severity: 'CRITICAL',
  impact: 'may-reject-clients',
  reverts: 'fully',
  hipaa: ['164.308(a)(1)(ii)(B)', '164.308(a)(3)(i)', '164.312(a)(1)', '164.312(e)(1)'],
  mapsTo: { securityHub: ['EC2.19'], guardDuty: ['Recon:EC2/PortProbeUnprotectedPort'] },
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
