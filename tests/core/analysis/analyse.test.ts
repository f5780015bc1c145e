import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/core/analysis/analyse.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { Reading } from '../../../src/core/analysis/sample.ts';
import { DEFAULT_SHARE } from '../../../src/core/analysis/share.ts';
import { enterStep } from '../../../src/core/analysis/state.ts';
import { worstOf } from '../../../src/core/analysis/verdict.ts';
import {
  bookingErrors,
  broken,
  connections,
  entered,
  errorRate,
  events,
  histogram,
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

const reason = { code: 'no-data', message: 'x' } as const;

describe('the verdict on a tick', () => {
  it('is the worst that anybody says, and a pass when nobody objects', () => {
    expect(worstOf([])).toEqual({ kind: 'pass' });
    expect(
      worstOf([
        { kind: 'short-of-samples', reason },
        { kind: 'hold', reason },
      ]).kind,
    ).toBe('hold');
    expect(worstOf([{ kind: 'hold', reason }, { kind: 'fail', reason }, { kind: 'pass' }]).kind).toBe('fail');
  });

  it('names never events first, then guardrails in the order of the config, share, silence and errors', () => {
    const lost = { id: 'lost', for: 0, noData: whenSilent('abort', 0) };
    const kpis = [
      errorRate({ id: 'unread', errorBudget: 0 }),
      errorRate(lost),
      errorRate({ id: 'second', for: 0, minSamples: 1 }),
      errorRate({ id: 'first', for: 0, minSamples: 1 }),
      bookingErrors(),
    ];
    const all = {
      unread: { canary: broken },
      lost: { canary: nothing },
      second: { canary: events(5, 10) },
      first: { canary: events(5, 10) },
      'booking-500s': { canary: events(1, 10) },
    };
    const traffic = { canary: 900, stable: 100 };
    const order = ['booking-500s', 'second', 'first', 'share', 'lost', 'unread'];
    for (const [i, expected] of order.entries()) {
      const left = kpis.filter(({ id }) => order.indexOf(id) >= i);
      const moments: Moment[] = Array.from({ length: 4 }, () => ({
        kpis: all,
        traffic: i <= 3 ? traffic : null,
      }));
      const { verdict, findings } = last(play(left, moments, { share: DEFAULT_SHARE }));
      expect(verdict.kind).toBe('fail');
      expect(verdict.kind === 'fail' ? (verdict.reason.kpi ?? 'share') : '').toBe(expected);
      expect(findings.filter(({ status }) => status !== 'pass').length).toBeGreaterThanOrEqual(
        order.length - i,
      );
    }
  });

  it('is a pass when every KPI is well', () => {
    const played = play(
      [errorRate(), latency(), connections({ scope: 'shared' }), bookingErrors()],
      Array.from({ length: 6 }, () => ({
        kpis: {
          'error-rate': { canary: events(1, 480), stable: events(9, 4_300) },
          'latency-p95': { canary: latencies(479, 1), stable: latencies(4_290, 10) },
          'db-connections': { canary: value(0.6) },
          'booking-500s': { canary: events(0, 12), stable: events(0, 100) },
        },
      })),
    );
    expect(last(played).verdict).toEqual({ kind: 'pass' });
    expect(last(played).findings).toMatchObject([
      {
        check: 'error-rate',
        title: 'Error rate',
        status: 'pass',
        observed: '0.21 %',
        expected: '<= 1 % (alert > 2 %)',
        detail: '6 of 2,880; stable 0.21 % (54 of 25,800)',
      },
      { check: 'latency-p95', status: 'pass', expected: '<= 500 ms (alert > 800 ms)' },
      { check: 'db-connections', status: 'pass', observed: '60 %' },
      { check: 'booking-500s', status: 'pass', observed: '0 within 5m', expected: 'none within 5m' },
    ]);
  });

  it('warns of a KPI off its target, and of a breach that is not over yet', () => {
    const off = last(play([errorRate()], ticks(6, 'error-rate', events(15, 1_000))));
    expect(off.findings[0]).toMatchObject({ status: 'warn', observed: '1.5 %' });
    const beyond = last(play([errorRate()], ticks(4, 'error-rate', events(100, 1_000))));
    expect(beyond.findings[0]).toMatchObject({
      status: 'warn',
      detail: '400 of 4,000; beyond its limit for 40s of 5m',
    });
  });

  it('can judge single ticks, as a last look at what serves does, without talking of limits of nothing', () => {
    const instant = { for: 0, window: TICK, noData: whenSilent('abort', Number.MAX_SAFE_INTEGER) };
    const kpis = [errorRate(instant), bookingErrors(instant)];
    const [silent, ill] = play(
      kpis,
      [
        { kpis: { 'error-rate': { canary: nothing }, 'booking-500s': { canary: nothing } } },
        { kpis: { 'error-rate': { canary: events(30, 100) }, 'booking-500s': { canary: events(0, 9) } } },
      ],
      { weight: 100 },
    );
    expect(silent?.verdict).toMatchObject({ kind: 'hold', reason: { code: 'no-data' } });
    expect(silent?.findings[0]?.detail).toBe(
      'no data: no series matched, for 10s; 0 of the 50 needed in this step',
    );
    expect(ill?.verdict).toMatchObject({
      kind: 'fail',
      reason: { message: 'Error rate was 30 % (30 of 100) on the canary, over the limit of > 2 % for 10s' },
    });
    expect(ill?.findings[1]).toMatchObject({ status: 'pass', observed: '0', expected: 'none' });
  });

  it('stands still without evidence when no KPI is configured', () => {
    expect(last(play([], [{}])).verdict).toEqual({ kind: 'pass' });
  });
});

describe('the evidence', () => {
  it('starts anew with a new step, and goes on when a step is resumed', () => {
    const first = last(play([errorRate()], ticks(20, 'error-rate', events(20, 200)))).state;
    const resumed = play([errorRate()], ticks(10, 'error-rate', events(20, 200)), {
      state: enterStep(first, 0),
    });
    expect(last(resumed).verdict.kind).toBe('fail');
    const next = play([errorRate()], ticks(10, 'error-rate', events(20, 200)), {
      state: enterStep(first, 1),
    });
    expect(next.some(({ verdict }) => verdict.kind === 'fail')).toBe(false);
    expect(last(next).state).toMatchObject({ step: 1, watchedMs: 10 * TICK });
  });

  it('counts who was exposed over the whole rollout: by the traffic counter, or else by the largest ratio', () => {
    const kpis = [errorRate(), errorRate({ id: 'pushes' })];
    const readings = { 'error-rate': { canary: events(2, 50) }, pushes: { canary: events(9, 60) } };
    const counted = last(play(kpis, [{ kpis: readings, traffic: { canary: 70, stable: 700 } }]));
    expect(counted.state.exposed).toEqual({ requests: 70, bad: 2 });
    const state = enterStep(counted.state, 1);
    expect(last(play(kpis, [{ kpis: readings }], { state })).state.exposed).toEqual({
      requests: 130,
      bad: 4,
    });
  });

  it('forgets a KPI that is not configured any more', () => {
    const { state } = last(play([errorRate()], ticks(1, 'error-rate', events(0, 1))));
    expect(Object.keys(last(play([latency()], [{}], { state })).state.kpis)).toEqual(['latency-p95']);
  });

  it('takes a KPI by its name even when every object has something of that name', () => {
    const kpi = errorRate({ id: 'constructor' });
    expect(last(play([kpi], [{}])).findings[0]).toMatchObject({ status: 'error' });
    expect(last(play([kpi], ticks(6, 'constructor', events(0, 100)))).verdict.kind).toBe('pass');
  });

  it('does not run backwards on a clock that does', () => {
    const sample = { at: 0, elapsed: -5, kpis: {}, traffic: null };
    const { state } = last(play([], [{}]));
    expect(
      analyse({ kpis: [], state, sample, weight: 10, share: null, comparison: null }).state.watchedMs,
    ).toBe(TICK);
  });

  const bounds = [5, 10, 25, 50, 100, 200, 300, 500, 800, 1_000, 2_000, 5_000];
  const kinds: readonly (readonly [make: (over: Partial<Kpi>) => Kpi, reading: Reading])[] = [
    [errorRate, events(12_345, 654_321)],
    [
      latency,
      histogram(
        bounds,
        [...bounds, 0].map((bound) => 10_000 + bound),
      ),
    ],
    [connections, value(0.123456789)],
    [bookingErrors, events(0, 654_321)],
    [
      latency,
      histogram(
        bounds,
        [...bounds, 0].map((bound) => 90_000 - bound),
      ),
    ],
  ];

  /** How large the state is after each hour. */
  function sizes(count: number, hours: number, tick: number): number[] {
    const made = Array.from({ length: count }, (_, i) => kinds[i % kinds.length] ?? kinds[0]).map(
      (kind, i) => ({
        kpi: kind?.[0]({ id: `kpi-${i}`, for: 15 * MINUTE, minSamples: 0 }) ?? errorRate(),
        reading: kind?.[1] ?? nothing,
      }),
    );
    const arms = made.map(({ kpi, reading }) => [kpi.id, { canary: reading, stable: reading }] as const);
    const moment = { elapsed: tick, kpis: Object.fromEntries(arms), traffic: { canary: 1e6, stable: 9e6 } };
    const hour = Array.from({ length: (60 * MINUTE) / tick }, () => moment);
    const kpis = made.map(({ kpi }) => kpi);
    let state = entered();
    return Array.from({ length: hours }, () => {
      state = last(play(kpis, hour, { state })).state;
      return JSON.stringify(state).length;
    });
  }

  it('stays below 64 kB of JSON for 20 KPIs that look back 15 minutes', () => {
    expect(Math.max(...sizes(20, 1, TICK))).toBeLessThan(64 * 1_024);
  });

  it('does not grow over a day', () => {
    const [first = 0, ...rest] = sizes(5, 24, 3 * TICK);
    expect(Math.max(...rest)).toBeLessThan(first * 1.05);
  });
});
