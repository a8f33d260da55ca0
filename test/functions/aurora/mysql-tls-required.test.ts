import control from '../../../functions/aurora/mysql-tls-required.ts';
import { dbCluster } from '../../../lib/aws/rds-cluster.ts';
import { testControl } from '../../control-tester.ts';
import { clusterCases, snapshot } from './clusters.ts';

const cases = clusterCases({
  control: control.id,
  Engine: 'aurora-mysql',
  EngineVersion: '8.0.mysql_aurora.3.05.2',
  family: 'aurora-mysql8.0',
  multiAz: { Engine: 'mysql', EngineVersion: '8.0.36' },
  unable: { EngineVersion: '5.6.mysql_aurora.1.23.4', emulate: { engine: 'aurora' } },
  parameter: 'require_secure_transport',
  on: 'ON',
});

testControl(control, { type: dbCluster, budget: 13, snapshot, cases });
