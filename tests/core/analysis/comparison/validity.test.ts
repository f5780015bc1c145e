import { describe, expect, it } from 'vitest';
import { compareTick, newComparison } from '../../../../src/core/analysis/comparison/compare.ts';
import { designComparison } from '../../../../src/core/analysis/comparison/design.ts';
import { HANDBOOK_KPIS } from '../../../../src/core/replay/handbook.ts';
import { atMost } from '../../../bench/analysis/binomial.ts';
import type { Random } from '../../../bench/analysis/random.ts';
import { seeded } from '../../../bench/analysis/random.ts';

const TICKS = 150;
const RUNS = 60;
const design = designComparison({
  kpis: HANDBOOK_KPIS.slice(0, 1),
  bounds: {},
  tick: 10_000,
  comparable: TICKS * 10_000,
});

interface Boundary {
  readonly rps: number;
  readonly base: number;
  /** The stable rate is multiplied by this in one tick of fifteen. */
  readonly burst: number;
  /** The canary's share: fixed, or walking at random between 2 and 60 %. */
  readonly share: number | 'walks';
}

const SETTINGS: readonly Boundary[] = [
  { rps: 5, base: 0.01, burst: 1, share: 0.1 },
  { rps: 5, base: 0.05, burst: 10, share: 'walks' },
  { rps: 50, base: 0.001, burst: 1, share: 0.1 },
  { rps: 50, base: 0.01, burst: 20, share: 0.1 },
  { rps: 50, base: 0.01, burst: 1, share: 0.5 },
  { rps: 50, base: 0.3, burst: 1, share: 'walks' },
  { rps: 500, base: 0.002, burst: 1, share: 0.1 },
  { rps: 500, base: 0.01, burst: 20, share: 'walks' },
  { rps: 500, base: 0.05, burst: 1, share: 0.1 },
];

interface Errors {
  readonly canary: { readonly bad: number; readonly total: number };
  readonly stable: { readonly bad: number; readonly total: number };
}

/** A rollout in which the canary is exactly as bad as tolerated, in its first minute and afterwards. */
function onTheBoundary(setting: Boundary, random: Random): Errors[] {
  let share = setting.share === 'walks' ? 0.2 : setting.share;
  return Array.from({ length: TICKS }, (_, tick) => {
    if (setting.share === 'walks')
      share = Math.min(0.6, Math.max(0.02, share * Math.exp(0.3 * random.normal())));
    const stableRate = Math.min(0.9, setting.base * (random.uniform() < 1 / 15 ? setting.burst : 1));
    const canaryRate = Math.min(1, 1.1 * stableRate + (tick < 6 ? 0.03 : 0.001));
    const canary = random.poisson(setting.rps * 10 * share);
    const stable = random.poisson(setting.rps * 10 * (1 - share));
    const arm = (total: number, rate: number) => ({ bad: random.binomial(total, rate), total });
    return { canary: arm(canary, canaryRate), stable: arm(stable, stableRate) };
  });
}

function highestEvidence(ticks: readonly Errors[]): number {
  let state = newComparison(design);
  let highest = 0;
  for (const { canary, stable } of ticks) {
    const errors = {
      canary: { type: 'events', ...canary },
      stable: { type: 'events', ...stable },
    } as const;
    const next = compareTick(design, state, {
      elapsed: 10_000,
      alone: false,
      kpis: { 'error-rate': errors },
    });
    state = next.state;
    highest = Math.max(highest, next.evidence.log);
  }
  return highest;
}

