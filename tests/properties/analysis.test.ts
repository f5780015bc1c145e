import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/core/analysis/analyse.ts';
import type { Reading } from '../../src/core/analysis/sample.ts';
import { DEFAULT_SHARE } from '../../src/core/analysis/share.ts';
import type { AnalysisState } from '../../src/core/analysis/state.ts';
import {
  bookingErrors,
  broken,
  entered,
  events,
  failedAt,
  histogram,
  nothing,
  play,
  type Setting,
  TICK,
  whenSilent,
} from '../core/analysis/scenario.ts';
import {
  anyKind,
  anyMoments,
  kinds,
  moments,
  PATIENT,
  stretches,
  touchy,
  weights,
} from '../core/analysis/streams.ts';

const RUNS = { numRuns: 100 };

function kindsOf(played: readonly Analysis[]): string[] {
  return played.map(({ verdict }) => verdict.kind);
}

describe('a verdict on a canary', () => {
  it('never gets better because more of the same events were bad', () => {
    fc.assert(
      fc.property(anyKind, stretches, stretches, weights, fc.infiniteStream(fc.nat(3)), (...drawn) => {
        const [{ kpi, read }, canary, stable, weight, more] = drawn;
        const worse = canary.map(({ bad, total }) => {
          const extra = more.next().value ?? 0;
          return { total, bad: Math.min(total, bad + Math.floor((extra * (total - bad)) / 9)) };
        });
        const other = stable.map(read);
        const before = kindsOf(play([kpi], moments(kpi, canary.map(read), other), { weight }));
        const after = kindsOf(play([kpi], moments(kpi, worse.map(read), other), { weight }));
        before.forEach((kind, i) => {
          if (kind === 'fail') expect(after[i]).toBe('fail');
        });
      }),
      RUNS,
    );
  });

  it('is never a fail while stable shows the same ill at the same time', () => {
    fc.assert(
      fc.property(anyKind, stretches, fc.integer({ min: 1, max: 9 }), ({ kpi, read }, shown, factor) => {
        const larger = shown.map(({ bad, total }) => ({ bad: bad * factor, total: total * factor }));
        const played = play([kpi], moments(kpi, shown.map(read), larger.map(read)));
        expect(failedAt(played)).toBeNull();
      }),
      RUNS,
    );
  });

  it('is never a guardrail breach on fewer events than the KPI needs', () => {
    const counting = fc.constantFrom(...kinds.slice(0, 3));
    fc.assert(
      fc.property(counting, stretches, fc.constantFrom(1, 50, 1_000), ({ kpi, read }, shown, minSamples) => {
        const strict = { ...kpi, minSamples };
        let seen = 0;
        play([strict], moments(strict, shown.map(read), [nothing])).forEach(({ verdict }, i) => {
          seen += shown[i]?.total ?? 0;
          if (verdict.kind === 'fail') expect(seen).toBeGreaterThanOrEqual(minSamples);
          if (verdict.kind === 'pass') expect(seen).toBeGreaterThanOrEqual(minSamples);
        });
      }),
      RUNS,
    );
  });

  it('is never a pass on silence, errors or idle counters alone', () => {
    const mute = fc.constantFrom(
      nothing,
      broken,
      events(0, 0),
      events(5, 2),
      histogram([100, 800], [0, 0, 0]),
    );
    const policies = fc.constantFrom('abort', 'wait');
    fc.assert(
      fc.property(anyKind, policies, fc.array(mute, { minLength: 1, maxLength: 60 }), weights, (...drawn) => {
        const [{ kpi }, then, readings, weight] = drawn;
        fc.pre(kpi.type !== 'never');
        const required = { ...kpi, minSamples: 0, noData: whenSilent(then) };
        const played = play([required], moments(required, readings, [events(0, 500)]), { weight });
        expect(kindsOf(played)).not.toContain('pass');
      }),
      RUNS,
    );
  });

  it('is a fail on a never KPI exactly while one of its events is younger than its `for`', () => {
    fc.assert(
      fc.property(stretches, (shown) => {
        const kpi = bookingErrors(PATIENT);
        const played = play(
          [kpi],
          moments(
            kpi,
            shown.map(({ bad, total }) => events(bad, total)),
            [nothing],
          ),
        );
        played.forEach(({ verdict }, i) => {
          const recent = shown.slice(Math.max(0, i - 29), i + 1).some(({ bad }) => bad > 0);
          expect(verdict.kind === 'fail').toBe(recent);
        });
      }),
      RUNS,
    );
  });
});

