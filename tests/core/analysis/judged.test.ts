import { describe, expect, it } from 'vitest';
import { type Analysis, analyse } from '../../../src/core/analysis/analyse.ts';
import { MOST_INTERVALS } from '../../../src/core/analysis/judge/intervals.ts';
import type { Bake, JudgeSettings } from '../../../src/core/analysis/judge/settings.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { ArmReadings, Reading } from '../../../src/core/analysis/sample.ts';
import { type AnalysisState, enterStep } from '../../../src/core/analysis/state.ts';
import { metric } from './judge/made.ts';
import {
  bookingSuccess,
  connections,
  entered,
  errorRate,
  events,
  last,
  latencies,
  latency,
  nothing,
  TICK,
  value,
  whenSilent,
} from './scenario.ts';

const MINUTE = 60_000;
/** Guardrails keep out of it. */
const kpi = (over: Partial<Kpi> = {}): Kpi => errorRate({ alert: { comparator: '>', value: 0.9 }, ...over });

function settings(over: Partial<JudgeSettings> = {}): JudgeSettings {
  return {
    metrics: [{ ...metric(), kpi: 'error-rate' }],
    groupWeights: {},
    thresholds: { pass: 95, marginal: 75 },
    interval: MINUTE,
    ...over,
  };
}

interface Setting {
  readonly settings?: JudgeSettings;
  readonly kpis?: readonly Kpi[];
  readonly bake?: Omit<Bake, 'served'>;
  readonly weight?: number;
  readonly state?: AnalysisState;
  /** Time served before the first tick. */
  readonly from?: number;
}

type Arms = Readonly<Record<string, ArmReadings>>;

/** Plays so many ticks of a bake of ten minutes, to be extended to fifteen; what it looks like at each is `at`. */
function bake(count: number, at: (tick: number) => Arms, over: Setting = {}): Analysis[] {
  const { kpis = [kpi()], weight = 10, from = 0 } = over;
  const { of, most } = over.bake ?? { of: 10 * MINUTE, most: 15 * MINUTE };
  let state = over.state ?? entered();
  return Array.from({ length: count }, (_, tick) => {
    const sample = { at: tick * TICK, elapsed: TICK, traffic: null, kpis: at(tick) };
    const served = from + (tick + 1) * TICK;
    const judging = { settings: over.settings ?? settings(), bake: { served, of, most } };
    const seen = analyse({ kpis, state, sample, weight, share: null, comparison: null, judging });
    state = seen.state;
    return seen;
  });
}

const arms = (canary: Reading, stable: Reading | null): Arms => ({ 'error-rate': { canary, stable } });
/** A few errors more in every other tick, so that no two minutes need be equal. */
const few = (tick: number): number => (tick * 7) % 5;
const good = (tick: number): Arms => arms(events(few(tick + 2), 100), events(9 * few(tick), 900));
const worse = (tick: number): Arms => arms(events(30 + few(tick), 100), events(9 + few(tick), 900));

const told = (of: readonly Analysis[]) => last(of).findings.find(({ check }) => check === 'judge');
const kinds = (of: readonly Analysis[]) => [...new Set(of.map(({ verdict }) => verdict.kind))];

describe('the judge at the end of a bake', () => {
  it('says nothing before the bake is served, however bad the canary is', () => {
    const played = bake(59, worse);
    expect(kinds(played)).toEqual(['pass']);
    expect(told(played)).toMatchObject({ status: 'skipped', observed: 'judges when the bake is served' });
  });

  it('fails a canary that is worse, with its score and what it saw of both versions', () => {
    const played = bake(60, worse);
    expect(last(played).verdict).toEqual({
      kind: 'fail',
      reason: {
        code: 'judge-failed',
        message:
          'the judge says: score 0 of 100, needs 95: error-rate High (canary median 32 %, stable 1.22 %)',
        kpi: 'error-rate',
      },
    });
    expect(told(played)).toEqual({
      check: 'judge',
      title: 'Judge',
      status: 'fail',
      observed: 'score 0 of 100, needs 95',
      expected: 'a score of at least 95',
      detail: 'error-rate High (canary median 32 %, stable 1.22 %)',
    });
  });

  it('lets a good canary go on', () => {
    const played = bake(60, (tick) => arms(events(few(tick), 100), events(few(tick), 100)));
    expect(last(played).verdict.kind).toBe('pass');
    expect(told(played)).toMatchObject({ status: 'pass', observed: 'score 100 of 100' });
  });

  it('has nothing to say when it is off, nor where there is no stable arm', () => {
    const sample = { at: 0, elapsed: TICK, traffic: null, kpis: good(0) };
    const off = analyse({
      kpis: [kpi()],
      state: entered(),
      sample,
      weight: 10,
      share: null,
      comparison: null,
    });
    expect(off.findings.map(({ check }) => check)).toEqual(['error-rate']);
    expect(off.state.judge).toBeNull();
    const alone = bake(60, () => arms(events(40, 100), null), { weight: 100 });
    expect(kinds(alone)).toEqual(['pass']);
    expect(told(alone)).toMatchObject({ status: 'skipped', observed: 'no stable arm to compare with' });
  });

  it('starts anew with each step', () => {
    const { state } = last(bake(60, good));
    expect(state.judge?.told).not.toBeNull();
    expect(enterStep(state, state.step + 1).judge).toBeNull();
    expect(enterStep(state, state.step).judge).toEqual(state.judge);
  });
});

