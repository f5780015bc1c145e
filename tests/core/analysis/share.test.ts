import { describe, expect, it } from 'vitest';
import { DEFAULT_SHARE } from '../../../src/core/analysis/share.ts';
import { enterStep } from '../../../src/core/analysis/state.ts';
import { failedAt, last, type Moment, play, type Setting } from './scenario.ts';

const watched: Setting = { weight: 10, share: DEFAULT_SHARE };

function traffic(count: number, canary: number, stable: number): Moment[] {
  return Array.from({ length: count }, () => ({ traffic: { canary, stable } }));
}

describe('the share of traffic really observed', () => {
  it('passes when it is what the router was set to, more or less', () => {
    const played = play([], traffic(20, 13, 87), watched);
    expect(failedAt(played)).toBeNull();
    expect(last(played).findings).toEqual([
      {
        check: 'traffic-share',
        title: 'Traffic share',
        status: 'pass',
        observed: '13 % of 1,900 requests',
        expected: '10 % ± 5 points',
      },
    ]);
  });

  it('ends the rollout when three ticks in a row show another one', () => {
    const played = play([], traffic(20, 240, 260), watched);
    expect(failedAt(played)).toBe(1 + 3);
    expect(played[3]?.verdict).toEqual({
      kind: 'fail',
      reason: {
        code: 'share-diverged',
        message: 'the canary took 48 % of 1,500 requests, and the router is set to 10 % (tolerance 5 points)',
      },
    });
    expect(played[2]?.findings[0]).toMatchObject({ status: 'warn' });
    expect(played[3]?.findings[0]).toMatchObject({ status: 'fail' });
  });

  it('ends it too when the canary gets nothing, or stable still gets something at 100 %', () => {
    expect(failedAt(play([], traffic(20, 0, 500), watched))).toBe(4);
    expect(failedAt(play([], traffic(20, 450, 50), { ...watched, weight: 100 }))).toBe(4);
    expect(failedAt(play([], traffic(20, 500, 0), { ...watched, weight: 100 }))).toBeNull();
  });

  it('says nothing on few requests, and forgives what chance explains', () => {
    const few = play([], traffic(10, 5, 5), watched);
    expect(last(few).findings[0]).toMatchObject({
      status: 'skipped',
      detail: '90 of the 200 requests needed',
    });
    const lenient: Setting = { weight: 50, share: { tolerance: 5, minRequests: 1 } };
    expect(failedAt(play([], traffic(8, 6, 14), lenient))).toBeNull();
    expect(failedAt(play([], traffic(60, 6, 14), lenient))).not.toBeNull();
  });

  it('leaves out the first tick after a shift, in a new step and after a resume', () => {
    const before = traffic(1, 5_000, 5_000);
    const kept = play([], [...before, ...traffic(10, 10, 90)], watched);
    expect(failedAt(kept)).toBeNull();
    const resumed = enterStep(last(kept).state, 0);
    expect(
      failedAt(play([], [...before, ...traffic(10, 10, 90)], { ...watched, state: resumed })),
    ).toBeNull();
    const next = enterStep(last(kept).state, 1);
    expect(failedAt(play([], [...before, ...traffic(10, 10, 90)], { ...watched, state: next }))).toBeNull();
  });

  it('forgives an arm that is scraped a tick late', () => {
    const late = [...traffic(1, 0, 0), ...traffic(1, 0, 4_500), ...traffic(20, 500, 4_500)];
    expect(failedAt(play([], late, watched))).toBeNull();
  });

  it('says so when nobody counts the requests, and nothing at all when nobody asked', () => {
    expect(last(play([], [{ traffic: null }], watched)).findings[0]).toMatchObject({ status: 'no-data' });
    expect(last(play([], traffic(5, 500, 500))).findings).toEqual([]);
  });

  it('does not count what cannot be true', () => {
    const played = play([], traffic(20, Number.NaN, 500), watched);
    expect(last(played).state.traffic).toEqual({ canary: 0, stable: 0, apart: 0 });
  });
});
