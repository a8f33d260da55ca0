import { emulationGaps } from './emulation-gaps.ts';
import { testAws } from './support/aws.ts';
import { workerMoto } from './support/emulators.ts';

test.each(emulationGaps.map((gap) => [`${gap.service}:${gap.operation}`, gap] as const))(
  'moto still has not learnt %s',
  async (_name, gap) => {
    const { url } = await workerMoto();
    const aws = testAws({ url });
    try {
      expect(await gap.learnt(aws)).toBe(false);
    } finally {
      aws.destroy();
    }
  },
);

test('each operation stands in the list once', () => {
  const names = emulationGaps.map(({ service, operation }) => `${service}:${operation}`);
  expect(names).toEqual([...new Set(names)]);
});
