import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { RolloutEvent } from '../../src/core/rollout/events.ts';
import type { Transition } from '../../src/core/rollout/move.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import type { Phase, Rollout, ServiceRecord } from '../../src/core/rollout/record.ts';
import { transition } from '../../src/core/rollout/transition.ts';
import type { RouterCapabilities } from '../../src/ports/traffic-router.ts';
import { byPlan, EARLY_MISTAKES } from '../core/rollout/model/early-mistakes.ts';
import { Violation } from '../core/rollout/model/invariants.ts';
import { CAREFUL, type Habits } from '../core/rollout/model/memory.ts';
import { opening, type Role, roughMove } from '../core/rollout/model/moves.ts';
import type { InvariantName } from '../core/rollout/model/rule.ts';
import { EARLY, open, play, setStage } from '../core/rollout/model/schedule.ts';
import { lateComer, ledgerAway, lowering, pairs } from '../core/rollout/model/sweeps.ts';

// A second or two of pure work each, but a busy machine may take many times as long.
vi.setConfig({ testTimeout: 90_000 });

/*
 * A checker that has never said no proves nothing. Each of these is one deliberate mistake, in the state machine
 * or in how a writer behaves, and the searches of rollout.test.ts must find it and name the invariant.
 */
const FENCED: RouterCapabilities = { lease: true, fencing: true };
const UNFENCED: RouterCapabilities = { lease: false, fencing: false };

type Decide = typeof transition;

/** The real state machine, with what it answers changed. */
function spoiled(spoil: (rollout: Rollout, event: RolloutEvent, record: ServiceRecord) => Rollout): Decide {
  return (record, event) => {
    const moved = transition(record, event);
    if (moved.kind === 'refused' || moved.record.rollout === null) return moved;
    return { ...moved, record: { ...moved.record, rollout: spoil(moved.record.rollout, event, record) } };
  };
}

/** The real state machine, with what it is told changed. */
function misled(mislead: (event: RolloutEvent) => RolloutEvent): Decide {
  return (record, event) => transition(record, mislead(event));
}

function inPhase(rollout: Rollout, phase: Phase): Rollout {
  return { ...rollout, phase };
}

const machines: readonly (readonly [string, InvariantName, Decide])[] = [
  ['takes a hold for served bake', '6 no data is not health', misled(holdIsService)],
  [
    'lets a step pass before its bake is served',
    '3 never up without a pass',
    byPlan((step) => ({ ...step, bake: 0 })),
  ],
  ['lets a step pass without enough samples', '3 never up without a pass', gullible],
  ['skips a step', '3 never up without a pass', spoiled(skipping)],
  ['goes on where an abort stood', '4 abort wins', spoiled(undead)],
  ['takes a write from anybody for its own', '4 abort wins', misled(impersonated)],
  ['calls traffic home before it is', '2 read back', spoiled(sayingHomeAtOnce)],
  ['goes on after the end', '5 terminal means true', unending],
  ['ends without a look at what serves', '8 the end is verified', spoiled(unverified)],
  ['deploys over the slot that serves', 'roles', spoiled(overStable)],
  ['takes a resumed rollout for a new one', 'one rollout at a time', spoiled(renaming)],
  ['keeps something that JSON cannot hold', 'plain JSON', spoiled(unwritable)],
];

function holdIsService(event: RolloutEvent): RolloutEvent {
  return event.type === 'ticked' && event.verdict.kind === 'hold'
    ? { ...event, verdict: { kind: 'pass' } }
    : event;
}

function gullible(record: ServiceRecord, event: RolloutEvent): Transition {
  const short = event.type === 'ticked' && event.verdict.kind === 'short-of-samples';
  return transition(record, short ? { ...event, verdict: { kind: 'pass' } } : event);
}

function skipping(rollout: Rollout): Rollout {
  const { phase } = rollout;
  return phase.name === 'shifting' && phase.step === 1
    ? inPhase(rollout, { name: 'shifting', step: 2 })
    : rollout;
}

function undead(rollout: Rollout, event: RolloutEvent): Rollout {
  return event.type === 'came-home' ? inPhase(rollout, { name: 'shifting', step: 0 }) : rollout;
}

let everybody: RolloutEvent['by'] | null = null;
function impersonated(event: RolloutEvent): RolloutEvent {
  everybody ??= event.by;
  return event.type === 'started' ? { ...event, by: everybody } : event;
}

function sayingHomeAtOnce(rollout: Rollout, event: RolloutEvent): Rollout {
  return event.type === 'abort-requested' ? inPhase(rollout, { name: 'confirming' }) : rollout;
}

