import type { ComparisonProgress } from '../../../../src/core/analysis/comparison/progress.ts';
import type { Step } from '../../../../src/core/rollout/plan.ts';

/**
 * How much of a step must have been served before traffic may rise: all of its bake. Only where the plan says so,
 * below 100 % and with a proof that the canary is no worse, and no suspicion now, is its floor enough.
 */
export function leastServed(step: Step | undefined, isCleared: boolean): number {
  if (step === undefined) return Infinity;
  if (step.promoteEarly === undefined || !isCleared || step.weight >= 100) return step.bake;
  return Math.min(step.promoteEarly, step.bake);
}

/** Proven no worse, at any time before, and with at most half of the evidence that convicts against it now. */
export function isCleared(comparison: ComparisonProgress | null): boolean {
  return comparison?.nonInferior === true && 2 * comparison.log <= comparison.threshold;
}
