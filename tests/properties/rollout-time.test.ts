import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/core/rollout/events.ts';
import { type Plan, worstCase } from '../../src/core/rollout/plan.ts';
import { openRollout } from '../../src/core/rollout/record.ts';
import { transition } from '../../src/core/rollout/transition.ts';
import { fittingEvent, planned, VERDICTS } from '../core/rollout/model/random-events.ts';
import { SERVING, started } from '../core/rollout/sample-rollout.ts';

interface Tick {
  readonly verdict: number;
  readonly lapses: number;
  readonly fails: boolean;
}

/** Whether a sum of budgets covers whatever the ticks may say. */
function covers(sum: (plan: Plan) => number): void {
  const tick = fc.record({ verdict: fc.nat(VERDICTS.length - 2), lapses: fc.nat(10), fails: fc.boolean() });
  const ticks = fc.array(tick, { maxLength: 100, size: 'max' });
  const property = fc.property(planned, ticks, (plan, said) => timeUsed(plan, said) <= sum(plan));
  fc.assert(property, { numRuns: 1_000 });
}

describe('the worst case of a plan', () => {
  it('is never exceeded, whatever the ticks say', () => {
    covers(worstCase);
  });

  it.each<[string, (plan: Plan) => number]>([
    ['a hold', ({ budgets }) => budgets.hold],
    ['the way home', ({ budgets }) => budgets.abort],
    ['the longest bake', ({ steps }) => steps[0]?.maxBake ?? 0],
  ])('would be exceeded if it left out %s', (_what, part) => {
    expect(() => covers((plan) => worstCase(plan) - part(plan) - 2 * plan.tick)).toThrow('Property failed');
  });
});

/** Plays a rollout in which every budget is used up and every tick comes on time; how long did it take? */
function timeUsed(plan: Plan, ticks: readonly Tick[]): number {
  let answer = transition(SERVING, started('v2', { plan }));
  let time = 0;
  for (let count = 0; count < 1_000; count += 1) {
    if (answer.kind === 'refused') throw new Error(answer.reason.message);
    const { record, effect } = answer;
    const open = openRollout(record);
    if (open === null) return time;
    const { verdict, lapses, fails } = ticks[count] ?? { verdict: 0, lapses: 1, fails: true };
    const lapsed = open.phase.name === 'baking' && open.leaseLapses === 0 && lapses === 0;
    time += lapsed ? 0 : longest(plan, effect.type);
    const kind = lapsed || (fails && open.phase.name === 'verifying') ? 0 : 5;
    const next = { fits: true, kind, who: 0, verdict, elapsed: plan.tick, step: 0, comparison: null };
    answer = transition(record, fittingEvent(open, next, 0));
  }
  throw new Error('the rollout has no end');
}

function longest({ budgets, tick }: Plan, effect: Effect['type']): number {
  const { deploy, shift, verify, abort } = budgets;
  // Before it deploys, a rollout takes all traffic from the free slot: one more shift.
  return {
    deploy: shift + deploy,
    shift,
    settle: shift,
    watch: tick,
    'catch-up': 0,
    verify,
    'come-home': abort,
    stop: 0,
  }[effect];
}
