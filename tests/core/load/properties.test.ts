import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateChecklist } from '../../../src/core/checks/checklist.ts';
import { figuresOf } from '../../../src/core/load/figures.ts';
import { judgeLoadTest } from '../../../src/core/load/judge-load-test.ts';
import type { LoadRun } from '../../../src/core/load/load-run.ts';
import { mergeLoad } from '../../../src/core/load/merged-load.ts';
import { factsOf, type Making, madeRun, RULES, START } from '../../support/made-runs.ts';

const SLOW = 900;

function verdictOf(runs: readonly LoadRun[]): { verdict: string; shut: readonly string[] } {
  const facts = factsOf(runs);
  const answered = judgeLoadTest(RULES, facts, figuresOf(RULES, facts));
  const { verdict, findings } = evaluateChecklist(answered, [], facts.now);
  return { verdict, shut: findings.filter(({ status }) => status !== 'pass').map(({ check }) => check) };
}

/** Runs near the edge: about forty requests a second, a few slow, a few failed. */
const making = fc
  .record({
    rates: fc.array(fc.integer({ min: 36, max: 46 }), { minLength: 4, maxLength: 9 }),
    slow: fc.integer({ min: 12, max: 60 }),
    bad: fc.integer({ min: 60, max: 400 }),
  })
  .map(
    ({ rates, slow, bad }): Required<Pick<Making, 'rates' | 'latency' | 'fails'>> => ({
      rates,
      latency: (request) => (request % slow === 0 ? SLOW : 100),
      fails: (request) => request % bad === 1,
    }),
  );

const chosen = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });

describe('whatever a load test was like', () => {
  it('slower requests never turn a no into a yes', () => {
    fc.assert(
      fc.property(making, chosen, (one, slowed) => {
        fc.pre(verdictOf([madeRun(one)]).verdict !== 'pass');
        const latency = (request: number): number => (slowed.includes(request) ? SLOW : one.latency(request));
        expect(verdictOf([madeRun({ ...one, latency })]).verdict).not.toBe('pass');
      }),
    );
  });

  it('failing requests never turn a no into a yes, be they fast or slow', () => {
    fc.assert(
      fc.property(making, chosen, fc.boolean(), (one, failed, areFast) => {
        fc.pre(verdictOf([madeRun(one)]).verdict !== 'pass');
        const fails = (request: number): boolean => failed.includes(request) || one.fails(request);
        const latency = (request: number): number =>
          failed.includes(request) && areFast ? 1 : one.latency(request);
        expect(verdictOf([madeRun({ ...one, fails, latency })]).verdict).not.toBe('pass');
      }),
    );
  });

  it('errors on top of it never turn a no into a yes', () => {
    fc.assert(
      fc.property(making, fc.integer({ min: 1, max: 40 }), fc.boolean(), (one, more, areFast) => {
        const before = madeRun(one);
        fc.pre(verdictOf([before]).verdict !== 'pass');
        const only: Making = {
          rates: one.rates.map(() => more),
          fails: () => true,
          latency: () => (areFast ? 1 : SLOW),
        };
        expect(verdictOf([before, madeRun(only)]).verdict).not.toBe('pass');
      }),
    );
  });

  it('slow requests on top of it never make its latency good', () => {
    fc.assert(
      fc.property(making, fc.integer({ min: 1, max: 5 }), (one, more) => {
        const before = madeRun(one);
        const slow = madeRun({ rates: one.rates.map(() => more), latency: () => SLOW });
        const wasGood = !verdictOf([before]).shut.includes('latency-p95');
        const isGood = !verdictOf([before, slow]).shut.includes('latency-p95');
        // What was outside of the hold may be inside of it now, but never the other way round.
        fc.pre(!wasGood && figuresOf(RULES, factsOf([before])).hold !== null);
        expect(isGood).toBe(false);
      }),
    );
  });
});

describe('several generators', () => {
  const several = fc.array(fc.record({ one: making, offset: fc.integer({ min: 0, max: 3_000 }) }), {
    minLength: 2,
    maxLength: 4,
  });
  const runsOf = (made: readonly { one: Making; offset: number }[]): LoadRun[] =>
    made.map(({ one, offset }) => madeRun({ ...one, startedAt: START + offset }));

  it('come to the same in any order', () => {
    fc.assert(
      fc.property(several, (made) => {
        const runs = runsOf(made);
        const [there, back] = [mergeLoad(runs, 1_000), mergeLoad(runs.toReversed(), 1_000)];
        expect(there.requests).toBe(back.requests);
        expect(there.bins.map(({ requests }) => requests.toFixed(6))).toEqual(
          back.bins.map(({ requests }) => requests.toFixed(6)),
        );
        expect(verdictOf(runs)).toEqual(verdictOf(runs.toReversed()));
      }),
    );
  });

  it('add up', () => {
    fc.assert(
      fc.property(several, (made) => {
        const runs = runsOf(made);
        const merged = mergeLoad(runs, 1_000);
        const total = runs.reduce((sum, { requests }) => sum + requests, 0);
        expect(merged.requests).toBe(total);
        expect(merged.bins.reduce((sum, { requests }) => sum + requests, 0)).toBeCloseTo(total, 3);
      }),
    );
  });

  it('hold no shorter with one more', () => {
    fc.assert(
      fc.property(several, making, (made, more) => {
        const runs = runsOf(made);
        const rules = { ...RULES, times: 25 };
        const held = (all: readonly LoadRun[]): number => figuresOf(rules, factsOf(all)).hold?.span ?? 0;
        const [first] = runs;
        const extra = madeRun({ ...more, startedAt: first?.startedAt ?? START, fails: () => false });
        // The bins are laid from the first start on, so that the one more must not begin before it.
        const begins = Math.min(...runs.map(({ startedAt }) => startedAt ?? START));
        fc.pre(
          extra.startedAt === begins && extra.duration <= Math.max(...runs.map(({ duration }) => duration)),
        );
        expect(held([...runs, extra])).toBeGreaterThanOrEqual(held(runs));
      }),
    );
  });
});
