import { describe, expect, it } from 'vitest';
import {
  bookingErrors,
  broken,
  connections,
  errorRate,
  events,
  failedAt,
  last,
  latencies,
  latency,
  MINUTE,
  nothing,
  play,
  ticks,
  value,
} from './scenario.ts';

const bad = events(20, 100);
const worse = events(180, 900);
const healthy = events(5, 900);

describe('a breach that stable shows as well', () => {
  it('holds the rollout and blames nobody', () => {
    const played = play([errorRate()], ticks(40, 'error-rate', bad, worse));
    expect(failedAt(played)).toBeNull();
    expect(last(played).verdict).toEqual({
      kind: 'hold',
      reason: {
        code: 'environment-unhealthy',
        kpi: 'error-rate',
        message:
          'Error rate was over the limit of > 2 % on both versions for 6m 40s: 20 % (600 of 3,000) on the canary, 20 % (5,400 of 27,000) on stable; the canary is not blamed',
      },
    });
    expect(last(played).findings[0]).toMatchObject({ status: 'warn' });
  });

  it('is blamed on the canary once stable is well again', () => {
    const played = play(
      [errorRate()],
      [...ticks(40, 'error-rate', bad, worse), ...ticks(40, 'error-rate', bad, healthy)],
    );
    const at = failedAt(played);
    expect(at).toBeGreaterThan(40);
    expect(at).toBeLessThanOrEqual(80);
  });

  it('is the canary’s when stable has shown too little to tell', () => {
    const played = play([errorRate()], ticks(30, 'error-rate', bad, events(1, 1)));
    expect(failedAt(played)).toBe(30);
  });

  it('excuses nobody at 100 %', () => {
    const played = play([errorRate()], ticks(30, 'error-rate', bad, worse), { weight: 100 });
    expect(failedAt(played)).toBe(30);
    expect(last(played).verdict).toMatchObject({
      reason: { message: 'Error rate was 20 % (600 of 3,000) on the canary, over the limit of > 2 % for 5m' },
    });
  });

  it.each([
    ['has no data', nothing],
    ['cannot be read', broken],
    ['is not watched', null],
  ])('is the canary’s when stable %s', (_, stable) => {
    const played = play([errorRate()], ticks(30, 'error-rate', bad, stable));
    expect(failedAt(played)).toBe(30);
    if (stable !== null) expect(last(played).findings[0]?.detail).toContain('nothing excuses the canary');
  });

  it('is seen in latency as well', () => {
    const slow = latencies(80, 20);
    expect(last(play([latency()], ticks(30, 'latency-p95', slow, slow))).verdict.kind).toBe('hold');
  });

  it('is seen in a gauge that was beyond its limit most of the time on stable too', () => {
    const both = ticks(12, 'db-connections', value(0.93), value(0.95));
    const canaryOnly = ticks(12, 'db-connections', value(0.93), value(0.5));
    expect(last(play([connections()], both)).verdict.kind).toBe('hold');
    expect(last(play([connections()], canaryOnly)).verdict.kind).toBe('fail');
    const onceOnly = [...ticks(1, 'db-connections', value(0.93), value(0.95)), ...canaryOnly.slice(1)];
    expect(last(play([connections()], onceOnly)).verdict.kind).toBe('fail');
  });
});

describe('an event that may never happen', () => {
  const quiet = events(0, 300);

  it('is not blamed on the canary when stable had one shortly before, and does not become its fault later', () => {
    const played = play(
      [bookingErrors()],
      [
        ...ticks(1, 'booking-500s', quiet, events(1, 300)),
        ...ticks(20, 'booking-500s', quiet, quiet),
        ...ticks(1, 'booking-500s', events(1, 30), quiet),
        ...ticks(29, 'booking-500s', quiet, quiet),
        ...ticks(1, 'booking-500s', quiet, quiet),
      ],
    );
    expect(failedAt(played)).toBeNull();
    expect(played[21]?.verdict).toMatchObject({
      kind: 'hold',
      reason: { code: 'environment-unhealthy', message: expect.stringContaining('stable had some too') },
    });
    expect(played[50]?.verdict.kind).toBe('hold');
    expect(last(played).verdict.kind).toBe('pass');
  });

  it('is blamed when stable’s last one is longer ago than the KPI counts', () => {
    const played = play(
      [bookingErrors()],
      [
        ...ticks(1, 'booking-500s', quiet, events(1, 300)),
        ...ticks(29, 'booking-500s', quiet, quiet),
        ...ticks(1, 'booking-500s', events(1, 30), quiet),
      ],
    );
    expect(failedAt(played)).toBe(31);
  });
});

describe('a KPI that both versions share', () => {
  const shared = connections({ scope: 'shared' });
  const full = ticks(12, 'db-connections', value(0.93));
  const calm = (minutes: number) => ticks(minutes * 6, 'db-connections', value(0.5));

  it('is put down to the shift when the breach began within 5 minutes of it', () => {
    const played = play([shared], [...calm(4), ...full]);
    expect(failedAt(played)).toBe(24 + 12);
    expect(last(played).verdict).toMatchObject({
      reason: {
        code: 'guardrail-breached',
        message:
          'Database connections was 93 % in the environment that both versions share, over the limit of > 90 % for 2m; it began 4m into the step',
      },
    });
  });

  it('holds the rollout when the breach began later', () => {
    const played = play([shared], [...calm(5), ...full]);
    expect(last(played).verdict).toMatchObject({
      kind: 'hold',
      reason: { code: 'environment-unhealthy', message: expect.stringContaining('too late to be put down') },
    });
  });

  it('ends the rollout at 100 %, whenever it began', () => {
    expect(last(play([shared], [...calm(10), ...full], { weight: 100 })).verdict.kind).toBe('fail');
  });

  it('counts events of a shared never KPI the same way', () => {
    const kpi = bookingErrors({ scope: 'shared' });
    const quiet = (count: number) => ticks(count, 'booking-500s', events(0, 10));
    const one = ticks(1, 'booking-500s', events(1, 10));
    expect(last(play([kpi], [...quiet(5), ...one])).verdict.kind).toBe('fail');
    const late = play([kpi], [...quiet((5 * MINUTE) / 10_000), ...one]);
    expect(last(late).verdict.kind).toBe('hold');
  });
});
