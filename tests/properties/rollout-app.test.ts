import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
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

// A second or two of pure work each, but a busy machine may take many times as long.
vi.setConfig({ testTimeout: 90_000 });

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
const RUNS = 20;
/** Calls of a healthy rollout, first to last. */
const CALLS = 46;
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

const FENCED: RouterCapabilities = { lease: true, fencing: true };

interface Two {
  readonly stage: AppStage;
  readonly main: AppProcess;
  readonly other: AppProcess;
}

/** A rollout has made so many calls when somebody else comes, who makes so many in turn. */
async function meet(role: AppRole, steps: number, theirs: number): Promise<Two> {
  const stage = setAppStage(FENCED, PLAN);
  const main = await open(stage, { promoted: 1, steps });
  const other = begin(stage, role);
  await run(stage, other, theirs);
  return { stage, main, other };
}

async function endAll(stage: AppStage, ...processes: readonly AppProcess[]): Promise<void> {
  for (const process of processes) await run(stage, process, TO_THE_END);
  expectHonest(stage);
  expect(isAtRest(stage)).toBe(true);
}

describe('two processes that take turns, all well but for their pauses', () => {
  it.each<AppRole>(['post', 'rollback'])('a rollout and a %s come to rest together', async (role) => {
    for (let steps = 1; steps <= CALLS; steps += 1) {
      for (const theirs of [2, 4]) {
        const { stage, main, other } = await meet(role, steps, theirs);
        await run(stage, main, 1);
        await endAll(stage, other, main);
      }
    }
  });

  it.each<AppRole>(['post', 'rollback'])(
    'a %s that is late does no harm to the next rollout',
    async (role) => {
      for (let steps = 30; steps <= CALLS; steps += 1) {
        for (const calls of [1, 5, 6, 7, 8]) {
          const { stage, main, other } = await meet(role, steps, role === 'post' && calls > 1 ? 2 : 1);
          await run(stage, main, TO_THE_END);
          const next = begin(stage, 'rollout');
          await run(stage, next, calls);
          await endAll(stage, other, next);
        }
      }
    },
  );

  it('an abort stands although the rollout wrote on while the ledger did not answer', async () => {
    for (let steps = 5; steps <= 30; steps += 1) {
      for (const away of [4, 35, 36, 37]) {
        const { stage, main, other } = await meet('rollback', steps, 1);
        stage.world.faults.ledger = 'read-only';
        await run(stage, other, away);
        stage.world.faults.ledger = 'none';
        await run(stage, main, 4);
        await run(stage, other, TO_THE_END);
        await run(stage, main, TO_THE_END);
        expectHonest(stage);
        if (!saidStuck(stage)) expect(stage.world.truth().record.rollout?.phase.name).not.toBe('promoted');
      }
    }
  });

  it('a rollout that fell behind its ledger gives way to who wrote meanwhile, and to nobody else', async () => {
    for (let steps = 12; steps <= 30; steps += 1) {
      for (const theirs of [2, TO_THE_END]) {
        const stage = setAppStage(FENCED, PLAN);
        const main = await open(stage, { promoted: 1, steps });
        stage.world.faults.ledger = steps % 2 === 0 ? 'refuses' : 'deaf';
        await run(stage, main, 4);
        stage.world.faults.ledger = 'none';
        const other = begin(stage, 'rollback');
        await run(stage, other, theirs);
        await endAll(stage, main, other);
        if (other.result !== null && theirs > 2) expect(main.result).toMatchObject({ verdict: 'fail' });
      }
    }
  });

  it('a ledger that is away and comes back ends no rollout that has begun to bake', async () => {
    for (let steps = 12; steps <= CALLS; steps += 1) {
      for (const fault of ['refuses', 'read-only', 'deaf'] as const) {
        const stage = setAppStage(FENCED, PLAN);
        const main = await open(stage, { promoted: 1, steps });
        const { rollout } = stage.world.truth().record;
        if (rollout?.phase.name !== 'baking') continue;
        stage.world.faults.ledger = fault;
        await run(stage, main, 5);
        stage.world.faults.ledger = 'none';
        await endAll(stage, main);
        expect(main.result).toMatchObject({ verdict: 'pass', reasonCode: 'promoted' });
      }
    }
  });

  it('a ledger that stays away ends it, at home', async () => {
    for (let steps = 8; steps <= 36; steps += 1) {
      const stage = setAppStage(FENCED, PLAN);
      const main = await open(stage, { promoted: 1, steps });
      const verifying = stage.world.truth().record.rollout?.phase.name === 'verifying';
      stage.world.faults.ledger = 'refuses';
      await run(stage, main, TO_THE_END);
      expectHonest(stage);
      expect(main.result?.warnings.join()).toContain('reconcile will catch it up');
      if (!verifying && main.result?.reasonCode !== 'promoted')
        expect(main.result).toMatchObject({ reasonCode: 'ledger-unavailable', weight: 0 });
      await onlyReconcile(stage, TO_THE_END);
      expectHonest(stage);
      expect(isAtRest(stage)).toBe(true);
    }
  });

  it('an intent that was held up does not come through after the abort', async () => {
    for (let steps = 1; steps <= CALLS; steps += 1) {
      const { stage, main, other } = await meet('rollback', steps, 1);
      stage.world.faults.router = 'read-only';
      await run(stage, other, 3);
      stage.world.faults.router = 'none';
      await endAll(stage, other, main);
    }
  });

  it('nothing is promoted when its traffic was taken home while it was verified', async () => {
    for (let steps = 30; steps <= CALLS; steps += 1) {
      const { stage, main, other } = await meet('rollback', steps, 2);
      const { record, reading } = stage.world.truth();
      if (record.rollout?.phase.name !== 'verifying' || reading.shares.a !== 100 || hasReadAll(main))
        continue;
      await run(stage, main, TO_THE_END);
      expect(stage.world.truth().record.stable?.version).toBe('v1');
      await endAll(stage, other);
    }
  });

  it('a run that was held up does not take the success of the next one for its own', async () => {
    for (let steps = 5; steps <= 30; steps += 1) {
      const { stage, main, other } = await meet('rollback', steps, TO_THE_END);
      await run(stage, other, TO_THE_END);
      await run(stage, begin(stage, 'rollout'), TO_THE_END);
      await endAll(stage, main);
      expect(stage.world.truth().record.stable?.version).toBe('v4');
      expect(main.result).toMatchObject({ verdict: 'fail' });
    }
  });
});

