import type { Kpi } from '../../analysis/kpi.ts';
import type { Result } from '../../result.ts';
import type { ServiceRecord } from '../../rollout/record.ts';
import type { EpochMs } from '../../units.ts';
import type { Series } from '../series.ts';

export interface PageInput {
  readonly result: Result;
  readonly record: ServiceRecord | null;
  /** Null draws no charts. */
  readonly series: Series | null;
  readonly kpis: readonly Kpi[];
  readonly generatedAt: EpochMs;
}
