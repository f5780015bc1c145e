import { describe, expect, it } from 'vitest';
import type { ComparisonRules } from '../../../src/core/analysis/comparison/rules.ts';
import { comparisonRules } from '../../../src/core/analysis/comparison/rules.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import { type AnalysisState, enterStep } from '../../../src/core/analysis/state.ts';
import {
  entered,
  errorRate,
  events,
  failedAt,
  histogram,
  last,
  latencies,
  latency,
  type Moment,
  nothing,
  play,
  type Setting,
  TICK,
  ticks,
} from './scenario.ts';

const RULES: ComparisonRules = { alpha: 0.01, pace: 1, tick: TICK, comparable: 45 * 60_000 };
const compared: Setting = { comparison: RULES };
const KPIS: readonly Kpi[] = [errorRate(), latency()];

const good = { 'error-rate': { canary: events(0, 50), stable: events(4, 450) } };
const bad = { 'error-rate': { canary: events(20, 50), stable: events(4, 450) } };
const both = { 'error-rate': { canary: events(20, 50), stable: events(180, 450) } };
const times = (count: number, kpis: Moment['kpis'] = {}): Moment[] =>
  Array.from({ length: count }, () => ({ kpis }));
const reasonOf = (state: ReturnType<typeof play>) => {
  const { verdict } = last(state);
  return verdict.kind === 'pass' ? null : verdict.reason;
};

function findingOf(played: ReturnType<typeof play>) {
  return last(played).findings.find(({ check }) => check === 'comparison');
}

