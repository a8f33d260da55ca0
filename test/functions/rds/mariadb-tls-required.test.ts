import control from '../../../functions/rds/mariadb-tls-required.ts';
import { dbInstance } from '../../../lib/aws/rds.ts';
import { testControl } from '../../control-tester.ts';
import { snapshot } from './databases.ts';
import { tlsCases } from './tls-cases.ts';

const engine = {
  control: control.id,
  Engine: 'mariadb',
  EngineVersion: '10.6.14',
  family: 'mariadb10.6',
  parameter: 'require_secure_transport',
  on: 'ON',
  off: 'OFF',
};

testControl(control, { type: dbInstance, budget: 13, snapshot, cases: tlsCases(engine, '10.4.30') });
