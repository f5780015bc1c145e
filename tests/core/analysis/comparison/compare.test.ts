import { describe, expect, it } from 'vitest';
import { compareTick, newComparison } from '../../../../src/core/analysis/comparison/compare.ts';
import { explainCulprit } from '../../../../src/core/analysis/comparison/culprit.ts';
import { designComparison } from '../../../../src/core/analysis/comparison/design.ts';
import type { ComparisonEvidence } from '../../../../src/core/analysis/comparison/evidence.ts';
import { armCounts, countsOf } from '../../../../src/core/analysis/comparison/observed.ts';
import { HANDBOOK_KPIS } from '../../../../src/core/replay/handbook.ts';
import { replay } from '../../../../src/core/replay/replay.ts';
import { designFor, playComparison } from '../../../bench/analysis/play.ts';
import { ENGINE } from '../../../bench/analysis/policies.ts';
import { recordingOf } from '../../../bench/analysis/recorded.ts';
import { simulate } from '../../../bench/analysis/simulate.ts';

const quiet = { name: 'x', truth: 'benign', rps: 50, base: 0.005 } as const;
const cold = {
  ...quiet,
  canary: (age: number) => ({
    slower: age < 12 ? 2.5 - (1.5 * age) / 12 : 1,
    moreErrors: age < 6 ? 0.02 : 0,
  }),
};

function verdictOf(evidence: ComparisonEvidence | null): string {
  return evidence?.culprit ? explainCulprit(evidence.culprit) : 'nobody is accused';
}

describe('the comparison blames the canary', () => {
  it.each([
    ['fails every request, within 20 s', { canary: () => ({ moreErrors: 1 }) }, 1, 'error-rate'],
    ['fails 5 % instead of 0.5 %', { canary: () => ({ moreErrors: 0.045 }) }, 30, 'error-rate'],
    [
      'is twice as slow, within its warm-up',
      { rps: 500, canary: () => ({ slower: 2 }) },
      13,
      'api-latency-p95',
    ],
    ['is slow in 3 % of requests', { rps: 500, canary: () => ({ tail: 0.03 }) }, 14, 'api-latency-p95'],
  ])('that %s', (_, harm, latest, kpi) => {
    const played = playComparison(simulate({ ...quiet, ...harm }, 11), designFor(simulate(quiet, 1)));
    expect(played.convictedAt).not.toBeNull();
    expect(played.convictedAt).toBeLessThanOrEqual(latest);
    expect(played.evidence?.culprit?.kpi).toBe(kpi);
  });

  it('in plain words, with counts and odds', () => {
    const rollout = simulate({ ...quiet, canary: () => ({ moreErrors: 0.045 }) }, 3);
    const text = verdictOf(playComparison(rollout, designFor(rollout)).evidence);
    expect(text).toMatch(
      /^canary [\d,]+ of [\d,]+ failed \(\d+\.\d %\), stable [\d,]+ of [\d,]+ \(\d\.\d+ %\); odds of seeing this by chance under 1 in \d/,
    );
  });

  it('for what it does alone, and says what it was held to', () => {
    const rollout = simulate({ ...quiet, onset: 300, canary: () => ({ moreErrors: 0.05 }) }, 4);
    const decision = replay(recordingOf(rollout), ENGINE);
    expect(decision.reason?.code).toBe('comparison-regressed');
    expect((decision.tick ?? 0) - 300).toBeLessThanOrEqual(17);
    const text = verdictOf(playComparison(rollout, designFor(rollout)).evidence);
    expect(text).toMatch(/at most 2\.0 % expected from the ticks before it served alone/);
  });
});