describe('a judge that cannot pass the canary', () => {
  const half = settings({
    metrics: [
      { ...metric({ name: 'error-rate', groups: ['a'] }), kpi: 'error-rate' },
      { ...metric({ name: 'latency-p95', groups: ['b'] }), kpi: 'latency-p95' },
    ],
    groupWeights: { a: 20, b: 80 },
  });
  const both = { settings: half, kpis: [kpi(), latency()] };
  const fast = { canary: latencies(100, 0), stable: latencies(900, 0) };

  it('extends the bake on a marginal score, and is asked only once more, at its very end', () => {
    const played = bake(90, (tick) => ({ ...worse(tick), 'latency-p95': fast }), both);
    expect(played.map(({ verdict }) => verdict.kind).slice(58, 61)).toEqual([
      'pass',
      'short-of-samples',
      'short-of-samples',
    ]);
    expect(told(played)).toMatchObject({ status: 'warn', observed: 'score 80 of 100, needs 95' });
    const asked = played.map(({ state }) => state.judge?.told ?? null);
    expect(new Set(asked.slice(59, 89)).size).toBe(1);
    expect(asked[89]).not.toBe(asked[59]);
    expect(last(played).verdict).toMatchObject({ reason: { code: 'judge-failed', kpi: 'error-rate' } });
  });

  it('does not look in between: what it could have seen in the extension, it says at its end', () => {
    const late = (tick: number): Arms => ({
      ...worse(tick),
      'latency-p95': { canary: tick < 10 ? nothing : fast.canary, stable: fast.stable },
    });
    const patient = { ...both, kpis: [kpi(), latency({ noData: whenSilent('pass-with-warning', 1e9) })] };
    const played = bake(90, late, { ...patient, settings: settings({ ...half, groupWeights: {} }) });
    expect(kinds(played.slice(59, 89))).toEqual(['short-of-samples']);
    expect(last(played).verdict).toMatchObject({ kind: 'fail', reason: { code: 'judge-failed' } });
    expect(told(played)?.observed).toBe('score 50 of 100, needs 95');
  });

  it('calls it too little data, and nobody guilty, when half of its metrics have none', () => {
    const played = bake(60, good, { ...both, kpis: [kpi()] });
    expect(last(played).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: { code: 'insufficient-samples' },
    });
    expect(told(played)).toMatchObject({
      status: 'no-data',
      observed: 'no score',
      detail: 'latency-p95 without enough data',
    });
  });

  it('fails the canary when a critical metric has no data, as Kayenta does', () => {
    const metrics = half.metrics.map((one) => ({ ...one, critical: one.kpi === 'latency-p95' }));
    const played = bake(60, good, { settings: { ...half, metrics }, kpis: [kpi()] });
    expect(last(played).verdict).toMatchObject({ kind: 'fail', reason: { code: 'judge-failed' } });
    expect(told(played)?.detail).toBe('latency-p95 (critical) without enough data');
  });

  it('does not judge fewer than ten intervals', () => {
    const short = bake(30, worse, { bake: { of: 5 * MINUTE, most: 5 * MINUTE } });
    expect(last(short).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: { code: 'insufficient-samples' },
    });
    expect(told(short)).toMatchObject({ status: 'no-data', observed: '5 of the 10 intervals needed' });
  });

  it('says once more what it said when the tick of its answer does not count', () => {
    const ill = (tick: number): Arms => (tick < 59 || tick > 62 ? good(tick) : arms(nothing, nothing));
    const played = bake(66, ill);
    expect(played.map(({ verdict }) => verdict.kind).slice(58, 64)).toEqual([
      'pass',
      'hold',
      'hold',
      'hold',
      'hold',
      'pass',
    ]);
    expect(new Set(played.slice(59).map(({ state }) => state.judge?.told)).size).toBe(1);
  });
});

