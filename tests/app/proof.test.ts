import { describe, expect, it } from 'vitest';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { ComparisonSettings } from '../../src/core/analysis/comparison/rules.ts';
import type { Result } from '../../src/core/result.ts';
import type { Plan, Step } from '../../src/core/rollout/plan.ts';
import { errorRate, events } from '../core/analysis/scenario.ts';
import { type Calls, portsOf } from '../core/rollout/model/ports.ts';
import { lucky } from '../core/rollout/model/schedule.ts';
import { createWorld } from '../core/rollout/model/world.ts';
import { owner, PLAN } from '../core/rollout/sample-rollout.ts';

const SECOND = 1_000;
/** Time runs ten times as fast: a bake of three minutes stands for one of thirty. */
const COMPARED: ComparisonSettings = { alpha: 0.01, pace: 0.1 };

function planOf(first: Partial<Step>): Plan {
  const steps = [
    { weight: 10, bake: 180 * SECOND, maxBake: 240 * SECOND, ...first },
    { weight: 100, bake: 3 * SECOND, maxBake: 3 * SECOND },
  ];
  return { ...PLAN, steps, tick: SECOND, checkpoint: 60 * SECOND };
}

/** Rolls out v1, and then v2 by a plan, in a world where all goes well and v2 is as good as v1. */
async function rollOut(plan: Plan, comparison: ComparisonSettings | null): Promise<Result> {
  const world = createWorld({ lease: true, fencing: true });
  world.choose = lucky(0);
  const calls: Calls = [];
  const ports = {
    ...portsOf(world, { name: 'ann', owner: owner('ann') }, calls, () => true),
    kpis: [errorRate()],
    comparison,
    metrics: {
      sample: async ({ elapsed }: { readonly elapsed: number }) => ({
        at: world.now,
        elapsed,
        kpis: { 'error-rate': { canary: events(1, 500), stable: events(9, 4_500) } },
        traffic: null,
      }),
    },
  };
  const stop = new AbortController().signal;
  const request = { readmit: null, jobLimit: 1_000_000_000, stop };
  await letHappen(calls, runRollout(ports, { ...request, id: 'R1', version: 'v1', plan: planOf({}) }));
  return letHappen(calls, runRollout(ports, { ...request, id: 'R2', version: 'v2', plan }));
}

async function letHappen<T>(calls: Calls, work: Promise<T>): Promise<T> {
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    calls.shift()?.happen();
  }
  return ended;
}

describe('a rollout whose plan relies on a proof', () => {
  it('ends a bake early once the canary is proven no worse, and not before its floor', async () => {
    const { state, steps } = await rollOut(planOf({ promoteEarly: 60 * SECOND }), COMPARED);
    const [first] = steps;
    expect(state).toBe('promoted');
    expect(first?.servedMs).toBeGreaterThanOrEqual(60 * SECOND);
    expect(first?.servedMs).toBeLessThan(180 * SECOND);
  });

  it('serves its bakes in full when the plan does not say so', async () => {
    const { state, steps } = await rollOut(planOf({}), COMPARED);
    expect(state).toBe('promoted');
    expect(steps[0]?.servedMs).toBe(180 * SECOND);
  });

  it('passes a step that requires the proof, once it is there', async () => {
    const { state } = await rollOut(planOf({ require: 'non-inferior' }), COMPARED);
    expect(state).toBe('promoted');
  });

  it('ends as inconclusive where nothing proves it, after the longest bake, and blames nobody', async () => {
    const { state, reasonCode, steps } = await rollOut(planOf({ require: 'non-inferior' }), null);
    expect({ state, reasonCode }).toEqual({ state: 'aborted', reasonCode: 'inconclusive' });
    expect(steps[0]?.servedMs).toBe(240 * SECOND);
  });
});
