import type { RouterCapabilities } from '../../../../src/ports/traffic-router.ts';
import { Violation } from './invariants.ts';
import type { Habits } from './memory.ts';
import type { Role } from './moves.ts';
import { begin, expectRest, open, type Process, run, type Stage, setStage } from './schedule.ts';
import { type Fault, isAllOn } from './world.ts';

/*
 * Searches that leave nothing to chance: a rollout is stopped at each of its calls, somebody else comes, is stopped
 * at each of its own, and so on. All go well otherwise. They throw the first violation that they meet.
 */

/** A healthy rollout, its first call to its last. */
const CALLS = 46;
const TO_THE_END = 1_000;

/** Two writers take turns: the other starts, the rollout goes on a little, the other ends, the rollout ends. */
export function pairs(router: RouterCapabilities, habits: Habits, role: Role): void {
  for (let steps = 1; steps <= CALLS; steps += 1) {
    for (let theirs = 1; theirs <= 8; theirs += 1) {
      for (const ours of [1, 3]) {
        const { stage, main } = setUp(router, habits, steps);
        const recordFirst = (steps + theirs) % 2;
        stage.world.choose = (among) => (among === 2 ? recordFirst : 0);
        const other = begin(stage, role);
        run(other, theirs);
        run(main, ours);
        bothEnd(stage, other, main);
      }
    }
  }
}

/** Somebody who wants to abort is held up until the rollout has ended and the next one is under way. */
export function lateComer(router: RouterCapabilities, habits: Habits, role: Role): void {
  for (let steps = 1; steps <= CALLS; steps += 3) {
    for (let theirs = 1; theirs <= 6; theirs += 1) {
      for (let next = 1; next <= 9; next += 1) {
        const { stage, main } = setUp(router, habits, steps);
        const late = begin(stage, role);
        run(late, theirs);
        run(main, TO_THE_END);
        const second = begin(stage, 'rollout');
        run(second, next);
        bothEnd(stage, late, second);
      }
    }
  }
}

/** The ledger takes nothing while somebody aborts, and is back before the rollout has noticed. */
export function ledgerAway(router: RouterCapabilities, habits: Habits, role: Role): void {
  for (let steps = 5; steps <= CALLS; steps += 1) {
    for (let theirs = 4; theirs <= 9; theirs += 1) {
      for (const ours of [1, 2, 4]) {
        const { stage, main } = setUp(router, habits, steps);
        const other = begin(stage, role);
        run(other, 2);
        stage.world.faults.ledger = 'read-only';
        run(other, theirs);
        stage.world.faults.ledger = 'none';
        run(main, ours);
        bothEnd(stage, other, main);
      }
    }
  }
}

export interface Emergency {
  readonly actor: Role | 'cancel';
  readonly fault: Fault;
  readonly from: 'a rollout' | 'a promotion';
}

/** Somebody wants traffic home from wherever a rollout is, and the ledger is away; how often did that apply? */
export function lowering(habits: Habits, { actor, fault, from }: Emergency): number {
  let applied = 0;
  for (let steps = 1; steps <= CALLS + 2; steps += 1) {
    const { stage, main } = setUp({ lease: true, fencing: true }, habits, steps);
    const { rollout } = stage.world.truth().record;
    const applies =
      from === 'a rollout' ? stage.world.truth().reading.lease !== null : rollout?.phase.name === 'promoted';
    if (!applies || rollout === null || rollout.stable === null) continue;
    stage.world.faults.ledger = fault;
    if (actor === 'cancel') main.me.cancelled = true;
    run(actor === 'cancel' ? main : begin(stage, actor), 40);
    applied += 1;
    if (isAllOn(stage.world.truth().reading, rollout.stable.slot)) continue;
    throw new Violation('7 lowering is never blocked', `${actor} did not get home from ${from}`, stage.world);
  }
  return applied;
}

function setUp(router: RouterCapabilities, habits: Habits, steps: number): { stage: Stage; main: Process } {
  const stage = setStage(router, habits);
  return { stage, main: open(stage, { promoted: 1, steps }) };
}

function bothEnd(stage: Stage, first: Process, second: Process): void {
  run(first, TO_THE_END);
  run(second, TO_THE_END);
  expectRest(stage);
}
