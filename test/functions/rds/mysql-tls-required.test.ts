import control from '../../../functions/rds/mysql-tls-required.ts';
import { dbInstance } from '../../../lib/aws/rds.ts';
import { testControl } from '../../control-tester.ts';
import { snapshot } from './databases.ts';
import { tlsCases } from './tls-cases.ts';

const engine = {
  control: control.id,
  Engine: 'mysql',
  EngineVersion: '8.0.36',
  family: 'mysql8.0',
  parameter: 'require_secure_transport',
  on: '1',
  off: '0',
};

testControl(control, { type: dbInstance, budget: 13, snapshot, cases: tlsCases(engine, '5.6.51') });