function unending(record: ServiceRecord, event: RolloutEvent): Transition {
  const { rollout } = record;
  const over = rollout !== null && ['promoted', 'aborted', 'restored'].includes(rollout.phase.name);
  if (!over || event.type !== 'abort-requested') return transition(record, event);
  return transition({ ...record, rollout: inPhase(rollout, { name: 'aborting' }) }, event);
}

function unverified(rollout: Rollout, event: RolloutEvent): Rollout {
  return event.type === 'verified' ? { ...rollout, verification: null } : rollout;
}

function overStable(rollout: Rollout, event: RolloutEvent, { stable }: ServiceRecord): Rollout {
  if (event.type !== 'started' || stable === null) return rollout;
  return { ...rollout, canary: { ...rollout.canary, slot: stable.slot } };
}

function renaming(rollout: Rollout, event: RolloutEvent): Rollout {
  return event.type === 'resumed' ? { ...rollout, id: `${rollout.id}-again` } : rollout;
}

function unwritable(rollout: Rollout, event: RolloutEvent): Rollout {
  return event.type === 'started' ? { ...rollout, endedAt: Number.NaN } : rollout;
}

const writers: readonly (readonly [string, InvariantName, Partial<Habits>, RouterCapabilities])[] = [
  ['shifts first and writes later', '1 write-ahead', { writesAhead: false }, FENCED],
  ['shifts first and writes later', '1 write-ahead', { writesAhead: false }, UNFENCED],
  ['rises although the intent could not be written', '1 write-ahead', { putsOff: false }, FENCED],
  ['believes what it told the router', '2 read back', { readsBack: false }, FENCED],
  ['goes home under a token that an intent may have', '4 abort wins', { homesUnderTheAbort: false }, FENCED],
  ['gives way when its abort loses the ledger', '4 abort wins', { insists: false }, FENCED],
  ['leaves traffic where it lost the ledger', '5 terminal means true', { givesBack: false }, FENCED],
  ['deploys over a slot that it did not clear', '1 write-ahead', { clearsTheSlot: false }, FENCED],
];

/** The first invariant that the searches of rollout.test.ts find broken; null when they find none. */
function hunt(habits: Habits, router: RouterCapabilities): InvariantName | null {
  return caught(() => {
    atRandom(habits, router, 100);
    for (const role of ['handler', 'post', 'rollback'] satisfies Role[]) {
      pairs(router, habits, role);
      lateComer(router, habits, role);
      ledgerAway(router, habits, role);
    }
    atRandom(habits, router, 1_000);
  });
}

function caught(search: () => unknown): InvariantName | null {
  try {
    search();
    return null;
  } catch (error) {
    if (error instanceof Violation) return error.invariant;
    throw error;
  }
}

function atRandom(habits: Habits, router: RouterCapabilities, numRuns: number, plan?: Plan): void {
  const rough = fc.tuple(opening, fc.array(roughMove, { maxLength: 60, size: 'max' }));
  for (const [how, moves] of fc.sample(rough, { numRuns, seed: numRuns })) {
    const stage = setStage(router, habits, plan);
    open(stage, how);
    play(stage, moves);
  }
}

describe('the checkers say no', () => {
  it.each(machines)('to a state machine that %s (%s)', (_mistake, invariant, decide) => {
    expect(hunt({ ...CAREFUL, decide }, FENCED)).toBe(invariant);
  });

  it.each(EARLY_MISTAKES)('to a state machine that %s (3 never up without a pass)', (_mistake, decide) => {
    const search = (): void => atRandom({ ...CAREFUL, decide }, FENCED, 300, EARLY);
    expect(caught(search)).toBe('3 never up without a pass');
  });

  it.each(writers)('to a writer that %s (%s)', (_mistake, invariant, habit, router) => {
    expect(hunt({ ...CAREFUL, ...habit }, router)).toBe(invariant);
  });

  it('to a writer that does not go home without its ledger (7 lowering is never blocked)', () => {
    const stubborn = { ...CAREFUL, lowersWithoutLedger: false };
    for (const actor of ['post', 'rollback', 'cancel'] as const) {
      const search = (): number => lowering(stubborn, { actor, fault: 'read-only', from: 'a rollout' });
      expect(caught(search)).toBe('7 lowering is never blocked');
    }
    const search = (): number =>
      lowering(stubborn, { actor: 'rollback', fault: 'read-only', from: 'a promotion' });
    expect(caught(search)).toBe('7 lowering is never blocked');
  });
});
