import type { ComparisonProgress } from '../../../../src/core/analysis/comparison/progress.ts';
import type { Transition } from '../../../../src/core/rollout/move.ts';
import type { Step } from '../../../../src/core/rollout/plan.ts';
import type { Rollout } from '../../../../src/core/rollout/record.ts';
import { transition } from '../../../../src/core/rollout/transition.ts';
import { PROVEN } from '../sample-rollout.ts';

type Decide = typeof transition;

/** State machines that end a bake early when they must not. */
export const EARLY_MISTAKES: readonly (readonly [string, Decide])[] = [
  ['ends a bake early without a proof', believing(() => PROVEN)],
  ['ends a bake early while the canary is suspected', believing(unsuspecting)],
  ['ends a bake early below its floor', byPlan(floorless)],
  ['ends a bake early although the plan does not say so', byPlan(everyStepMay)],
];

/** Decides by another plan, and puts the real one back into the record. */
export function byPlan(change: (step: Step) => Step): Decide {
  return (record, event) => {
    const { rollout } = record;
    if (rollout === null || event.type !== 'ticked') return transition(record, event);
    const plan = { ...rollout.plan, steps: rollout.plan.steps.map(change) };
    const moved = transition({ ...record, rollout: { ...rollout, plan } }, event);
    return restored(moved, (after) => ({ ...after, plan: rollout.plan }));
  };
}

function floorless(step: Step): Step {
  return step.promoteEarly === undefined ? step : { ...step, promoteEarly: 0 };
}

function everyStepMay(step: Step): Step {
  return { ...step, promoteEarly: step.promoteEarly ?? 0 };
}

function unsuspecting(comparison: ComparisonProgress | null): ComparisonProgress | null {
  return comparison === null ? null : { ...comparison, log: 0 };
}

/** Believes another comparison than it is told, and keeps that out of the record. */
function believing(change: (comparison: ComparisonProgress | null) => ComparisonProgress | null): Decide {
  return (record, event) => {
    if (event.type !== 'ticked') return transition(record, event);
    const { analysis } = event;
    const comparison = change(analysis.comparison);
    const moved = transition(record, { ...event, analysis: { ...analysis, comparison } });
    return restored(moved, (after) => ({
      ...after,
      analysis: { ...after.analysis, comparison: analysis.comparison },
    }));
  };
}

function restored(moved: Transition, restore: (rollout: Rollout) => Rollout): Transition {
  if (moved.kind === 'refused' || moved.record.rollout === null) return moved;
  return { ...moved, record: { ...moved.record, rollout: restore(moved.record.rollout) } };
}
