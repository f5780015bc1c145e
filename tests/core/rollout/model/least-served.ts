import type { Step } from '../../../../src/core/rollout/plan.ts';

/**
 * How much of a step must have been served before traffic may rise: all of its bake. Only where the plan says so,
 * below 100 % and with a proof that the canary is no worse, is its floor enough.
 */
export function leastServed(step: Step | undefined, isProven: boolean): number {
  if (step === undefined) return Infinity;
  if (step.promoteEarly === undefined || !isProven || step.weight >= 100) return step.bake;
  return Math.min(step.promoteEarly, step.bake);
}
