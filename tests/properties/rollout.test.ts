import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { openRollout } from '../../src/core/rollout/record.ts';
import type { RouterCapabilities } from '../../src/ports/traffic-router.ts';
import { CAREFUL } from '../core/rollout/model/memory.ts';
import { calmMove, opening, type Role, roughMove } from '../core/rollout/model/moves.ts';
import {
  EARLY,
  expectRest,
  isAtRest,
  open,
  PLAN,
  play,
  run,
  setStage,
  settle,
  stepsToRest,
} from '../core/rollout/model/schedule.ts';
import { type Emergency, lateComer, ledgerAway, lowering, pairs } from '../core/rollout/model/sweeps.ts';

// A second or two of pure work each, but a busy machine may take many times as long.
vi.setConfig({ testTimeout: 90_000 });

/*
 * Several writers (the run itself, its signal handler, its post step, a reconciler, a rollback by hand, a second
 * rollout) share one ledger and one router and are paused, killed, cancelled and overtaken at random, each between
 * any two of its calls. The state machine is the real one; the outside world and the writers are modelled, and the
 * invariants are checked after every single call (tests/core/rollout/model).
 *
 * What a router promises decides what can be promised:
 * - with fencing, every invariant holds at every step. One thing is not a violation: whoever aborts moves traffic
 *   first and may lose the ledger to a promotion; for that moment, until it gives back, the record is not true.
 * - without fencing, an order that was held up can land at any time later. Then only this is promised: no order goes
 *   up without its intent in the ledger, no new intent goes up once an abort stands, what ends was read back as
 *   such, and the next reconcile brings everything to rest.
 */
const ROUTERS: readonly (RouterCapabilities & { readonly name: string })[] = [
  { name: 'lease and fencing', lease: true, fencing: true },
  { name: 'fencing only', lease: false, fencing: true },
  { name: 'a lease only', lease: true, fencing: false },
  { name: 'neither', lease: false, fencing: false },
];
const RUNS = 300;
/** A reconcile that finds the worst case does no more calls than this. */
const MOST_STEPS = 40;

describe.each(ROUTERS)('writers at random, on a router with $name', (router) => {
  it('keep every invariant, and a reconciler alone brings whatever they leave to rest', () => {
    const property = fc.property(
      opening,
      fc.array(roughMove, { maxLength: 60, size: 'max' }),
      (how, moves) => {
        const stage = setStage(router, CAREFUL);
        open(stage, how);
        play(stage, moves);
        const steps = stepsToRest(stage, 10 * MOST_STEPS);
        expect(steps).toBeLessThanOrEqual(MOST_STEPS);
        expect(openRollout(stage.world.truth().record)).toBeNull();
        expect(isAtRest(stage)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: RUNS });
  });

  it('keep every invariant where the plan lets a bake end early', () => {
    const moves = fc.array(roughMove, { maxLength: 60, size: 'max' });
    const property = fc.property(opening, moves, (how, made) => {
      const stage = setStage(router, CAREFUL, EARLY);
      open(stage, how);
      play(stage, made);
      expect(stepsToRest(stage, 10 * MOST_STEPS)).toBeLessThanOrEqual(MOST_STEPS);
    });
    fc.assert(property, { numRuns: RUNS / 3 });
  });

  it('come to an end by themselves when nobody is killed and nothing is broken', () => {
    const property = fc.property(
      opening,
      fc.array(calmMove, { maxLength: 60, size: 'max' }),
      (how, moves) => {
        const stage = setStage(router, CAREFUL);
        open(stage, how);
        play(stage, moves);
        settle(stage);
        if (router.fencing) expectRest(stage);
        stepsToRest(stage, 10 * MOST_STEPS);
        expect(isAtRest(stage)).toBe(true);
      },
    );
    fc.assert(property, { numRuns: RUNS });
  });
});

describe('writers at every pair of pauses, on a router with lease and fencing', () => {
  const router = { lease: true, fencing: true };

  it.each<Role>(['handler', 'post', 'rollback', 'reconcile'])(
    'a rollout and a %s come to rest together',
    (role) => {
      pairs(router, CAREFUL, role);
    },
  );

  it.each<Role>(['handler', 'post', 'rollback'])(
    'a %s that is held up does no harm to the next rollout',
    (role) => {
      lateComer(router, CAREFUL, role);
    },
  );

  it.each<Role>(['handler', 'post', 'rollback'])(
    'the abort of a %s stands although the ledger was away',
    (role) => {
      ledgerAway(router, CAREFUL, role);
    },
  );
});

describe('lowering is never blocked', () => {
  it.each<Emergency>([
    { actor: 'cancel', fault: 'refuses', from: 'a rollout' },
    { actor: 'post', fault: 'read-only', from: 'a rollout' },
    { actor: 'post', fault: 'refuses', from: 'a rollout' },
    { actor: 'rollback', fault: 'read-only', from: 'a rollout' },
    { actor: 'rollback', fault: 'refuses', from: 'a rollout' },
    { actor: 'rollback', fault: 'read-only', from: 'a promotion' },
  ])('a $actor takes traffic home from $from although the ledger is out of order ($fault)', (emergency) => {
    expect(lowering(CAREFUL, emergency)).toBeGreaterThan(2);
  });

  it('a rollout does not go up while the ledger takes nothing', () => {
    for (let steps = 1; steps <= 46; steps += 1) {
      const stage = setStage({ lease: true, fencing: true }, CAREFUL);
      const main = open(stage, { promoted: 1, steps });
      const asked = stage.world.truth().record.rollout?.phase;
      const intended = asked !== undefined && 'step' in asked ? (PLAN.steps[asked.step]?.weight ?? 0) : 100;
      stage.world.faults.ledger = 'refuses';
      let highest = 0;
      stage.world.watch((seen) => {
        if (seen.type === 'shifted') highest = Math.max(highest, seen.after.shares.b);
      });
      run(main, 1_000);
      if (asked?.name !== 'settling' && asked?.name !== 'promoted')
        expect(highest).toBeLessThanOrEqual(intended);
      expect(main.state).not.toBe('running');
    }
  });
});

describe('the search', () => {
  it('meets every ending of a rollout and every way in which a writer can stop', () => {
    const met = new Set<string>();
    const moves = fc.array(roughMove, { maxLength: 60, size: 'max' });
    const sample = fc.sample(fc.tuple(opening, moves), { numRuns: 400, seed: 20 });
    for (const [how, schedule] of sample) {
      const stage = setStage({ lease: true, fencing: true }, CAREFUL);
      stage.world.watch((seen) => {
        if (seen.type === 'appended')
          met.add(`${seen.entry.record.rollout?.kind} ${seen.entry.record.rollout?.phase.name}`);
      });
      open(stage, how);
      play(stage, schedule);
      for (const { state } of stage.processes) met.add(state);
    }
    const endings = [
      'first promoted',
      'first aborted',
      'canary promoted',
      'canary aborted',
      'rollback restored',
      'rollback aborted',
    ];
    expect([...met]).toEqual(
      expect.arrayContaining([...endings, 'ended', 'fenced', 'stuck', 'refused', 'killed']),
    );
  });
});
