import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  dispersionFactor,
  learnDispersion,
  noDispersion,
} from '../../../../src/core/analysis/comparison/dispersion.ts';
import { scheduleWealth } from '../../../../src/core/analysis/comparison/schedule.ts';
import { logTickEvidence, tickCap } from '../../../../src/core/analysis/comparison/tick-evidence.ts';
import {
  bet,
  invest,
  logAverage,
  logWealth,
  UNTOUCHED,
} from '../../../../src/core/analysis/comparison/wealth.ts';
import { poissonTail } from '../../../../src/core/analysis/poisson.ts';

interface StreamInput {
  readonly tickSeconds: number;
  readonly rho: number;
  readonly delta: number;
  readonly firstTick: number;
  readonly ratios: readonly number[];
  readonly temper: boolean;
  readonly h: Readonly<Record<string, number>>;
  readonly cap: number | null;
  readonly x_c: readonly number[];
  readonly n_c: readonly number[];
  readonly x_s: readonly number[];
  readonly n_s: readonly number[];
}

/** 160 unit cases, computed by an independent implementation in Python. */
const { vectors, tolerance } = JSON.parse(
  readFileSync(new URL('../../../vectors/sequential.json', import.meta.url), 'utf8'),
);

function of(kind: string): { name?: string; input: never; expected: never }[] {
  return vectors.filter((vector: { kind: string }) => vector.kind === kind);
}

function streamLogs(input: StreamInput): number[] {
  let wealth = UNTOUCHED;
  let dispersion = noDispersion(1);
  const limits = { ratio: input.rho, share: input.delta };
  return input.x_c.map((canaryBad, tick) => {
    const counts = {
      canaryBad,
      canaryTotal: input.n_c[tick] ?? 0,
      stableBad: input.x_s[tick] ?? 0,
      stableTotal: input.n_s[tick] ?? 0,
    };
    wealth = invest(wealth, input.h[tick] ?? 0, input.ratios.length);
    const factor = input.temper ? dispersionFactor(dispersion) : 1;
    if (tick >= input.firstTick) {
      const evidence = input.ratios.map((ratio) => {
        const log = logTickEvidence(counts, limits, input.rho * ratio);
        return Math.min(input.cap ?? Number.POSITIVE_INFINITY, log / factor);
      });
      wealth = { ...wealth, logs: bet(wealth.logs, evidence) };
    }
    dispersion = learnDispersion(dispersion, counts, input.tickSeconds * 1_000, tick >= input.firstTick);
    return logWealth(wealth);
  });
}

describe('one tick is worth what can be worked out by hand', () => {
  const even = { canaryTotal: 100, stableTotal: 100 };

  // Ratio 1, share 0, alternative 2, arms alike: a third of the wealth is bet on the canary for every bad event.
  it.each([
    [{ canaryBad: 0, stableBad: 0 }, 1],
    [{ canaryBad: 1, stableBad: 0 }, 4 / 3],
    [{ canaryBad: 0, stableBad: 1 }, 2 / 3],
    [{ canaryBad: 1, stableBad: 1 }, 8 / 9],
    [{ canaryBad: 3, stableBad: 1 }, 128 / 81],
  ])('%o multiplies it by %d', (bad, worth) => {
    const log = logTickEvidence({ ...even, ...bad }, { ratio: 1, share: 0 }, 2);
    expect(Math.exp(log)).toBeCloseTo(worth, 12);
  });

  it('a tolerated share costs its part of the bet: 1 point of 100 requests a third of an event', () => {
    const log = logTickEvidence({ ...even, canaryBad: 1, stableBad: 0 }, { ratio: 1, share: 0.01 }, 2);
    expect(log).toBeCloseTo(Math.log(4 / 3) - 1 / 3, 12);
  });

  it('an arm without requests proves nothing', () => {
    const counts = { canaryBad: 5, canaryTotal: 5, stableBad: 0, stableTotal: 0 };
    expect(logTickEvidence(counts, { ratio: 1, share: 0 }, 2)).toBe(0);
  });
});

describe('the comparison agrees with independently computed vectors', () => {
  it('knows every kind of vector in the file', () => {
    const kinds = new Set(vectors.map((vector: { kind: string }) => vector.kind));
    expect([...kinds].sort()).toEqual(['cap', 'combine', 'eStream', 'guardrailTail', 'logETick', 'schedule']);
    expect(vectors).toHaveLength(160);
  });

  it.each(of('logETick'))('one tick: $input', ({ input, expected }) => {
    const { x_c, n_c, x_s, n_s, rho, delta, theta } = input;
    const counts = { canaryBad: x_c, canaryTotal: n_c, stableBad: x_s, stableTotal: n_s };
    const log = logTickEvidence(counts, { ratio: rho, share: delta }, theta);
    expect(Math.abs(log - expected)).toBeLessThanOrEqual(tolerance);
  });

  it.each(of('cap'))('cap: $input', ({ input, expected }) => {
    const { tickSeconds } = input;
    expect(tickCap(tickSeconds * 1_000)).toBeCloseTo(expected, 9);
  });

  it.each(of('combine'))('weighted average: $expected', ({ input, expected }) => {
    const { logM, weights } = input;
    expect(Math.abs(logAverage(logM, weights) - expected)).toBeLessThanOrEqual(tolerance);
  });

  it.each(of('eStream'))('a whole stream: $name', ({ input, expected }) => {
    const { logM }: { logM: number[] } = expected;
    for (const [tick, log] of streamLogs(input).entries()) {
      expect(Math.abs(log - (logM[tick] ?? Number.NaN)), `tick ${tick}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each(of('schedule'))('investments: $input', ({ input, expected }) => {
    const { totalTicks, firstTick, tickSeconds }: Record<string, number> = input;
    const tick = (tickSeconds ?? 0) * 1_000;
    const plan = scheduleWealth([{ at: (firstTick ?? 0) * tick, amount: 0.5 }], (totalTicks ?? 0) * tick);
    expect(Object.fromEntries(plan.map((one) => [String(one.at / tick), one.amount]))).toEqual(expected);
    expect(plan.reduce((total, one) => total + one.amount, 0)).toBeCloseTo(1, 12);
  });

  it.each(of('guardrailTail'))('Poisson tail: $input', ({ input, expected }) => {
    const { n, x, limit }: { n: number; x: number; limit: number } = input;
    expect(Math.abs(poissonTail(x, n * limit) - expected)).toBeLessThanOrEqual(tolerance);
  });
});
