import type { Plan } from '../../rollout/plan.ts';
import type { Milliseconds, Ratio } from '../../units.ts';

/** What a user decides about the comparison with stable. */
export interface ComparisonSettings {
  /** Chance of a false abort in the whole rollout, all KPIs and steps together. */
  readonly alpha: Ratio;
  /** Watched time is divided by this: 1 in real life, 0.1 in a plan ten times as fast. */
  readonly pace: number;
}

/** The settings, and what the plan says of the time. Must not change within a rollout. */
export interface ComparisonRules extends ComparisonSettings {
  readonly tick: Milliseconds;
  /** Time of the plan in which there is a stable arm. */
  readonly comparable: Milliseconds;
}

export const DEFAULT_COMPARISON: ComparisonSettings = { alpha: 0.01, pace: 1 };

export function comparisonRules(
  settings: ComparisonSettings,
  plan: Pick<Plan, 'steps' | 'tick'>,
): ComparisonRules {
  const compared = plan.steps.filter((step) => step.weight < 100);
  const comparable = compared.reduce((sum, step) => sum + step.bake, 0);
  return { alpha: settings.alpha, pace: settings.pace, tick: plan.tick, comparable };
}
