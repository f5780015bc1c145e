import { analyse } from '../../../src/core/analysis/analyse.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { ArmReadings, Reading, Sample } from '../../../src/core/analysis/sample.ts';
import { DEFAULT_SHARE } from '../../../src/core/analysis/share.ts';
import { type AnalysisState, enterStep, initialAnalysis } from '../../../src/core/analysis/state.ts';
import { type Figure, median } from '../figure.ts';

const KPIS = 20;
const TICK_MS = 10_000;
const HOUR_TICKS = 360;
const COMPARISON = { alpha: 0.01, pace: 1, tick: TICK_MS, comparable: 2_700_000 };
const DAY_TICKS = 24 * HOUR_TICKS;
const MOST_US = 1_000;
export const MOST_BYTES = 64_000;

const BOUNDS = [5, 10, 25, 50, 100, 200, 300, 500, 800, 1_000, 2_000];
/** Events of a tick in each of the 12 buckets: P95 lies between 500 and 800 ms. */
const COUNTS = [2, 8, 30, 80, 120, 90, 60, 30, 12, 4, 2, 1];

/** What one look costs, and how large the evidence grows. */
export function measureAnalysis(): readonly Figure[] {
  const { micros, sizes } = watchMany(DAY_TICKS, HOUR_TICKS);
  return figuresOf(micros, sizes);
}

/** Watches 20 quantile KPIs of 12 buckets on both arms: median processor time of a tick, bytes of the state every so often. */
export function watchMany(ticks: number, every: number): { micros: number; sizes: readonly number[] } {
  const kpis = Array.from({ length: KPIS }, (_, i) => kpi(`latency-${i}`));
  let state = enterStep(initialAnalysis(), 0);
  const micros: number[] = [];
  const sizes: number[] = [];
  const dice = randomNumbers(7);
  for (let tick = 1; tick <= ticks; tick += 1) {
    const sample = sampleAt(tick, kpis, dice);
    const began = process.cpuUsage();
    const seen = analyse({ kpis, state, sample, weight: 10, share: DEFAULT_SHARE, comparison: COMPARISON });
    const { user, system } = process.cpuUsage(began);
    micros.push(user + system);
    if (seen.verdict.kind === 'fail') throw new Error(`healthy data failed: ${seen.verdict.reason.message}`);
    state = seen.state;
    if (tick % every === 0) sizes.push(sizeOf(state));
  }
  return { micros: median(micros), sizes };
}

function figuresOf(micros: number, sizes: readonly number[]): readonly Figure[] {
  const inTick = ((100 * micros) / 1_000 / TICK_MS).toFixed(4);
  const [afterHour = Number.NaN] = sizes;
  const largest = Math.max(...sizes);
  const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
  return [
    {
      what: 'one tick, 20 KPIs of 12 buckets, both arms',
      ours: `${micros.toFixed(0)} µs of processor time, median`,
      target: `< ${MOST_US} µs`,
      met: micros < MOST_US,
      beside: [`${inTick} % of a tick of 10 s`],
    },
    {
      what: 'its state as JSON, largest of 24 h of ticks',
      ours: kilobytes(largest),
      target: `< ${kilobytes(MOST_BYTES)}, and no larger than after 1 h (+2 %)`,
      met: largest < MOST_BYTES && largest <= afterHour * 1.02,
      beside: [`after 1 h: ${kilobytes(afterHour)}`],
    },
  ];
}

function sizeOf(state: AnalysisState): number {
  return Buffer.byteLength(JSON.stringify(state));
}

function kpi(id: string): Kpi {
  return {
    id,
    title: id,
    type: 'quantile',
    unit: 'ms',
    counts: 'bad',
    quantile: 0.95,
    target: { comparator: '<=', value: 500 },
    alert: { comparator: '>', value: 1_000 },
    for: 120_000,
    window: 300_000,
    minSamples: 100,
    warmUp: 0,
    scope: 'per-arm',
    // biome-ignore lint/suspicious/noThenProperty: a word of the policy, and nothing to await
    noData: { budget: 120_000, then: 'abort' },
    errorBudget: 120_000,
  };
}

function sampleAt(tick: number, kpis: readonly Kpi[], dice: () => number): Sample {
  const readings = (): ArmReadings => ({ canary: histogram(1, dice), stable: histogram(9, dice) });
  const traffic = { canary: 439, stable: 9 * 439 };
  return {
    at: tick * TICK_MS,
    elapsed: TICK_MS,
    kpis: Object.fromEntries(kpis.map(({ id }) => [id, readings()])),
    traffic,
  };
}

function histogram(times: number, dice: () => number): Reading {
  const counts = COUNTS.map((events) => Math.round(times * events * (0.8 + 0.4 * dice())));
  return { kind: 'data', observation: { type: 'histogram', bounds: BOUNDS, counts } };
}

/** The same numbers in every run: a linear congruential generator, 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
