import type { ComparisonTick } from '../../../src/core/analysis/comparison/compare.ts';
import { compareTick, newComparison } from '../../../src/core/analysis/comparison/compare.ts';
import type { ComparisonDesign, ComparisonOptions } from '../../../src/core/analysis/comparison/design.ts';
import { designComparison } from '../../../src/core/analysis/comparison/design.ts';
import type { ComparisonEvidence, ComparisonState } from '../../../src/core/analysis/comparison/evidence.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import { guardrailTick } from './guardrail.ts';
import type { Recorded, RecordedArm } from './recorded.ts';
import { tails } from './recorded.ts';

/** One line of `replay --json`. */
export interface Decision {
  readonly id: string;
  readonly decision: 'abort' | 'promote';
  readonly tick: number | null;
  readonly seconds: number | null;
  readonly reasonCode: 'comparison' | 'guardrail' | null;
  readonly kpi: string | null;
  /** Stream that carried the evidence. */
  readonly stream: string | null;
  readonly nonInferiorTick: number | null;
}

const common = {
  counts: 'bad',
  for: 300_000,
  window: 60_000,
  minSamples: 50,
  warmUp: 0,
  scope: 'per-arm',
  // biome-ignore lint/suspicious/noThenProperty: the product's own word for what follows a silence
  noData: { budget: 120_000, then: 'abort' },
  errorBudget: 120_000,
} as const;

/** The handbook's two KPIs: error rate (target 1 %, alert 2 %), latency P95 (target 500 ms, alert 800 ms). */
export const KPIS: readonly Kpi[] = [
  {
    ...common,
    id: 'errors',
    title: 'Error rate',
    type: 'ratio',
    unit: 'ratio',
    quantile: 0,
    target: { comparator: '<=', value: 0.01 },
    alert: { comparator: '>', value: 0.02 },
  },
  {
    ...common,
    id: 'latency',
    title: 'Latency P95',
    type: 'quantile',
    unit: 'ms',
    quantile: 0.95,
    target: { comparator: '<=', value: 500 },
    alert: { comparator: '>', value: 800 },
  },
];

export function designFor(rollout: Recorded, more: Partial<ComparisonOptions> = {}): ComparisonDesign {
  const ticks = rollout.steps.reduce((sum, step) => sum + (step.weight < 100 ? step.ticks : 0), 0);
  return designComparison({
    kpis: KPIS,
    bounds: { latency: rollout.latencyBoundsMs },
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
      errors: { canary: canary.events, stable: alone ? null : stable.events },
      latency: { canary: canary.histogram, stable: alone ? null : stable.histogram },
    },
  };
}

export interface Played {
  readonly convictedAt: number | null;
  readonly evidence: ComparisonEvidence | null;
  readonly nonInferiorTick: number | null;
}

/** Plays the comparisons alone, up to the deciding tick. */
export function playComparison(
  rollout: Recorded,
  design: ComparisonDesign,
  until = Number.POSITIVE_INFINITY,
): Played {
  let state: ComparisonState = newComparison(design);
  let nonInferiorTick: number | null = null;
  const alone = rollout.steps.flatMap((step) => new Array<boolean>(step.ticks).fill(step.weight >= 100));
  for (let tick = 0; tick < Math.min(until, alone.length); tick++) {
    const { state: next, evidence } = compareTick(design, state, tickOf(rollout, tick, alone[tick] ?? false));
    state = next;
    if (evidence.nonInferior) nonInferiorTick ??= tick;
    if (evidence.convicts) return { convictedAt: tick, evidence, nonInferiorTick };
  }
  return { convictedAt: null, evidence: null, nonInferiorTick };
}

/** Plays comparisons and guardrail, as `replay` does. */
export function play(rollout: Recorded, design: ComparisonDesign = designFor(rollout)): Decision {
  const bound = rollout.latencyBoundsMs.indexOf(800);
  const guard = guardrailTick(
    rollout,
    tails(rollout.canary)[bound] ?? [],
    tails(rollout.stable)[bound] ?? [],
  );
  const played = playComparison(rollout, design, guard ?? Number.POSITIVE_INFINITY);
  const tick = played.convictedAt ?? guard;
  return {
    id: rollout.id,
    decision: tick === null ? 'promote' : 'abort',
    tick,
    seconds: tick === null ? null : (tick + 1) * rollout.tickSeconds,
    reasonCode: played.convictedAt !== null ? 'comparison' : guard === null ? null : 'guardrail',
    kpi: played.evidence?.culprit?.kpi ?? null,
    stream: played.evidence?.culprit?.stream ?? null,
    nonInferiorTick: played.nonInferiorTick,
  };
}