/** The z test of the same hypothesis on all counts so far, at its highest over all ticks after the first minute. */
function highestZ(ticks: readonly Errors[]): number {
  const sum = { canaryBad: 0, canaryTotal: 0, stableBad: 0, stableTotal: 0 };
  let highest = Number.NEGATIVE_INFINITY;
  for (const { canary, stable } of ticks.slice(6)) {
    sum.canaryBad += canary.bad;
    sum.canaryTotal += canary.total;
    sum.stableBad += stable.bad;
    sum.stableTotal += stable.total;
    const [canaryRate, stableRate] = [sum.canaryBad / sum.canaryTotal, sum.stableBad / sum.stableTotal];
    const variance =
      (canaryRate * (1 - canaryRate)) / sum.canaryTotal +
      (1.21 * stableRate * (1 - stableRate)) / sum.stableTotal;
    if (variance > 0)
      highest = Math.max(highest, (canaryRate - 1.1 * stableRate - 0.001) / Math.sqrt(variance));
  }
  return highest;
}

const ROLLOUTS = SETTINGS.flatMap((setting, at) =>
  Array.from({ length: RUNS }, (_, run) => onTheBoundary(setting, seeded(10_000 * at + run))),
);

/** So many alarms of a test that keeps its alpha would be seen in less than one suite of a thousand. */
function isBeyond(alpha: number, alarms: number): boolean {
  return alarms > 0 && 1 - atMost(alarms - 1, ROLLOUTS.length, alpha) < 0.001;
}

describe('false alarms on the exact boundary of what is tolerated, looked at on every tick', () => {
  it('stay within alpha of 1 % and of 5 %, over traffic levels, bursts and changing splits', () => {
    const peaks = ROLLOUTS.map(highestEvidence);
    for (const alpha of [0.01, 0.05]) {
      const alarms = peaks.filter((peak) => peak >= -Math.log(alpha)).length;
      expect(isBeyond(alpha, alarms), `${alarms} alarms in ${peaks.length} rollouts`).toBe(false);
      expect(alarms / peaks.length).toBeLessThanOrEqual(alpha);
    }
  });

  it('would not stay there with a z test that is looked at as often', () => {
    const highest = ROLLOUTS.map(highestZ);
    for (const [alpha, quantile] of [
      [0.01, 2.326],
      [0.05, 1.645],
    ] as const) {
      expect(isBeyond(alpha, highest.filter((z) => z >= quantile).length)).toBe(true);
    }
  });

  it('stay within alpha for a canary that serves alone at the limit it is held to', () => {
    const random = seeded(77);
    let alarms = 0;
    for (let run = 0; run < 60; run++) {
      let state = newComparison(design);
      for (let tick = 0; tick < 30; tick++) {
        const errors = {
          canary: { type: 'events', bad: random.binomial(500, 0.005), total: 500 },
          stable: { type: 'events', bad: random.binomial(4_500, 0.005), total: 4_500 },
        } as const;
        state = compareTick(design, state, {
          elapsed: 10_000,
          alone: false,
          kpis: { 'error-rate': errors },
        }).state;
      }
      for (let tick = 0; tick < 120; tick++) {
        const errors = {
          canary: { type: 'events', bad: random.binomial(5_000, 0.02), total: 5_000 },
          stable: null,
        } as const;
        const next = compareTick(design, state, {
          elapsed: 10_000,
          alone: true,
          kpis: { 'error-rate': errors },
        });
        state = next.state;
        if (next.evidence.convicts) {
          alarms++;
          break;
        }
      }
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it('would not stay there without the tolerance: a canary twice as bad is found', () => {
    const setting: Boundary = { rps: 500, base: 0.02, burst: 1, share: 0.1 };
    const random = seeded(5);
    let found = 0;
    for (let run = 0; run < 10; run++) {
      let state = newComparison(design);
      for (let tick = 0; tick < 60; tick++) {
        const errors = {
          canary: { type: 'events', bad: random.binomial(setting.rps, 0.04), total: setting.rps },
          stable: {
            type: 'events',
            bad: random.binomial(9 * setting.rps, setting.base),
            total: 9 * setting.rps,
          },
        } as const;
        const next = compareTick(design, state, {
          elapsed: 10_000,
          alone: false,
          kpis: { 'error-rate': errors },
        });
        state = next.state;
        if (next.evidence.convicts) {
          found++;
          break;
        }
      }
    }
    expect(found).toBe(10);
  });
});
