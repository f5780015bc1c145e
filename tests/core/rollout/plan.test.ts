import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_STEPS,
  fitsWithin,
  type Plan,
  timetable,
  worstCase,
} from '../../../src/core/rollout/plan.ts';
import { MINUTE, PLAN } from './sample-rollout.ts';

const HOUR = 60 * MINUTE;

describe('the timetable', () => {
  it('lists the deployment, every step and the end, each from where the one before leaves off', () => {
    expect(timetable(PLAN).map(({ what, from, lasts }) => [what, from, lasts])).toEqual([
      ['deploy the canary', 0, 0],
      ['10 %', 0, 30 * MINUTE],
      ['50 %', 30 * MINUTE, 15 * MINUTE],
      ['promote and verify', 45 * MINUTE, 0],
    ]);
  });

  it('allows a step its longest bake, its hold, two shifts and a tick too much for each wait', () => {
    // 10 %: 2 x 1 + 45 + 10 + 2 x 1; 50 %: 2 x 1 + 20 + 10 + 2 x 1
    expect(
      timetable(PLAN)
        .map(({ atMost }) => atMost / MINUTE)
        .slice(1, 3),
    ).toEqual([59, 34]);
  });

  it('notes what may end a bake early, and what must be proven before it may end', () => {
    const steps = PLAN.steps.map((step, index) => ({
      ...step,
      promoteEarly: 10 * MINUTE,
      ...(index === 0 ? { require: 'non-inferior' as const } : {}),
    }));
    expect(timetable({ ...PLAN, steps }).map(({ note }) => note)).toEqual([
      undefined,
      'from 10m on, once proven no worse; not before it is proven no worse',
      'from 10m on, once proven no worse',
      undefined,
    ]);
    expect(worstCase({ ...PLAN, steps })).toBe(worstCase(PLAN));
  });

  it('allows the end one shift and one verification', () => {
    expect(timetable(PLAN).at(-1)?.atMost).toBe(3 * MINUTE);
  });

  it('is a plan of 105 minutes by default', () => {
    const lines = timetable({ ...PLAN, steps: DEFAULT_STEPS });
    expect(lines.at(-1)?.from).toBe(105 * MINUTE);
    expect(DEFAULT_STEPS.map(({ weight }) => weight)).toEqual([10, 50, 100]);
  });
});

describe('the worst case', () => {
  it('is every line at its longest, and the way home with its verification', () => {
    const lines = timetable(PLAN).reduce((sum, { atMost }) => sum + atMost, 0);
    expect(worstCase(PLAN)).toBe(lines + (3 + 2) * MINUTE);
  });

  it('grows with each budget, each step and each tick', () => {
    const whole = worstCase(PLAN);
    const longer = (change: Partial<Plan['budgets']>): Plan => ({
      ...PLAN,
      budgets: { ...PLAN.budgets, ...change },
    });
    for (const budget of ['deploy', 'shift', 'verify', 'abort', 'hold'] as const) {
      expect(worstCase(longer({ [budget]: PLAN.budgets[budget] + 1 }))).toBeGreaterThan(whole);
    }
    expect(worstCase({ ...PLAN, tick: PLAN.tick + 1 })).toBeGreaterThan(whole);
    expect(
      worstCase({ ...PLAN, steps: [...PLAN.steps, { weight: 100, bake: 1, maxBake: 1 }] }),
    ).toBeGreaterThan(whole);
  });
});

describe('a plan and the limit of its job', () => {
  it('fits when the worst case is exactly the limit, and not a millisecond below', () => {
    const total = worstCase(PLAN);
    expect(fitsWithin(PLAN, total)).toEqual({ fits: true, worstCase: total });
    expect(fitsWithin(PLAN, total - 1)).toMatchObject({ fits: false, worstCase: total });
  });

  it('shows the whole sum when it does not fit', () => {
    const fit = fitsWithin(PLAN, HOUR);
    const arithmetic = fit.fits ? '' : fit.arithmetic;
    expect(arithmetic).toMatch(
      /^deploy the canary \d+m \+ 10 % 59m \+ 50 % 34m \+ promote and verify 3m \+ bring traffic home 5m = /,
    );
    expect(arithmetic).toMatch(/ = 1h 5\dm, 5\dm( \d+s)? more than the 1h that the job may run$/);
  });

  it('shows terms that really add up to the total', () => {
    const minutes = fc.integer({ min: 1, max: 59 }).map((count) => count * MINUTE);
    const step = fc.record({ weight: fc.integer({ min: 1, max: 100 }), bake: minutes, maxBake: minutes });
    const budgets = fc.record({
      deploy: minutes,
      shift: minutes,
      verify: minutes,
      abort: minutes,
      hold: minutes,
      record: minutes,
    });
    const plan = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 5 }),
      tick: minutes,
      checkpoint: minutes,
      budgets,
      onInconclusive: fc.constant('abort' as const),
    });
    fc.assert(
      fc.property(plan, (some) => {
        const fit = fitsWithin(some, 0);
        const [terms = '', total = ''] = fit.fits ? [] : fit.arithmetic.split(/ = |, /);
        expect(terms.split(' + ').reduce((sum, term) => sum + minutesIn(term), 0)).toBe(minutesIn(total));
        expect(minutesIn(total) * MINUTE).toBe(worstCase(some));
      }),
    );
  });
});

/** The whole minutes at the end of `10 % 1h 5m`. */
function minutesIn(text: string): number {
  const found = text.match(/(?:(\d+)h)? ?(?:(\d+)m)?$/);
  return Number(found?.[1] ?? 0) * 60 + Number(found?.[2] ?? 0);
}