describe('the comparison blames nobody', () => {
  it.each([
    ['when both arms are healthy', quiet],
    ['for an outage that hits both arms', { ...quiet, environment: 'outage' }],
    ['for an outage that one arm is scraped later in', { ...quiet, environment: 'misaligned' }],
    ['for bursts and a daily cycle', { ...quiet, environment: 'bursts' }],
    ['for a slow start', cold],
    ['for a slow start at 500 requests a second', { ...cold, rps: 500 }],
    ['for a client that retries for a minute', { ...quiet, groups: { size: 4, spread: 6 } }],
  ] as const)('%s', (_, scenario) => {
    const rollout = simulate(scenario, 21);
    expect(playComparison(rollout, designFor(rollout)).convictedAt).toBeNull();
  });

  it('when an arm says nothing, and takes silence for no evidence', () => {
    const design = designFor(simulate(quiet, 1));
    let state = newComparison(design);
    const arm = (bad: number, total: number) => ({ type: 'events', bad, total }) as const;
    const both = { 'error-rate': { canary: arm(1, 50), stable: arm(3, 450) } };
    const before = compareTick(design, state, { elapsed: 10_000, alone: false, kpis: both });
    state = before.state;
    const silent = { 'error-rate': { canary: arm(50, 50), stable: null } };
    const after = compareTick(design, state, { elapsed: 10_000, alone: false, kpis: silent });
    expect(after.evidence.streams[0]?.log).toBe(before.evidence.streams[0]?.log);
    expect(after.state.tracks[0]?.dispersion).toEqual(state.tracks[0]?.dispersion);
  });

  it('before the canary has had a single event', () => {
    const design = designFor(simulate(quiet, 1));
    const arm = { type: 'events', bad: 0, total: 0 } as const;
    const kpis = { 'error-rate': { canary: arm, stable: { ...arm, total: 500 } } };
    const start = newComparison(design);
    const { state, evidence } = compareTick(design, start, { elapsed: 10_000, alone: false, kpis });
    expect(state.age).toBeNull();
    expect(evidence.convicts).toBe(false);
  });
});

describe('non-inferiority', () => {
  it('is proven soon for a healthy canary, and not for a bad one', () => {
    const healthy = simulate({ ...quiet, rps: 500 }, 31);
    expect(playComparison(healthy, designFor(healthy)).nonInferiorTick).toBeLessThanOrEqual(11);
    const slow = simulate({ ...quiet, rps: 500, canary: () => ({ slower: 1.6 }) }, 32);
    expect(playComparison(slow, designFor(slow)).nonInferiorTick).toBeNull();
  });
});

describe('what is compared', () => {
  it('spends the whole alpha once, over all KPIs', () => {
    const design = designFor(simulate(quiet, 1));
    const bets = design.tracks.flatMap((track) => track.bets.map((one) => one.weight));
    const alone = design.histories.map((history) => history.rules.weight);
    expect([...bets, ...alone].reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it('watches the bucket bounds around target and alert, and one far beyond', () => {
    const design = designFor(simulate(quiet, 1));
    expect(design.tracks.map((track) => track.id)).toEqual([
      'error-rate/bad',
      'api-latency-p95/slower-than-200',
      'api-latency-p95/slower-than-300',
      'api-latency-p95/slower-than-500',
      'api-latency-p95/slower-than-800',
      'api-latency-p95/slower-than-1500',
    ]);
  });

  it('puts at most all of its wealth at risk in every bet', () => {
    for (const comparable of [60_000, 600_000, 2_700_000]) {
      const design = designComparison({
        kpis: HANDBOOK_KPIS,
        bounds: { 'api-latency-p95': [100, 300, 500, 800] },
        tick: 10_000,
        comparable,
      });
      for (const { rules } of design.tracks.flatMap((track) => track.bets)) {
        expect(rules.investments.reduce((sum, one) => sum + one.amount, 0)).toBeLessThanOrEqual(1 + 1e-12);
      }
    }
  });

  it('leaves out shared KPIs, gauges, and quantiles without a histogram', () => {
    const [errors, latency] = HANDBOOK_KPIS;
    if (errors === undefined || latency === undefined) throw new Error('expected two KPIs');
    const kpis = [{ ...errors, scope: 'shared' } as const, { ...errors, type: 'gauge' } as const, latency];
    expect(designComparison({ kpis, bounds: {}, tick: 10_000, comparable: 600_000 }).tracks).toEqual([]);
  });
});

describe('counts from a histogram', () => {
  const seen = { type: 'histogram', bounds: [100, 200, 400], counts: [5, 4, 3, 2] } as const;

  it('are of requests slower than an exact bound', () => {
    expect(armCounts({ type: 'slower', bound: 200 }, seen, 1)).toEqual({ bad: 5, total: 14 });
  });

  it('say nothing about a value inside a bucket', () => {
    expect(armCounts({ type: 'slower', bound: 250 }, seen, 1)).toBeNull();
  });

  it('take the next lower bound of stable while a starting canary is excused', () => {
    const arms = { canary: seen, stable: seen };
    expect(countsOf({ type: 'slower', bound: 400 }, arms, 1.9)).toMatchObject({ canaryBad: 2, stableBad: 5 });
    expect(countsOf({ type: 'slower', bound: 100 }, arms, 1.5)).toMatchObject({
      canaryBad: 9,
      stableBad: 14,
    });
  });
});