describe('what the judge is given', () => {
  const valuesOf = (played: readonly Analysis[], id: string) => {
    const { intervals } = last(played).state.judge ?? {};
    return [intervals?.kpis[id]?.canary.values, intervals?.kpis[id]?.stable.values];
  };
  const judging = (one: Kpi): Setting => ({
    kpis: [one],
    settings: settings({ metrics: [{ ...metric({ name: one.id }), kpi: one.id }] }),
  });

  it('one value per interval: the share of bad events in percent, or of good ones where the KPI counts those', () => {
    const seen = (tick: number) => ({ canary: events(tick < 6 ? 2 : 0, 100), stable: events(1, 300) });
    const bad = bake(14, (tick) => ({ 'error-rate': seen(tick) }), judging(kpi()));
    expect(valuesOf(bad, 'error-rate')).toEqual([
      [2, 0],
      [0.333333, 0.333333],
    ]);
    const well = bake(
      14,
      (tick) => ({ 'booking-success': seen(tick) }),
      judging(bookingSuccess({ minSamples: 0 })),
    );
    expect(valuesOf(well, 'booking-success')[0]).toEqual([98, 100]);
  });

  it('the quantile of the interval, and the mean of a gauge', () => {
    const slow = bake(
      6,
      () => ({ 'latency-p95': { canary: latencies(90, 10), stable: latencies(900, 0) } }),
      judging(latency()),
    );
    expect(valuesOf(slow, 'latency-p95')).toEqual([[1_500], [195]]);
    const one = connections({ scope: 'per-arm', alert: { comparator: '>', value: 99 } });
    const gauge = bake(
      6,
      (tick) => ({ [one.id]: { canary: value(tick < 3 ? 0.4 : 0.6), stable: value(0.5) } }),
      judging(one),
    );
    expect(valuesOf(gauge, one.id)).toEqual([[50], [50]]);
  });

  it('a gap where an arm said nothing, was idle, or the KPI was warming up', () => {
    const seen = (tick: number): Arms =>
      arms(tick < 6 ? events(0, 0) : tick < 12 ? nothing : events(1, 100), events(1, 100));
    expect(valuesOf(bake(18, seen), 'error-rate')).toEqual([
      [null, null, 1],
      [1, 1, 1],
    ]);
    const warm = bake(18, () => good(0), judging(kpi({ warmUp: MINUTE })));
    expect(valuesOf(warm, 'error-rate')[0]?.[0]).toBeNull();
    expect(valuesOf(warm, 'error-rate')[0]?.[1]).not.toBeNull();
  });

  it('keeps a bounded number of values, by making the intervals longer', () => {
    const fine = { ...judging(kpi()), bake: { of: 1e9, most: 1e9 } };
    const played = bake(2_000, good, { ...fine, settings: settings({ interval: TICK }) });
    const counts = played.map(({ state }) => state.judge?.intervals.count ?? 0);
    expect(Math.max(...counts)).toBeLessThan(MOST_INTERVALS);
    const { interval, count } = last(played).state.judge?.intervals ?? { interval: 0, count: 0 };
    expect(interval * count).toBeGreaterThan(2_000 * TICK - interval);
    expect(interval).toBe(4 * TICK);
    expect(JSON.stringify(last(played).state.judge).length).toBeLessThan(10_000);
  });

  it('goes on bit for bit after its state has been through JSON at any tick', () => {
    const whole = last(bake(60, worse));
    for (const cut of [1, 29, 59]) {
      const state: AnalysisState = JSON.parse(JSON.stringify(last(bake(cut, worse)).state));
      const resumed = last(bake(60 - cut, (tick) => worse(tick + cut), { state, from: cut * TICK }));
      expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
    }
  });
});
