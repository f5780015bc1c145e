import { describe, expect, it } from 'vitest';
import {
  bookingSuccess,
  broken,
  connections,
  errorRate,
  events,
  failedAt,
  histogram,
  last,
  latencies,
  latency,
  MINUTE,
  nothing,
  play,
  ticks,
  value,
  whenSilent,
} from './scenario.ts';

const healthy = events(1, 200);
const bad = events(20, 200);

describe('an error rate with a limit of 2 % for 5 minutes', () => {
  it('fails when it was beyond the limit for 5 minutes, not a tick earlier', () => {
    const played = play([errorRate()], ticks(40, 'error-rate', bad, healthy));
    expect(failedAt(played)).toBe(30);
    expect(played[29]?.verdict).toEqual({
      kind: 'fail',
      reason: {
        code: 'guardrail-breached',
        kpi: 'error-rate',
        message:
          'Error rate was 10 % (600 of 6,000) on the canary, over the limit of > 2 % for 5m; stable had 0.5 % (30 of 6,000)',
      },
    });
  });

  it('starts over when the rate comes back for a moment', () => {
    const calm = ticks(1, 'error-rate', events(0, 9_000));
    const played = play(
      [errorRate()],
      [...ticks(29, 'error-rate', bad), ...calm, ...ticks(29, 'error-rate', bad)],
    );
    expect(failedAt(played)).toBeNull();
  });

  it('stays in the middle of a run while the canary takes no traffic, and goes on afterwards', () => {
    const kpi = errorRate({ noData: whenSilent('abort', 60 * MINUTE) });
    const idle = ticks(30, 'error-rate', events(0, 0));
    const played = play([kpi], [...ticks(20, 'error-rate', bad), ...idle, ...ticks(10, 'error-rate', bad)]);
    // The window still speaks for 5 ticks after the last event.
    expect(failedAt(played)).toBe(20 + 30 + 5);
  });

  it('neither advances nor ends a run while the provider fails or is silent', () => {
    const kpi = errorRate({
      errorBudget: 60 * MINUTE,
      noData: whenSilent('abort', 60 * MINUTE),
    });
    const gaps = [...ticks(20, 'error-rate', broken), ...ticks(20, 'error-rate', nothing)];
    const played = play([kpi], [...ticks(15, 'error-rate', bad), ...gaps, ...ticks(15, 'error-rate', bad)]);
    expect(failedAt(played)).toBe(15 + 40 + 15);
  });

  it('does not accuse on fewer events than the KPI needs', () => {
    const thin = ticks(30, 'error-rate', events(1, 1));
    expect(failedAt(play([errorRate()], thin))).toBeNull();
    expect(failedAt(play([errorRate()], [...thin, ...thin]))).toBe(50);
  });

  it('does not take noise for a breach', () => {
    const noisy = ticks(60, 'error-rate', events(1, 48));
    const played = play([errorRate({ minSamples: 1 })], noisy);
    expect(last(played).state.kpis['error-rate']?.run?.ms).toBe(10 * MINUTE);
    expect(failedAt(played)).toBeNull();
    expect(last(played).findings[0]).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('may be noise'),
    });
  });

  it('does not let a long time at the edge of the limit cover up a clear breach', () => {
    const edge = ticks(600, 'error-rate', events(2_001, 100_000));
    const clear = ticks(30, 'error-rate', events(2_050, 100_000));
    expect(failedAt(play([errorRate()], edge))).toBeNull();
    expect(failedAt(play([errorRate()], [...edge, ...clear]))).not.toBeNull();
  });

  it('is exactly at its limit without being beyond it', () => {
    const at = play([errorRate()], ticks(40, 'error-rate', events(4, 200)));
    expect(last(at).state.kpis['error-rate']?.run).toBeNull();
  });

  it('finds a canary that fails always, however little it serves', () => {
    const healthyHour = ticks(360, 'error-rate', events(0, 1));
    const kpi = errorRate({ noData: whenSilent('abort', 60 * MINUTE) });
    const played = play([kpi], [...healthyHour, ...ticks(60, 'error-rate', events(1, 1))]);
    expect(failedAt(played)).toBe(360 + 50);
  });
});

describe('the warm-up of a step', () => {
  it('accuses nobody, and what happened in it is never judged', () => {
    const kpi = errorRate({ warmUp: 2 * MINUTE });
    const coldStart = ticks(12, 'error-rate', bad);
    const played = play([kpi], [...coldStart, ...ticks(40, 'error-rate', healthy)]);
    expect(failedAt(played)).toBeNull();
    expect(played[11]?.findings[0]).toMatchObject({ status: 'skipped' });
    expect(played[12]?.findings[0]).toMatchObject({ status: 'pass', observed: '0.5 %' });
  });

  it('delays an accusation by no more than itself', () => {
    const kpi = errorRate({ warmUp: 2 * MINUTE });
    expect(failedAt(play([kpi], ticks(60, 'error-rate', bad)))).toBe(12 + 30);
  });

  it('is nothing that a bake can pass on', () => {
    const played = play([errorRate({ warmUp: 2 * MINUTE })], ticks(12, 'error-rate', healthy));
    expect(last(played).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: { code: 'insufficient-samples' },
    });
  });
});

