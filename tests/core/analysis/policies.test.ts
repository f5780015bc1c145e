import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { LimitPolicy } from '../../../src/core/analysis/policy.ts';
import type { Reading } from '../../../src/core/analysis/sample.ts';
import { enterStep } from '../../../src/core/analysis/state.ts';
import {
  bookingSuccess,
  broken,
  connections,
  errorRate,
  events,
  failedAt,
  last,
  latencies,
  latency,
  MINUTE,
  type Moment,
  nothing,
  play,
  TICK,
  ticks,
  value,
  whenSilent,
} from './scenario.ts';
import { kinds, moments, stretches } from './streams.ts';

const POLICY: LimitPolicy = {
  failuresAllowed: 0,
  inconclusiveAllowed: 0,
  consecutiveErrorsAllowed: 4,
  consecutiveSuccessesNeeded: null,
  count: null,
  interval: MINUTE,
  initialDelay: 0,
};

/** As the configuration makes it: no `for`, the window as long as the interval, budgets that errors do not reach. */
function limited(kpi: Kpi, policy: Partial<LimitPolicy> = {}): Kpi {
  const whole = { ...POLICY, ...policy };
  const patience = whole.interval * (whole.consecutiveErrorsAllowed + 2);
  return {
    ...kpi,
    for: 0,
    window: whole.interval,
    policy: whole,
    noData: { ...kpi.noData, budget: patience },
    errorBudget: patience,
  };
}

const good = events(0, 100);
const fair = events(3, 200);
const bad = events(4, 100);
const steady = events(9, 900);

function minutes(count: number, canary: Reading, stable: Reading | null = steady): Moment[] {
  return ticks(6 * count, 'error-rate', canary, stable);
}

describe('a KPI with a policy', () => {
  it('fails the canary at the first measurement beyond the limit that is not allowed, and says how it was counted', () => {
    const kpi = limited(errorRate(), { failuresAllowed: 2 });
    const played = play([kpi], [...minutes(2, bad), ...minutes(3, good), ...minutes(1, bad)]);
    expect(failedAt(played)).toBe(36);
    expect(last(played).verdict).toEqual({
      kind: 'fail',
      reason: {
        code: 'guardrail-breached',
        kpi: 'error-rate',
        message:
          'Error rate has 6 measurements of 1m: 3 of 2 allowed failures, 0 of 0 allowed inconclusive; the newest was 4 % (24 of 600), over the limit of > 2 %; stable had 1 % (54 of 5,400)',
      },
    });
    expect(last(played).findings[0]).toMatchObject({ check: 'error-rate', status: 'fail' });
  });

  it('goes on with as many failures as are allowed', () => {
    const played = play(
      [limited(errorRate(), { failuresAllowed: 2 })],
      [...minutes(2, bad), ...minutes(20, good)],
    );
    expect(last(played).verdict).toEqual({ kind: 'pass' });
    expect(last(played).findings[0]).toMatchObject({
      status: 'pass',
      detail: expect.stringContaining('22 measurements of 1m: 2 of 2 allowed failures'),
    });
  });

  it('has no guardrail beside it', () => {
    const kpi = limited(errorRate(), { failuresAllowed: 100 });
    expect(failedAt(play([kpi], minutes(60, bad)))).toBeNull();
  });

  it('is measured once per interval: a bad minute that straddles two good ones may be in neither', () => {
    const half = ticks(3, 'error-rate', events(2, 100), steady);
    const calm = ticks(3, 'error-rate', good, steady);
    const played = play([limited(errorRate({ target: null }))], [...calm, ...half, ...half, ...calm]);
    expect(last(played).verdict).toEqual({ kind: 'pass' });
    expect(last(played).state.kpis['error-rate']?.policy?.counters).toMatchObject({ measured: 2 });
  });

  it('ends a measurement at the tick nearest to its interval, though ticks are never on time', () => {
    const late = minutes(1, bad).map((moment) => ({ ...moment, elapsed: 9_990 }));
    expect(failedAt(play([limited(errorRate())], [...late, ...late]))).toBe(6);
  });

  it('cannot pass before its first measurement has ended', () => {
    const played = play([limited(errorRate())], minutes(1, good));
    expect(played.map(({ verdict }) => verdict.kind)).toEqual([
      ...Array.from({ length: 5 }, () => 'short-of-samples'),
      'pass',
    ]);
    expect(played[4]?.verdict).toMatchObject({
      reason: {
        code: 'insufficient-samples',
        message: 'Error rate has 0 measurements of 1m: 0 of 0 allowed failures, 0 of 0 allowed inconclusive',
      },
    });
  });

  it('begins after its delay, and is not measured before', () => {
    const kpi = limited(errorRate(), { initialDelay: 2 * MINUTE });
    expect(failedAt(play([kpi], [...minutes(2, bad), ...minutes(5, good)]))).toBeNull();
    expect(failedAt(play([kpi], minutes(5, bad)))).toBe(18);
  });

  it('begins after its warm-up as well', () => {
    expect(failedAt(play([limited(errorRate({ warmUp: MINUTE }))], minutes(3, bad)))).toBe(12);
  });

  it('starts to count anew in each step, and goes on after coming back to the same', () => {
    const kpi = limited(errorRate(), { failuresAllowed: 1 });
    const { state } = last(play([kpi], minutes(1, bad)));
    expect(failedAt(play([kpi], minutes(1, bad), { state: enterStep(state, 1) }))).toBeNull();
    expect(failedAt(play([kpi], minutes(1, bad), { state: enterStep(state, 0) }))).toBe(6);
  });

  it('measures no more once it has its count', () => {
    const kpi = limited(errorRate(), { count: 2 });
    const played = play([kpi], [...minutes(1, good), ...minutes(1, good), ...minutes(5, bad)]);
    expect(played[6]?.verdict.kind).toBe('short-of-samples');
    expect(last(played).verdict).toEqual({ kind: 'pass' });
  });

  it('waits for its successes in a row, however many failures that takes', () => {
    const kpi = limited(errorRate(), { failuresAllowed: null, consecutiveSuccessesNeeded: 2 });
    const played = play([kpi], [...minutes(9, bad), ...minutes(1, good), ...minutes(1, good)]);
    expect(played[59]?.verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: { message: expect.stringContaining('1 of 2 needed successes in a row') },
    });
    expect(last(played).verdict).toEqual({ kind: 'pass' });
  });

  it('keeps its counters through JSON', () => {
    const kpi = limited(errorRate(), { failuresAllowed: 2 });
    const { state } = last(play([kpi], minutes(2, bad)));
    const again = play([kpi], minutes(1, bad), { state: JSON.parse(JSON.stringify(state)) });
    expect(again).toEqual(play([kpi], minutes(1, bad), { state }));
    expect(last(again).verdict.kind).toBe('fail');
  });
});

