import type { Milliseconds } from '../../units.ts';
import type { JudgeConfig, JudgedMetric } from './config.ts';

/** A metric of the canary config, and the KPI whose values it judges. */
export interface JudgedKpi extends JudgedMetric {
  readonly kpi: string;
}

/** The judge of a rollout. Must not change within a step. */
export interface JudgeSettings extends JudgeConfig<JudgedKpi> {
  /** One value of each KPI and arm per interval. */
  readonly interval: Milliseconds;
}

/** How far a step's bake has come. */
export interface Bake {
  /** Time served, with this tick counted in. */
  readonly served: Milliseconds;
  readonly of: Milliseconds;
  /** The longest that the bake may be extended to. */
  readonly most: Milliseconds;
}

export interface Judging {
  readonly settings: JudgeSettings;
  readonly bake: Bake;
}
