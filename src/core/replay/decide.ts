import { type Analysis, analyse } from '../analysis/analyse.ts';
import type { ComparisonRules } from '../analysis/comparison/rules.ts';
import type { Bake, JudgeSettings } from '../analysis/judge/settings.ts';
import type { Kpi } from '../analysis/kpi.ts';
import type { Sample } from '../analysis/sample.ts';
import { enterStep, initialAnalysis } from '../analysis/state.ts';
import type { TickVerdict } from '../analysis/verdict.ts';
import type { Reason } from '../rollout/reason.ts';
import type { EpochMs, Milliseconds, Percent } from '../units.ts';
import type { Look, RecordedTruth } from './recording.ts';

/** One look at a rollout of the past, and what a metrics provider answered. */
export interface PastTick {
  readonly look: Look;
  readonly sample: Sample;
  /** How much of its step had been served by then. */
  readonly bake: Bake;
}

/** A rollout of the past as it is told of, whatever it was read from. */
export interface PastRollout {
  readonly id: string;
  readonly tick: Milliseconds;
  readonly steps: readonly { readonly weight: Percent; readonly bake: Milliseconds }[];
  /** What is known of it, if anything is. */
  readonly truth?: RecordedTruth;
}

export interface Past extends PastRollout {
  /** When the first bake began, in the time that the samples tell. */
  readonly start: EpochMs;
  readonly ticks: Iterable<PastTick>;
}

export interface Judgement {
  readonly kpis: readonly Kpi[];
  readonly comparison: ComparisonRules | null;
  /** Left out when no judge is asked at the end of a bake. */
  readonly judge?: JudgeSettings | null;
  /** How long an unhealthy environment may hold a step. */
  readonly hold: Milliseconds;
}

/** What would have been decided. */
export interface Replayed {
  readonly id: string;
  readonly decision: 'abort' | 'promote';
  /** Index of the tick after which it was decided; null for a promotion. */
  readonly tick: number | null;
  /** From the start of the first bake to the decision; null for a promotion. */
  readonly seconds: number | null;
  readonly reason: Reason | null;
  /** Tick at which the canary had been proven no worse; null when it never was before the decision. */
  readonly nonInferiorTick: number | null;
  /** From the start of the first bake to that proof; null without one. */
  readonly provenAfter: Milliseconds | null;
}

/** One look of a replay, as it was judged. */
export interface ReplayedTick extends PastTick {
  /** From the start of the first bake. */
  readonly after: Milliseconds;
  readonly analysis: Analysis;
}

const UNPROVEN = { nonInferiorTick: null, provenAfter: null };

/**
 * Feeds the samples of a past rollout to the analysis that rollouts run on. Its steps are followed: a bake that
 * would have been extended for want of samples is not, as nobody knows what it would have shown. `watch` gets to
 * see every look; it changes nothing.
 */
export function decide(
  { id, start, ticks }: Past,
  { kpis, comparison, judge = null, hold }: Judgement,
  watch: (tick: ReplayedTick) => void = () => undefined,
): Replayed {
  let state = initialAnalysis();
  let held: Milliseconds = 0;
  let proven: Pick<Replayed, 'nonInferiorTick' | 'provenAfter'> = UNPROVEN;
  for (const { look, sample, bake } of ticks) {
    if (state.step !== look.step) {
      state = enterStep(state, look.step);
      held = 0;
    }
    const judging = judge === null ? null : { settings: judge, bake };
    const rules = { kpis, share: null, comparison, judging };
    const analysis = analyse({ ...rules, state, sample, weight: look.weight });
    const after = sample.at - start;
    watch({ look, sample, bake, after, analysis });
    state = analysis.state;
    const tick = look.until - 1;
    if (proven === UNPROVEN && state.comparison?.nonInferior === true) {
      proven = { nonInferiorTick: tick, provenAfter: after };
    }
    if (analysis.verdict.kind === 'hold') held += sample.elapsed;
    const reason = abortOf(analysis.verdict, held > hold);
    if (reason !== null) return { id, decision: 'abort', tick, seconds: after / 1_000, reason, ...proven };
  }
  return { id, decision: 'promote', tick: null, seconds: null, reason: null, ...proven };
}

function abortOf(verdict: TickVerdict, isHeldTooLong: boolean): Reason | null {
  if (verdict.kind === 'fail') return verdict.reason;
  return verdict.kind === 'hold' && isHeldTooLong ? verdict.reason : null;
}