describe('a measurement that is inconclusive', () => {
  it('lies between the target and the limit; with one too many the bake cannot pass, and nobody is blamed', () => {
    const played = play([limited(errorRate())], [...minutes(1, fair), ...minutes(5, good)]);
    expect(failedAt(played)).toBeNull();
    expect(played[5]?.verdict).toEqual({
      kind: 'short-of-samples',
      reason: {
        code: 'inconclusive',
        kpi: 'error-rate',
        message:
          'Error rate has 1 measurement of 1m: 0 of 0 allowed failures, 1 of 0 allowed inconclusive; the newest was 1.5 % (18 of 1,200), between its target (<= 1 %) and its limit (> 2 %)',
      },
    });
    expect(last(played).verdict).toMatchObject({ reason: { code: 'inconclusive' } });
  });

  it('passes while it is allowed', () => {
    const kpi = limited(errorRate(), { inconclusiveAllowed: 1 });
    expect(last(play([kpi], [...minutes(1, fair), ...minutes(5, good)])).verdict).toEqual({ kind: 'pass' });
  });

  it('is a success where the KPI has no target', () => {
    expect(last(play([limited(errorRate({ target: null }))], minutes(3, fair))).verdict.kind).toBe('pass');
  });

  it('is beyond the limit while stable is, too: the canary is not blamed', () => {
    const played = play([limited(errorRate())], minutes(1, bad, events(36, 900)));
    expect(last(played).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: {
        code: 'inconclusive',
        message: expect.stringContaining(
          '4 % (24 of 600), over the limit of > 2 %, but stable had 4 % (216 of 5,400); the canary is not blamed',
        ),
      },
    });
  });

  it('excuses nobody at 100 %, nor when stable has shown too little to tell', () => {
    const ill = minutes(1, bad, events(36, 900));
    expect(failedAt(play([limited(errorRate())], ill, { weight: 100 }))).toBe(6);
    expect(failedAt(play([limited(errorRate())], minutes(1, bad, events(1, 2))))).toBe(6);
  });

  it('is beyond the limit over fewer events than may accuse it', () => {
    const played = play([limited(errorRate())], minutes(1, events(1, 8)));
    expect(last(played).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: {
        message: expect.stringContaining('but over fewer events than the 50 that may accuse it'),
      },
    });
    const calm = play([limited(errorRate())], minutes(2, events(0, 8)));
    expect(last(calm).verdict).toEqual({ kind: 'pass' });
  });
});

