import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REASON_CODES } from '../../src/core/rollout/reason.ts';
import type { RouterCapabilities } from '../../src/ports/traffic-router.ts';
import {
  type AppProcess,
  type AppStage,
  begin,
  onlyReconcile,
  open,
  play,
  run,
  setAppStage,
  settle,
} from '../core/rollout/model/app-stage.ts';
import { type AppRole, calmAppMove, opening, roughAppMove } from '../core/rollout/model/moves.ts';
import { isAtRest, PLAN } from '../core/rollout/model/schedule.ts';

/*
 * The use cases themselves, over the same modelled router and ledger and under the same invariants as the writers of
 * rollout.test.ts: each call of a port is a point at which the process can be paused, overtaken or killed.
 */
const ROUTERS: readonly (RouterCapabilities & { readonly name: string })[] = [
  { name: 'lease and fencing', lease: true, fencing: true },
  { name: 'fencing only', lease: false, fencing: true },
  { name: 'a lease only', lease: true, fencing: false },
  { name: 'neither', lease: false, fencing: false },
];
const RUNS = 40;
const TO_THE_END = 1_000;
const CANCELLED = { code: 'cancelled', message: 'the run was cancelled' };

/** No invariant broke, nothing crashed, and nobody reports what is not so. */
function expectHonest({ processes, violations }: AppStage): void {
  for (const violation of violations) throw violation;
  for (const { failure, result, role, version } of processes) {
    if (failure !== null) throw failure;
    if (result === null) continue;
    expect(REASON_CODES).toContain(result.reasonCode);
    const claims = role === 'rollout' && result.verdict === 'pass' && result.reasonCode !== 'already-stable';
    if (claims) expect(result.version).toBe(version);
  }
}

function saidStuck({ processes }: AppStage): boolean {
  return processes.some(({ result }) => result?.reasonCode === 'traffic-not-home');
}

describe.each(ROUTERS)('the use cases at random, on a router with $name', (router) => {
  it('keep every invariant, and reconcile alone brings whatever they leave to rest', async () => {
    const moves = fc.array(roughAppMove, { maxLength: 50, size: 'max' });
    const property = fc.asyncProperty(opening, moves, async (how, schedule) => {
      const stage = setAppStage(router, PLAN);
      await open(stage, how);
      await play(stage, schedule);
      await onlyReconcile(stage, TO_THE_END);
      expectHonest(stage);
      expect(isAtRest(stage)).toBe(true);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  it('come to an end by themselves when nobody is killed and nothing is broken', async () => {
    const moves = fc.array(calmAppMove, { maxLength: 50, size: 'max' });
    const property = fc.asyncProperty(opening, moves, async (how, schedule) => {
      const stage = setAppStage(router, PLAN);
      await open(stage, how);
      await play(stage, schedule);
      await settle(stage);
      expectHonest(stage);
      if (router.fencing && !saidStuck(stage)) expect(isAtRest(stage)).toBe(true);
      await onlyReconcile(stage, TO_THE_END);
      expectHonest(stage);
      expect(isAtRest(stage)).toBe(true);
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});

/** How far the rollout has come, how far the other then comes, and how far the rollout goes on before the other ends. */
const pauses = fc.record({
  role: fc.constantFrom<AppRole>('post', 'rollback', 'reconcile'),
  steps: fc.integer({ min: 1, max: 46 }),
  theirs: fc.integer({ min: 1, max: 9 }),
  ours: fc.integer({ min: 1, max: 9 }),
  recordFirst: fc.nat(1),
});

interface Two {
  readonly stage: AppStage;
  readonly main: AppProcess;
  readonly other: AppProcess;
}

async function meet(role: AppRole, steps: number, recordFirst: number): Promise<Two> {
  const stage = setAppStage({ lease: true, fencing: true }, PLAN);
  const main = await open(stage, { promoted: 1, steps });
  stage.world.choose = (among) => (among === 2 ? recordFirst : 0);
  return { stage, main, other: begin(stage, role) };
}

async function bothEnd(stage: AppStage, first: AppProcess, second: AppProcess): Promise<void> {
  await run(stage, first, TO_THE_END);
  await run(stage, second, TO_THE_END);
  expectHonest(stage);
}

describe('two processes, all well but for their pauses', () => {
  it('come to rest together', async () => {
    const property = fc.asyncProperty(pauses, async ({ role, steps, theirs, ours, recordFirst }) => {
      const { stage, main, other } = await meet(role, steps, recordFirst);
      await run(stage, other, theirs);
      await run(stage, main, ours);
      await bothEnd(stage, other, main);
      expect(isAtRest(stage)).toBe(true);
    });
    await fc.assert(property, { numRuns: 3 * RUNS });
  });

  it('do no harm to the next rollout when one of them is late', async () => {
    const property = fc.asyncProperty(pauses, async ({ role, steps, theirs, ours, recordFirst }) => {
      const { stage, main, other } = await meet(role, steps, recordFirst);
      await run(stage, other, theirs);
      await run(stage, main, TO_THE_END);
      const next = begin(stage, 'rollout');
      await run(stage, next, ours);
      await bothEnd(stage, other, next);
      expect(isAtRest(stage)).toBe(true);
    });
    await fc.assert(property, { numRuns: 3 * RUNS });
  });
});

describe('a run that is cancelled', () => {
  it.each([
    ['with a reason', CANCELLED],
    ['without a reason', undefined],
  ])('goes home from wherever it is, and says that it was cancelled (%s)', async (_how, reason) => {
    for (let steps = 6; steps <= 46; steps += 1) {
      const stage = setAppStage({ lease: true, fencing: true }, PLAN);
      const main = await open(stage, { promoted: 1, steps });
      // Once it is being verified for the last time, a cancel may come too late.
      const { rollout } = stage.world.truth().record;
      if (rollout?.phase.name === 'verifying' || main.state === 'ended') return;
      main.stop.abort(reason);
      await run(stage, main, TO_THE_END);
      expectHonest(stage);
      expect(main.result).toMatchObject({
        verdict: 'fail',
        reasonCode: 'cancelled',
        state: 'aborted',
        weight: 0,
      });
      expect(isAtRest(stage)).toBe(true);
    }
  });

  it('goes home although the ledger does not answer any more', async () => {
    for (let steps = 10; steps <= 34; steps += 1) {
      const stage = setAppStage({ lease: true, fencing: true }, PLAN);
      const main = await open(stage, { promoted: 1, steps });
      stage.world.faults.ledger = 'refuses';
      main.stop.abort(CANCELLED);
      await run(stage, main, TO_THE_END);
      expect(stage.world.truth().reading.shares.a).toBe(100);
      expect(main.result?.warnings.join()).toContain('the ledger does not know the end of this rollout yet');
    }
  });
});
