import { type Analysis, analyse } from '../analysis/analyse.ts';
import { type ComparisonSettings, comparisonRules } from '../analysis/comparison/rules.ts';
import type { Bake, JudgeSettings } from '../analysis/judge/settings.ts';
import type { Kpi } from '../analysis/kpi.ts';
import type { Sample } from '../analysis/sample.ts';
import { enterStep, initialAnalysis } from '../analysis/state.ts';
import type { TickVerdict } from '../analysis/verdict.ts';
import type { Reason } from '../rollout/reason.ts';
import type { Milliseconds } from '../units.ts';
import { type Look, looksOf, type RecordedKpis, type Recording, sampleOf } from './recording.ts';

export interface ReplaySettings {
  readonly kpis: readonly Kpi[];
  readonly recorded: RecordedKpis;
  readonly comparison: ComparisonSettings | null;
  /** Left out when no judge is asked at the end of a bake. */
  readonly judge?: JudgeSettings | null;
  /** How long an unhealthy environment may hold a step. */
  readonly hold: Milliseconds;
  /** Recorded ticks from one look to the next. */
  readonly every: number;
}

/** What would have been decided. */
export interface Replayed {
  readonly id: string;
  readonly decision: 'abort' | 'promote';
  /** Index of the recorded tick after which it was decided; null for a promotion. */
  readonly tick: number | null;
  /** From the start of the first bake to the decision; null for a promotion. */
  readonly seconds: number | null;
  readonly reason: Reason | null;
  /** Tick at which the canary had been proven no worse; null when it never was before the decision. */
  readonly nonInferiorTick: number | null;
}

/** One look of a replay, as it was judged. */
export interface ReplayedTick {
  readonly look: Look;
  readonly sample: Sample;
  readonly analysis: Analysis;
}

/**
 * Feeds a recording to the analysis that rollouts run on. The recorded steps are followed: a bake that would
 * have been extended for want of samples is not, as nobody knows what it would have shown.
 * `watch` gets to see every look; it changes nothing.
 */
export function replay(
  recording: Recording,
  settings: ReplaySettings,
  watch: (tick: ReplayedTick) => void = () => undefined,
): Replayed {
  const { kpis, recorded, every, hold, judge = null } = settings;
  const comparison = rulesOf(recording, settings);
  let state = initialAnalysis();
  let held: Milliseconds = 0;
  let nonInferiorTick: number | null = null;
  for (const look of looksOf(recording, every)) {
    if (state.step !== look.step) {
      state = enterStep(state, look.step);
      held = 0;
    }
    const sample = sampleOf(recording, look, recorded);
    const judging = judge === null ? null : { settings: judge, bake: bakeAt(recording, look) };
    const seen = analyse({ kpis, state, sample, weight: look.weight, share: null, comparison, judging });
    watch({ look, sample, analysis: seen });
    state = seen.state;
    const tick = look.until - 1;
    if (state.comparison?.nonInferior === true) nonInferiorTick ??= tick;
    if (seen.verdict.kind === 'hold') held += sample.elapsed;
    const reason = abortOf(seen.verdict, held > hold);
    if (reason !== null) {
      const seconds = (look.until * recording.tick) / 1_000;
      return { id: recording.id, decision: 'abort', tick, seconds, reason, nonInferiorTick };
    }
  }
  return {
    id: recording.id,
    decision: 'promote',
    tick: null,
    seconds: null,
    reason: null,
    nonInferiorTick,
  };
}

function rulesOf({ steps, tick }: Recording, { comparison, every }: ReplaySettings) {
  if (comparison === null) return null;
  const baked = steps.map(({ weight, ticks }) => ({ weight, bake: ticks * tick, maxBake: ticks * tick }));
  return comparisonRules(comparison, { steps: baked, tick: tick * every });
}

function abortOf(verdict: TickVerdict, isHeldTooLong: boolean): Reason | null {
  if (verdict.kind === 'fail') return verdict.reason;
  return verdict.kind === 'hold' && isHeldTooLong ? verdict.reason : null;
}

/** Every recorded tick counts as served. */
function bakeAt({ steps, tick }: Recording, { step, until }: Look): Bake {
  const before = steps.slice(0, step).reduce((sum, { ticks }) => sum + ticks, 0);
  const of = (steps[step]?.ticks ?? 0) * tick;
  return { served: (until - before) * tick, of, most: of };
}
