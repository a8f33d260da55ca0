import control from '../../../functions/aurora/postgres-tls-required.ts';
import { dbCluster } from '../../../lib/aws/rds-cluster.ts';
import { testControl } from '../../control-tester.ts';
import { clusterCases, snapshot } from './clusters.ts';

const cases = clusterCases({
  control: control.id,
  Engine: 'aurora-postgresql',
  EngineVersion: '16.3',
  family: 'aurora-postgresql16',
  multiAz: { Engine: 'postgres', EngineVersion: '14.12' },
  unable: { EngineVersion: '9.6.22' },
  parameter: 'rds.force_ssl',
  on: '1',
});

testControl(control, { type: dbCluster, budget: 13, snapshot, cases });