/** Only its last entry is left to be written. */
function hasReadAll({ calls }: AppProcess): boolean {
  return calls.some(({ name }) => name === 'append');
}

describe('a router that says that it has shifted, and has not', () => {
  it('is not believed: nothing is baked on it, and the rollout ends', async () => {
    const stage = setAppStage(FENCED, PLAN);
    const main = await open(stage, { promoted: 1, steps: 8 });
    stage.world.faults.router = 'lies';
    await endAll(stage, main);
    expect(main.result).toMatchObject({ verdict: 'fail', reasonCode: 'weight-diverged', state: 'aborted' });
    expect(main.result?.steps.every(({ servedMs }) => servedMs === 0)).toBe(true);
  });

  it('leaves a rollout open that it does not take home, and that is said loudly', async () => {
    const stage = setAppStage(FENCED, PLAN);
    const main = await open(stage, { promoted: 1, steps: 20 });
    stage.world.faults.router = 'lies';
    main.stop.abort(CANCELLED);
    await run(stage, main, TO_THE_END);
    expectHonest(stage);
    expect(main.result).toMatchObject({ verdict: 'fail', reasonCode: 'traffic-not-home', state: 'aborting' });
    expect(main.result?.message).toContain('TRAFFIC MAY STILL BE ON THE CANARY');
    await onlyReconcile(stage, TO_THE_END);
    expect(isAtRest(stage)).toBe(true);
  });
});

describe('a run that is cancelled', () => {
  it.each([
    ['with a reason', CANCELLED],
    ['without a reason', undefined],
  ])('goes home from wherever it is, and says that it was cancelled (%s)', async (_how, reason) => {
    for (let steps = 6; steps <= 46; steps += 1) {
      const stage = setAppStage(FENCED, PLAN);
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
      const stage = setAppStage(FENCED, PLAN);
      const main = await open(stage, { promoted: 1, steps });
      stage.world.faults.ledger = 'refuses';
      main.stop.abort(CANCELLED);
      await run(stage, main, TO_THE_END);
      expect(stage.world.truth().reading.shares.a).toBe(100);
      expect(main.result?.warnings.join()).toContain('the ledger does not know the end of this rollout yet');
    }
  });
});