describe('the evidence', () => {
  it('says the same after every tick when it has been through JSON', () => {
    const setting: Setting = { share: DEFAULT_SHARE };
    fc.assert(
      fc.property(anyMoments(touchy), weights, (drawn, weight) => {
        let state: AnalysisState = entered();
        const resumed = drawn.map((moment) => {
          const [seen] = play(touchy, [moment], { ...setting, weight, state });
          if (seen === undefined) throw new Error('nothing was played');
          state = JSON.parse(JSON.stringify(seen.state));
          return seen;
        });
        const straight = play(touchy, drawn, { ...setting, weight });
        expect(resumed.map(({ verdict }) => verdict)).toEqual(straight.map(({ verdict }) => verdict));
        expect(resumed.map(({ findings }) => findings)).toEqual(straight.map(({ findings }) => findings));
        expect(JSON.stringify(resumed.at(-1)?.state)).toBe(JSON.stringify(straight.at(-1)?.state));
      }),
      RUNS,
    );
  });

  it('holds no NaN and no infinity, whatever was read', () => {
    fc.assert(
      fc.property(anyMoments(touchy), weights, (drawn, weight) => {
        for (const { state, verdict, findings } of play(touchy, drawn, { weight, share: DEFAULT_SHARE })) {
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
          expect(JSON.stringify([verdict, findings])).not.toMatch(
            /\b(?<!and is |cannot be)(Infinity)\b.*limit of/,
          );
        }
      }),
      RUNS,
    );
  });

  it('counts to 1e12 a tick without losing a number', () => {
    const huge = fc.constantFrom(0, 1, 1e6, 1e9, 1e12);
    const shown = fc.array(
      fc.record({ total: huge, rate: fc.constantFrom(0, 0.0199999, 0.0200001, 0.5, 1) }),
      {
        minLength: 30,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(anyKind, shown, ({ kpi, read }, parts) => {
        const canary = parts.map(({ total, rate }) => read({ total, bad: Math.floor(total * rate) }));
        for (const { state, verdict, findings } of play([kpi], moments(kpi, canary, canary))) {
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
          expect(JSON.stringify([verdict, findings])).not.toMatch(/NaN|Infinity|no value/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('comes to the same decision when a steady stream is looked at every 10 or every 30 seconds', () => {
    const steady = fc.record({
      rate: fc.constantFrom(0, 0.01, 0.02, 0.03, 0.1, 1),
      each: fc.constantFrom(100, 1_000, 20_000),
    });
    fc.assert(
      fc.property(steady, steady, fc.constantFrom(...kinds.slice(0, 3)), (canary, stable, { kpi, read }) => {
        const arm = ({ rate, each }: { rate: number; each: number }, times: number): Reading[] =>
          Array.from({ length: 120 / times }, () =>
            read({ total: each * times, bad: Math.round(each * rate) * times }),
          );
        const often = play([kpi], moments(kpi, arm(canary, 1), arm(stable, 1)));
        const seldom = play(
          [kpi],
          moments(kpi, arm(canary, 3), arm(stable, 3)).map((moment) => ({ ...moment, elapsed: 3 * TICK })),
        );
        expect(kindsOf(often.filter((_, i) => i % 3 === 2))).toEqual(kindsOf(seldom));
      }),
      RUNS,
    );
  });

  it('is the same for the same input, and leaves its input alone', () => {
    fc.assert(
      fc.property(anyMoments(touchy), (drawn) => {
        const state = Object.freeze(entered());
        const again = play(touchy, drawn, { state });
        expect(play(touchy, drawn, { state })).toEqual(again);
        expect(state).toEqual(entered());
      }),
      { numRuns: 40 },
    );
  });
});
