import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Plan } from '../../src/core/rollout/plan.ts';
import { openRollout } from '../../src/core/rollout/record.ts';
import type { RouterCapabilities } from '../../src/ports/traffic-router.ts';
import {
  type AppProcess,
  type AppStage,
  begin,
  open,
  play,
  run,
  setAppStage,
} from '../core/rollout/model/app-stage.ts';
import { opening, roughAppMove } from '../core/rollout/model/moves.ts';
import { isAtRest, PLAN } from '../core/rollout/model/schedule.ts';

vi.setConfig({ testTimeout: 90_000 });

/*
 * Bakes that nobody watches from beginning to end, over the same modelled router and ledger and under the same
 * invariants as the use cases of rollout-app.test.ts.
 */
const PARKED: Plan = {
  ...PLAN,
  steps: [
    { weight: 10, bake: 8_000, maxBake: 12_000 },
    { weight: 50, bake: 6_000, maxBake: 9_000 },
    { weight: 100, bake: 6_000, maxBake: 6_000 },
  ],
  parking: { watch: 2_000, grace: 10_000 },
};
const FENCED: RouterCapabilities = { lease: true, fencing: true };
const ROUTERS: readonly (RouterCapabilities & { readonly name: string })[] = [
  { name: 'lease and fencing', ...FENCED },
  { name: 'fencing only', lease: false, fencing: true },
  { name: 'neither', lease: false, fencing: false },
];
const TO_THE_END = 1_000;

function phaseOf({ world }: AppStage): string {
  return world.truth().record.rollout?.phase.name ?? 'none';
}

function expectHonest({ processes, violations }: AppStage): void {
  for (const violation of violations) throw violation;
  for (const { failure } of processes) if (failure !== null) throw failure;
}

/** Serves v1, and has v2 parked at its first step. */
async function parked(router: RouterCapabilities = FENCED): Promise<{ stage: AppStage; main: AppProcess }> {
  const stage = setAppStage(router, PARKED);
  const main = await open(stage, { promoted: 1, steps: TO_THE_END });
  expect(phaseOf(stage)).toBe('parked');
  return { stage, main };
}

async function later(stage: AppStage, ms: number): Promise<AppProcess> {
  stage.world.pass(ms);
  const process = begin(stage, 'reconcile');
  await run(stage, process, TO_THE_END);
  expectHonest(stage);
  return process;
}

/** As a schedule would start them, until nothing is left to do. */
async function onSchedule(stage: AppStage): Promise<void> {
  for (const process of stage.processes) if (process.state === 'running') process.state = 'killed';
  stage.world.faults = { router: 'none', ledger: 'none' };
  for (let turn = 0; turn < 12; turn += 1) await later(stage, 4_000);
}

describe('a rollout that is parked', () => {
  it('is promoted by those who come back to it, and served as long as one that is watched', async () => {
    const { stage, main } = await parked();
    expect(main.result).toMatchObject({ verdict: 'pass', reasonCode: 'parked', state: 'parked', weight: 10 });
    const told: unknown[] = [];
    for (let turn = 0; turn < 6 && phaseOf(stage) === 'parked'; turn += 1)
      told.push((await later(stage, 6_000)).result?.reasonCode);
    expect(told.at(-1)).toBe('promoted');
    expect(told.slice(0, -1).every((code) => code === 'parked')).toBe(true);
    const { steps } = stage.world.truth().record.rollout ?? { steps: [] };
    for (const [index, { bake }] of PARKED.steps.entries())
      expect(steps[index]?.servedMs).toBeGreaterThanOrEqual(bake);
    expect(isAtRest(stage)).toBe(true);
  });

  it('does not rise before its bake is over, although somebody has looked', async () => {
    const { stage } = await parked();
    const early = await later(stage, 1_000);
    expect(early.result).toMatchObject({ verdict: 'pass', reasonCode: 'parked', weight: 10 });
    expect(stage.world.truth().record.rollout?.steps[0]?.servedMs).toBe(4_000);
  });

  it('is left alone by whoever cleans up after its job', async () => {
    const { stage } = await parked();
    const post = begin(stage, 'post');
    await run(stage, post, TO_THE_END);
    expectHonest(stage);
    expect(post.result).toMatchObject({ verdict: 'pass', reasonCode: 'nothing-to-do', state: 'parked' });
    expect(stage.world.truth().reading.shares.b).toBe(10);
  });

  it('is taken home by hand', async () => {
    const { stage } = await parked();
    const rollback = begin(stage, 'rollback');
    await run(stage, rollback, TO_THE_END);
    expectHonest(stage);
    expect(rollback.result).toMatchObject({ verdict: 'pass', reasonCode: 'restored', weight: 0 });
    expect(isAtRest(stage)).toBe(true);
  });

  it.each(ROUTERS)(
    'goes home when nobody comes back to it in time, on a router with $name',
    async (router) => {
      const { stage } = await parked(router);
      stage.world.pass(8_000 + 10_001);
      expect(stage.world.truth().reading.shares.b).toBe(router.lease ? 0 : 10);
      const late = await later(stage, 1);
      expect(late.result?.message).toContain('nobody came back by');
      expect(stage.world.truth().record.rollout).toMatchObject({ phase: { name: 'aborted' } });
      expect(isAtRest(stage)).toBe(true);
    },
  );

  it('is gone on with by one of two who come at the same moment', async () => {
    for (let calls = 1; calls <= 12; calls += 1) {
      const { stage } = await parked();
      stage.world.pass(6_000);
      const [one, other] = [begin(stage, 'reconcile'), begin(stage, 'reconcile')];
      await run(stage, one, calls);
      await run(stage, other, TO_THE_END);
      await run(stage, one, TO_THE_END);
      expectHonest(stage);
      await onSchedule(stage);
      expect(phaseOf(stage)).toBe('promoted');
    }
  });

  it('goes home when whoever came back to it is killed', async () => {
    for (let calls = 4; calls <= 20; calls += 1) {
      const { stage } = await parked();
      stage.world.pass(4_000);
      const waker = begin(stage, 'reconcile');
      await run(stage, waker, calls);
      const wasParked = phaseOf(stage) === 'parked';
      waker.state = 'killed';
      await later(stage, 30_000);
      if (!wasParked) expect(openRollout(stage.world.truth().record)).toBeNull();
      expect(isAtRest(stage)).toBe(true);
    }
  });
});

describe.each(ROUTERS)('the use cases at random with parked bakes, on a router with $name', (router) => {
  it('keep every invariant, and a schedule of reconcilers brings whatever they leave to rest', async () => {
    const moves = fc.array(roughAppMove, { maxLength: 40, size: 'max' });
    const property = fc.asyncProperty(opening, moves, async (how, schedule) => {
      const stage = setAppStage(router, PARKED);
      await open(stage, { ...how, steps: how.steps * 2 });
      await play(stage, schedule);
      await onSchedule(stage);
      expectHonest(stage);
      expect(isAtRest(stage)).toBe(true);
    });
    await fc.assert(property, { numRuns: 20 });
  });
});
