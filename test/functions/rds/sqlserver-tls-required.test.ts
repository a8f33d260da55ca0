import control from '../../../functions/rds/sqlserver-tls-required.ts';
import { dbInstance } from '../../../lib/aws/rds.ts';
import { testControl } from '../../control-tester.ts';
import { snapshot } from './databases.ts';
import { tlsCases } from './tls-cases.ts';

const engine = {
  control: control.id,
  Engine: 'sqlserver-se',
  EngineVersion: '15.00.4153',
  family: 'sqlserver-se15.00',
  parameter: 'rds.force_ssl',
  on: '1',
  off: '0',
  isStatic: true,
} as const;

testControl(control, { type: dbInstance, budget: 13, snapshot, cases: tlsCases(engine, '8.00.2039') });
