import { describe, expect, it } from 'vitest';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { JudgeSettings } from '../../src/core/analysis/judge/settings.ts';
import { metric } from '../core/analysis/judge/made.ts';
import { errorRate, events } from '../core/analysis/scenario.ts';
import { ANN, MINUTE, PLAN } from '../core/rollout/sample-rollout.ts';
import { memoryWorld, outside } from '../support/memory-world.ts';

const settings: JudgeSettings = {
  metrics: [{ ...metric(), kpi: 'error-rate' }],
  groupWeights: {},
  thresholds: { pass: 95, marginal: 75 },
  interval: MINUTE,
};

const steps = [
  { weight: 10, bake: 15 * MINUTE, maxBake: 20 * MINUTE },
  { weight: 100, bake: 2 * MINUTE, maxBake: 2 * MINUTE },
];

/** Of the canary's requests `bad` of 100 fail, of stable's one. */
function stage(judge: JudgeSettings | null, bad: number) {
  const out = outside();
  const sample: World['metrics']['sample'] = ({ elapsed }) => {
    const noise = Math.floor(out.now / MINUTE) % 3;
    const canary = events(bad + noise, 100);
    const stable = events(1 + ((noise + 1) % 3), 100);
    return Promise.resolve({
      at: out.now,
      elapsed,
      traffic: null,
      kpis: { 'error-rate': { canary, stable } },
    });
  };
  const kpis = [errorRate({ alert: { comparator: '>', value: 0.9 } })];
  const world: World = { ...memoryWorld(out, ANN), kpis, judge, metrics: { sample } };
  const plan = { ...PLAN, steps, tick: 10_000 };
  return {
    rollOut: () =>
      runRollout(world, {
        id: 'r1',
        version: 'v2',
        plan,
        readmit: null,
        jobLimit: 1e9,
        stop: new AbortController().signal,
      }),
    served: () => out.newest.record.rollout?.steps.map(({ servedMs }) => servedMs / MINUTE),
    rejected: () => out.newest.record.rejected,
    shares: () => out.shares,
  };
}

describe('a rollout with a judge', () => {
  it('goes home when the judge fails the canary at the end of the bake, and not before', async () => {
    const { rollOut, served, rejected, shares } = stage(settings, 6);
    expect(await rollOut()).toMatchObject({
      state: 'aborted',
      reasonCode: 'judge-failed',
      kpi: 'error-rate',
      message: expect.stringContaining(
        'score 0 of 100, needs 95: error-rate High (canary median 7.17 %, stable 2.17 %)',
      ),
    });
    expect(served()).toEqual([15, 0]);
    expect(shares()).toEqual({ a: 100, b: 0 });
    expect(rejected()).toEqual(['v2']);
  });

  it('promotes what the judge passes, and asks nobody at 100 %', async () => {
    const { rollOut, served } = stage(settings, 1);
    expect(await rollOut()).toMatchObject({ state: 'promoted', reasonCode: 'promoted' });
    expect(served()).toEqual([15, 2]);
  });

  it('extends the bake as far as it may go when the score is marginal, and then does as the plan says', async () => {
    const { rollOut, served } = stage({ ...settings, thresholds: { pass: 95, marginal: 0 } }, 6);
    expect(await rollOut()).toMatchObject({ state: 'aborted', reasonCode: 'judge-failed' });
    expect(served()).toEqual([20, 0]);
  });

  it('would have promoted the same canary without one', async () => {
    expect(await stage(null, 6).rollOut()).toMatchObject({ state: 'promoted' });
  });
});
