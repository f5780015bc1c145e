import type { ArmSamples, JudgeConfig, JudgedMetric } from '../../../../src/core/analysis/judge/config.ts';
import { judge } from '../../../../src/core/analysis/judge/judge.ts';
import { quantileOf } from '../../../../src/core/analysis/quantile.ts';
import type { Recorded, RecordedArm } from '../recorded.ts';

/** When Kayenta is asked: `kayenta-end` and `kayenta-peek` of the corpus's decisions. */
export type KayentaHabit = 'at step ends' | 'every minute';

/** With fewer values an arm the rank test can never be significant at 98 %, and the metric has no data. */
const FEWEST = 5;

const metric: Omit<JudgedMetric, 'name' | 'groups'> = {
  direction: 'increase',
  missing: 'remove',
  outlierFactor: null,
  critical: false,
  mustHaveData: false,
  muted: false,
  effect: {
    measure: 'mean-ratio',
    allowedIncrease: 1,
    allowedDecrease: 1,
    criticalIncrease: 1,
    criticalDecrease: 1,
  },
};

/** Kayenta's defaults on errors in percent and P95 in milliseconds: one of the two High leaves 50 of 100 points. */
const CONFIG: JudgeConfig = {
  metrics: [
    { ...metric, name: 'errors', groups: ['errors'] },
    { ...metric, name: 'latency', groups: ['latency'] },
  ],
  groupWeights: {},
  thresholds: { pass: 95, marginal: 75 },
};

/**
 * The tick after which Kayenta would have rolled back; null when it would not. It judges the minutes of the current
 * step, and nothing at 100 %, where there is no stable arm. Silence alone rolls nothing back.
 */
export function kayentaTick(rollout: Recorded, habit: KayentaHabit): number | null {
  const minute = Math.round(60 / rollout.tickSeconds);
  let begin = 0;
  for (const { weight, ticks } of rollout.steps) {
    const end = begin + ticks;
    const first = habit === 'every minute' ? begin + minute : end;
    for (let until = first; weight < 100 && until <= end; until += minute) {
      const { classification, cause } = judge(CONFIG, samplesOf(rollout, begin, until, minute), FEWEST);
      if (classification === 'Fail' && cause !== 'no-data') return until - 1;
    }
    begin = end;
  }
  return null;
}

function samplesOf(
  rollout: Recorded,
  from: number,
  until: number,
  minute: number,
): Record<string, ArmSamples> {
  const canary = minutesOf(rollout, rollout.canary, from, until, minute);
  const stable = minutesOf(rollout, rollout.stable, from, until, minute);
  return {
    errors: { canary: canary.map(({ errors }) => errors), stable: stable.map(({ errors }) => errors) },
    latency: { canary: canary.map(({ p95 }) => p95), stable: stable.map(({ p95 }) => p95) },
  };
}

interface Minute {
  /** Percent; NaN without requests. */
  readonly errors: number;
  /** Milliseconds; NaN without requests. */
  readonly p95: number;
}

function minutesOf(
  { latencyBoundsMs }: Recorded,
  arm: RecordedArm,
  from: number,
  until: number,
  minute: number,
): Minute[] {
  const minutes: Minute[] = [];
  for (let at = from; at + minute <= until; at += minute) {
    const sum = (series: readonly number[]): number =>
      series.slice(at, at + minute).reduce((total, count) => total + count, 0);
    const errors = (100 * sum(arm.errors)) / sum(arm.requests);
    const p95 = quantileOf(latencyBoundsMs, arm.latency.map(sum), 0.95)?.value ?? Number.NaN;
    minutes.push({ errors, p95 });
  }
  return minutes;
}