describe('a measurement that finds nothing', () => {
  it('is an error; one in a row too many ends the rollout, and not before', () => {
    const down = play([limited(errorRate())], minutes(5, broken));
    expect(down[28]?.verdict).toMatchObject({ kind: 'hold' });
    expect(last(down).verdict).toMatchObject({
      kind: 'fail',
      reason: {
        code: 'metrics-unavailable',
        message: expect.stringContaining(
          '5 of 4 allowed errors in a row; the newest could not be had: could not be read: HTTP 503',
        ),
      },
    });
    const silent = play([limited(errorRate())], minutes(5, nothing));
    expect(last(silent).verdict).toMatchObject({ kind: 'fail', reason: { code: 'no-data' } });
  });

  it('is forgotten with the next one that finds something', () => {
    const kpi = limited(errorRate());
    const played = play([kpi], [...minutes(4, broken), ...minutes(1, good), ...minutes(4, broken)]);
    expect(failedAt(played)).toBeNull();
  });

  it('is none when silence is allowed to the KPI', () => {
    const kpi = limited(errorRate({ noData: whenSilent('pass-with-warning') }));
    expect(failedAt(play([kpi], minutes(10, nothing)))).toBeNull();
  });
});

describe('what is measured', () => {
  it('is the share of good events where the limits speak of those', () => {
    const kpi = limited(bookingSuccess());
    const of = (badOnes: number) => play([kpi], ticks(6, 'booking-success', events(badOnes, 100), steady));
    expect(last(of(2)).verdict.kind).toBe('pass');
    expect(last(of(4)).verdict).toMatchObject({ reason: { code: 'inconclusive' } });
    expect(last(of(6)).verdict).toMatchObject({
      kind: 'fail',
      reason: { message: expect.stringContaining('94 % (564 of 600), under the limit of < 95 %') },
    });
  });

  it('is how many events were slower than the limit and than the target', () => {
    const kpi = limited(latency());
    const of = (slow: number) => play([kpi], ticks(6, 'latency-p95', latencies(100 - slow, slow), steady));
    expect(last(of(5)).verdict.kind).toBe('pass');
    expect(last(of(6)).verdict).toMatchObject({
      kind: 'fail',
      reason: { message: expect.stringContaining('(36 of 600 above 800 ms), over the limit of > 800 ms') },
    });
    const tight = limited(latency({ target: { comparator: '<=', value: 150 } }));
    const seen = play([tight], ticks(6, 'latency-p95', latencies(100, 0, [100, 150, 200, 800, 2_000]), null));
    expect(last(seen).verdict).toMatchObject({ reason: { code: 'inconclusive' } });
  });

  it('is a gauge as it stands when the interval ends', () => {
    const kpi = limited(connections());
    const reading = (of: number, count: number) => ticks(count, 'db-connections', value(of), value(0.5));
    expect(last(play([kpi], [...reading(0.95, 5), ...reading(0.7, 1)])).verdict.kind).not.toBe('fail');
    const seen = play([kpi], [...reading(0.7, 5), ...reading(0.95, 1)]);
    expect(last(seen).verdict).toMatchObject({
      kind: 'fail',
      reason: { message: expect.stringContaining('95 %, over the limit of > 90 %; stable had 50 %') },
    });
    const both = ticks(6, 'db-connections', value(0.95), value(0.95));
    expect(last(play([kpi], both)).verdict).toMatchObject({ reason: { code: 'inconclusive' } });
  });
});

describe('a policy, whatever comes', () => {
  const counting = fc.constantFrom(...kinds.slice(0, 3));
  const limits = fc.record({
    failuresAllowed: fc.nat(2),
    inconclusiveAllowed: fc.nat(2),
    interval: fc.constantFrom(TICK, MINUTE),
  });

  it('never blames the canary for what stable shows as well', () => {
    const factors = fc.integer({ min: 1, max: 9 });
    const property = fc.property(counting, limits, stretches, factors, (kind, drawn, shown, factor) => {
      const kpi = limited(kind.kpi, drawn);
      const larger = shown.map(({ bad, total }) => ({ bad: bad * factor, total: total * factor }));
      const played = play([kpi], moments(kpi, shown.map(kind.read), larger.map(kind.read)));
      const blamed = played.filter(
        ({ verdict }) => verdict.kind === 'fail' && verdict.reason.code === 'guardrail-breached',
      );
      expect(blamed).toEqual([]);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('never judges better because more of the same events were bad', () => {
    const property = fc.property(counting, limits, stretches, fc.nat(9), (kind, drawn, shown, more) => {
      const kpi = limited(kind.kpi, drawn);
      const worse = shown.map(({ bad, total }) => ({
        total,
        bad: bad + Math.floor((more * (total - bad)) / 9),
      }));
      const failed = (seen: typeof shown): number =>
        failedAt(play([kpi], moments(kpi, seen.map(kind.read), [nothing]))) ?? Infinity;
      expect(failed(worse)).toBeLessThanOrEqual(failed(shown));
    });
    fc.assert(property, { numRuns: 60 });
  });
});
