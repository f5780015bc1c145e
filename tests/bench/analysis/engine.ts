import { DEFAULT_COMPARISON } from '../../../src/core/analysis/comparison/rules.ts';
import { HANDBOOK_KPIS, recordedKpis } from '../../../src/core/replay/handbook.ts';
import type { ReplaySettings } from '../../../src/core/replay/replay.ts';

/** The engine as it is without a configuration. */
export const ENGINE: ReplaySettings = {
  kpis: HANDBOOK_KPIS,
  recorded: recordedKpis(HANDBOOK_KPIS),
  comparison: DEFAULT_COMPARISON,
  hold: 300_000,
  every: 1,
};
