import type { ComparisonTick } from '../../../src/core/analysis/comparison/compare.ts';
import { compareTick, newComparison } from '../../../src/core/analysis/comparison/compare.ts';
import type { ComparisonDesign, ComparisonOptions } from '../../../src/core/analysis/comparison/design.ts';
import { designComparison } from '../../../src/core/analysis/comparison/design.ts';
import type { ComparisonEvidence, ComparisonState } from '../../../src/core/analysis/comparison/evidence.ts';
import { HANDBOOK_KPIS } from '../../../src/core/replay/handbook.ts';
import type { Recorded, RecordedArm } from './recorded.ts';

/** The comparison that the handbook's KPIs and the recorded plan ask for. */
export function designFor(rollout: Recorded, more: Partial<ComparisonOptions> = {}): ComparisonDesign {
  const ticks = rollout.steps.reduce((sum, step) => sum + (step.weight < 100 ? step.ticks : 0), 0);
  return designComparison({
    kpis: HANDBOOK_KPIS,
    bounds: { 'api-latency-p95': rollout.latencyBoundsMs },
    tick: rollout.tickSeconds * 1_000,
    comparable: ticks * rollout.tickSeconds * 1_000,
    ...more,
  });
}

export function tickOf(rollout: Recorded, tick: number, alone: boolean): ComparisonTick {
  const arm = (from: RecordedArm) => ({
    events: { type: 'events', bad: from.errors[tick] ?? 0, total: from.requests[tick] ?? 0 } as const,
    histogram: {
      type: 'histogram',
      bounds: rollout.latencyBoundsMs,
      counts: from.latency.map((bucket) => bucket[tick] ?? 0),
    } as const,
  });
  const canary = arm(rollout.canary);
  const stable = arm(rollout.stable);
  return {
    elapsed: rollout.tickSeconds * 1_000,
    alone,
    kpis: {
      'error-rate': { canary: canary.events, stable: alone ? null : stable.events },
      'api-latency-p95': { canary: canary.histogram, stable: alone ? null : stable.histogram },
    },
  };
}

export interface Played {
  readonly convictedAt: number | null;
  readonly evidence: ComparisonEvidence | null;
  readonly nonInferiorTick: number | null;
}

/** Plays the comparisons alone, up to the deciding tick. */
export function playComparison(rollout: Recorded, design: ComparisonDesign): Played {
  let state: ComparisonState = newComparison(design);
  let nonInferiorTick: number | null = null;
  const alone = rollout.steps.flatMap((step) => new Array<boolean>(step.ticks).fill(step.weight >= 100));
  for (let tick = 0; tick < alone.length; tick++) {
    const { state: next, evidence } = compareTick(design, state, tickOf(rollout, tick, alone[tick] ?? false));
    state = next;
    if (evidence.nonInferior) nonInferiorTick ??= tick;
    if (evidence.convicts) return { convictedAt: tick, evidence, nonInferiorTick };
  }
  return { convictedAt: null, evidence: null, nonInferiorTick };
}