describe('the comparison with stable', () => {
  it('fails a canary that is worse than stable minutes before its guardrail, and says by how much', () => {
    const played = play([errorRate()], times(10, bad), compared).slice(0, 10);
    const at = failedAt(played);
    expect(at).not.toBeNull();
    const told = played.slice(0, at ?? 0);
    expect((at ?? 99) * TICK).toBeLessThanOrEqual(60_000);
    expect(reasonOf(told)).toMatchObject({ code: 'comparison-regressed', kpi: 'error-rate' });
    expect(reasonOf(told)?.message).toMatch(
      /^Error rate: canary \d+ of \d+ failed \(40\.0 %\), stable \d+ of [\d,]+ \(0\.9 %\); odds of seeing this by chance under 1 in [\d,]+$/,
    );
    expect(findingOf(told)).toMatchObject({ status: 'fail', expected: 'evidence below 100 to 1' });
    expect(failedAt(play([errorRate()], times(10, bad)))).toBeNull();
  });

  it('blames nobody for what stable shows as well', () => {
    expect(failedAt(play([errorRate()], times(25, both), compared))).toBeNull();
  });

  it('passes a good canary and says once it is proven no worse', () => {
    const played = play([errorRate()], times(170, good), compared);
    expect(findingOf(played.slice(0, 1))).toMatchObject({
      status: 'pass',
      detail: 'not yet proven no worse',
    });
    expect(findingOf(played)).toMatchObject({ status: 'pass', detail: 'proven no worse' });
  });

  it('keeps a bake from passing until no-worse is proven, where the step requires it', () => {
    const played = play([errorRate()], times(170, good), { ...compared, require: 'non-inferior' });
    const plain = play([errorRate()], times(170, good), compared);
    const at = played.findIndex(({ state }) => state.comparison?.nonInferior === true);
    expect(at).toBeGreaterThan(5);
    expect(played.slice(at).map(({ verdict }) => verdict.kind)).toEqual(played.slice(at).map(() => 'pass'));
    expect(plain[at - 1]?.verdict.kind).toBe('pass');
    expect(played[at - 1]?.verdict).toEqual({
      kind: 'short-of-samples',
      reason: {
        code: 'inconclusive',
        message: 'the canary is not yet proven no worse than stable, which this step requires',
      },
    });
  });

  it('takes a proof along into the next step', () => {
    const before = last(play([errorRate()], times(170, good), compared)).state;
    const state = enterStep(before, 1);
    const next = play([errorRate()], times(1, good), { ...compared, state, require: 'non-inferior' });
    expect(last(next).verdict).toEqual({ kind: 'pass' });
  });

  it('proves nothing while it is off', () => {
    const played = play([errorRate()], times(170, good), { require: 'non-inferior' });
    expect(last(played).verdict).toMatchObject({ reason: { code: 'inconclusive' } });
  });

  it('has nothing to say when it is off, and nothing to compare before both arms speak', () => {
    expect(findingOf(play([errorRate()], times(3, good)))).toBeUndefined();
    expect(findingOf(play([errorRate()], times(3), compared))).toMatchObject({ status: 'skipped' });
    const alone = { 'error-rate': { canary: events(0, 50), stable: nothing } };
    expect(findingOf(play([errorRate()], times(3, alone), compared))).toMatchObject({ status: 'pass' });
  });

  it('lets a KPI that warms up accuse nobody', () => {
    const warm = [errorRate({ warmUp: 10 * TICK })];
    expect(failedAt(play(warm, times(10, bad), compared))).toBeNull();
    expect(failedAt(play(warm, times(20, bad), compared))).toBeGreaterThan(10);
  });

  it('takes its evidence along into the next step', () => {
    const before = last(play([errorRate()], times(2, bad), compared)).state;
    const state = enterStep(before, 1);
    expect(state.comparison).toEqual(before.comparison);
    const onwards = failedAt(play([errorRate()], times(10, bad), { ...compared, state, weight: 50 }));
    expect(onwards).toBeLessThan(failedAt(play([errorRate()], times(10, bad), compared)) ?? 0);
  });

  it('holds a canary that serves alone to what the steps before have shown', () => {
    const state = enterStep(last(play([errorRate()], times(60, good), compared)).state, 1);
    const alone = ticks(20, 'error-rate', events(100, 500), null);
    const played = play([errorRate()], alone, { ...compared, state, weight: 100 });
    const at = failedAt(played) ?? 0;
    expect(at * TICK).toBeGreaterThan(2 * 60_000);
    const told = reasonOf(played.slice(0, at));
    expect(told).toMatchObject({ code: 'comparison-regressed', kpi: 'error-rate' });
    expect(told?.message).toContain('expected from the ticks before it served alone');
  });

  it('compares the bounds that both versions count with, from the tick in which both first speak', () => {
    const bounds = [200, 500, 800, 2_000];
    const arms = { canary: latencies(50, 0), stable: histogram(bounds, [400, 40, 8, 2, 0]) };
    const late = [...times(3, good), ...times(3, { ...good, 'latency-p95': arms })];
    const played = play(KPIS, late, compared);
    expect(played[2]?.state.comparison?.bounds).toEqual({});
    expect(last(played).state.comparison?.bounds).toEqual({ 'latency-p95': bounds });
  });

  it('keeps the evidence on errors, to the last bit, when a histogram shows up later', () => {
    const arms = { canary: latencies(50, 0), stable: latencies(450, 0) };
    const moments = [...times(5, good), ...times(5, bad)];
    const late = moments.map((one, at) => (at < 3 ? one : { kpis: { ...one.kpis, 'latency-p95': arms } }));
    const one = last(play(KPIS, moments.slice(0, 7), compared)).state.comparison;
    const other = last(play(KPIS, late.slice(0, 7), compared)).state.comparison;
    const errors = one?.streams.indexOf('error-rate/bad') ?? -1;
    expect(errors).toBe(0);
    expect(other?.state.tracks.length).toBeGreaterThan(one?.state.tracks.length ?? 0);
    expect(other?.state.tracks[other.streams.indexOf('error-rate/bad')]).toEqual(one?.state.tracks[0]);
  });

  it('goes on bit for bit after its state has been through JSON at any tick', () => {
    const arms = { canary: latencies(48, 2), stable: latencies(446, 4) };
    const kpis = { 'error-rate': { canary: events(1, 50), stable: events(5, 450) }, 'latency-p95': arms };
    const whole = last(play(KPIS, times(30, kpis), compared)).state;
    for (const cut of [1, 7, 19]) {
      const text = JSON.stringify(last(play(KPIS, times(cut, kpis), compared)).state);
      const state: AnalysisState = JSON.parse(text);
      const { state: resumed } = last(play(KPIS, times(30 - cut, kpis), { ...compared, state }));
      expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
    }
  });

  it('starts over only the streams that a changed configuration no longer has', () => {
    const arms = { canary: latencies(50, 0), stable: latencies(450, 0) };
    const moments = times(5, { ...good, 'latency-p95': arms });
    const { state } = last(play(KPIS, moments, compared));
    const turned = last(play([latency(), errorRate()], times(1, {}), { ...compared, state })).state
      .comparison;
    const had = state.comparison;
    expect(turned?.streams).not.toEqual(had?.streams);
    const sinceOf = (of: typeof had) => of?.state.tracks[of.streams.indexOf('error-rate/bad')]?.since;
    expect(sinceOf(turned)).toEqual(sinceOf(had));
  });

  it('never convicts when its evidence is an impossible count', () => {
    const odd = { 'error-rate': { canary: events(60, 50), stable: events(4, 450) } };
    expect(
      last(play([errorRate({ errorBudget: 3_600_000 })], times(20, odd), compared)).verdict.kind,
    ).not.toBe('fail');
  });
});

describe('what a plan says of the comparison', () => {
  it('counts the bakes in which there is a stable arm', () => {
    const steps = [10, 50, 100].map((weight) => ({ weight, bake: 60_000, maxBake: 60_000 }));
    const rules = comparisonRules({ alpha: 0.02, pace: 0.5 }, { steps, tick: TICK });
    expect(rules).toEqual({ alpha: 0.02, pace: 0.5, tick: TICK, comparable: 120_000 });
    expect(entered().comparison).toBeNull();
  });
});