describe('a success rate that must not fall below 95 %', () => {
  it('fails when too few events are good', () => {
    const played = play([bookingSuccess()], ticks(30, 'booking-success', bad, healthy));
    expect(last(played).verdict).toMatchObject({
      kind: 'fail',
      reason: {
        message:
          'Booking success was 90 % (5,400 of 6,000) on the canary, under the limit of < 95 % for 5m; stable had 99.5 % (5,970 of 6,000)',
      },
    });
  });
});

describe('a latency quantile', () => {
  it('fails when more than its share is slower than the limit', () => {
    const played = play([latency()], ticks(30, 'latency-p95', latencies(180, 20), latencies(199, 1)));
    expect(last(played).verdict).toMatchObject({
      kind: 'fail',
      reason: {
        message: expect.stringMatching(
          /^API latency P95 was 1,500 ms \(600 of 6,000 above 800 ms\) on the canary, over the limit of > 800 ms for 5m; stable had \d+ ms \(30 of 6,000 above 800 ms\)$/,
        ),
      },
    });
  });

  it('does not fail when the limit is inside a bucket and nothing shows which side events were on, and says so', () => {
    const reading = histogram([100, 200, 500, 1_000, 2_000], [0, 0, 180, 20, 0, 0]);
    const played = play([latency()], ticks(40, 'latency-p95', reading));
    expect(failedAt(played)).toBeNull();
    expect(last(played).findings[0]?.detail).toContain(
      '800 ms lies inside a bucket, so 1,000 ms stands for it',
    );
  });

  it('goes on when a new version brings other buckets', () => {
    const other = latencies(180, 20, [200, 800, 2_000]);
    const played = play(
      [latency()],
      [...ticks(15, 'latency-p95', latencies(180, 20)), ...ticks(15, 'latency-p95', other)],
    );
    expect(failedAt(played)).toBe(30);
  });

  it('shows no value of buckets that are gone', () => {
    const slow = ticks(3, 'latency-p95', latencies(0, 20));
    const fast = ticks(1, 'latency-p95', histogram([50, 800], [100, 0, 0]));
    expect(last(play([latency()], [...slow, ...fast])).findings[0]?.observed).toBe('48 ms');
  });

  it('says so when the quantile lies above every bucket', () => {
    const reading = histogram([200, 800], [180, 0, 20]);
    const played = play([latency()], ticks(1, 'latency-p95', reading));
    expect(last(played).findings[0]?.observed).toBe('more than 800 ms');
  });
});

describe('a gauge', () => {
  it('fails when it was beyond its limit at every tick', () => {
    const played = play([connections()], ticks(12, 'db-connections', value(0.93)));
    expect(failedAt(played)).toBe(12);
    expect(last(played).verdict).toMatchObject({
      reason: {
        message:
          'Database connections was 93 % on the canary, over the limit of > 90 % for 2m; stable had nothing to compare with',
      },
    });
  });

  it('starts over at one tick within the limit', () => {
    const spike = ticks(11, 'db-connections', value(0.93));
    const calm = ticks(1, 'db-connections', value(0.9));
    expect(failedAt(play([connections()], [...spike, ...calm, ...spike]))).toBeNull();
  });

  it('never decides on a single reading', () => {
    expect(failedAt(play([connections({ for: 0 })], ticks(2, 'db-connections', value(0.93))))).toBe(2);
  });
});

describe('the end of a bake', () => {
  const started = [...ticks(30, 'error-rate', events(0, 200)), ...ticks(10, 'error-rate', bad, healthy)];

  it('does not come in the middle of a clear breach of the canary', () => {
    expect(last(play([errorRate()], started)).verdict).toMatchObject({
      kind: 'short-of-samples',
      reason: { code: 'guardrail-breached', message: expect.stringContaining('a bake cannot end before 5m') },
    });
  });

  it.each([10, 100])(
    'does not come, at %i %%, in a breach that outlasts its `for` and may be noise',
    (weight) => {
      const few = ticks(30, 'error-rate', events(1, 40), events(0, 40));
      const played = play([errorRate()], few, { weight });
      expect(failedAt(played)).toBeNull();
      expect(played[28]?.verdict.kind, 'before its `for` is over').toBe('pass');
      expect(last(played).verdict).toMatchObject({
        kind: 'short-of-samples',
        reason: {
          code: 'guardrail-breached',
          message: expect.stringContaining('may be noise, but no bake ends in it'),
        },
      });
      const long = play([errorRate()], ticks(180, 'error-rate', events(1, 40), events(0, 40)), { weight });
      expect(last(long).verdict, 'clear by all of it, and noise by its last 5 minutes').toMatchObject({
        kind: 'short-of-samples',
        reason: { message: expect.stringContaining('may be noise, but no bake ends in it') },
      });
      const calm = [...few, ...ticks(6, 'error-rate', events(0, 40))];
      expect(last(play([errorRate()], calm, { weight })).verdict.kind, 'when it is over').toBe('pass');
    },
  );

  it('is not put off by noise, by an ill environment, or at 100 %', () => {
    const noisy = [...ticks(30, 'error-rate', events(0, 200)), ...ticks(7, 'error-rate', events(2, 80))];
    const shared = [...ticks(30, 'error-rate', events(0, 200)), ...ticks(10, 'error-rate', bad, bad)];
    expect(last(play([errorRate()], noisy)).verdict.kind).toBe('pass');
    expect(last(play([errorRate()], shared)).verdict.kind).toBe('pass');
    expect(last(play([errorRate()], started, { weight: 100 })).verdict.kind).toBe('pass');
  });
});
