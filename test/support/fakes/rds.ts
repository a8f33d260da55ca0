import type { EmulationGap } from '../gap.ts';

export const rdsGaps: readonly EmulationGap[] = [];
