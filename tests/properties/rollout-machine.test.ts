import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { RolloutEvent } from '../../src/core/rollout/events.ts';
import { pendingEffect, type Transition } from '../../src/core/rollout/move.ts';
import {
  isTerminal,
  openRollout,
  otherSlot,
  type Rollout,
  type ServiceRecord,
} from '../../src/core/rollout/record.ts';
import { transition } from '../../src/core/rollout/transition.ts';
import { EARLY_MISTAKES } from '../core/rollout/model/early-mistakes.ts';
import { ENTRY_RULES } from '../core/rollout/model/entry-rules.ts';
import { isCleared, leastServed } from '../core/rollout/model/least-served.ts';
import { blankMemory } from '../core/rollout/model/past.ts';
import { eventOf, game } from '../core/rollout/model/random-events.ts';
import { EMPTY, PASS, why } from '../core/rollout/sample-rollout.ts';

// A second or two of pure work each, but a busy machine may take many times as long.
vi.setConfig({ testTimeout: 90_000 });

type Look = (before: ServiceRecord, event: RolloutEvent, answer: Transition) => void;

/** Plays games of events, and lets every single answer be looked at. */
function always(look: Look, decide: typeof transition = transition): void {
  const property = fc.property(game, ([plan, throws]) => {
    let record: ServiceRecord = EMPTY;
    for (const [count, one] of throws.entries()) {
      const event = eventOf(record, plan, one, count);
      const answer = decide(record, event);
      look(record, event, answer);
      if (answer.kind === 'moved') record = answer.record;
    }
  });
  // A deliberate mistake is only to be found, for certain and not to be made small.
  const isWrong = decide !== transition;
  fc.assert(property, { numRuns: isWrong ? 500 : 120, endOnFailure: isWrong });
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

function throughJson(record: ServiceRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

/** Whether the event is one that only the owner may say. */
function isOwned(event: RolloutEvent): boolean {
  return !['started', 'rollback-started', 'abort-requested', 'resumed'].includes(event.type);
}

const looks = {
  gives: ((before, event, answer) => {
    expect(transition(frozen(before), frozen(event))).toEqual(answer);
  }) satisfies Look,
  json: ((_before, _event, answer) => {
    if (answer.kind === 'moved') expect(throughJson(answer.record)).toStrictEqual(answer.record);
  }) satisfies Look,
  effect: ((_before, event, answer) => {
    if (answer.kind === 'refused') return;
    const { rollout } = answer.record;
    expect(answer.effect).toEqual(rollout === null ? null : pendingEffect(rollout));
    const stays = rollout?.phase.name === 'baking' || rollout?.phase.name === 'catching-up';
    expect(answer.durable || (event.type === 'ticked' && stays)).toBe(true);
  }) satisfies Look,
  served: ((before, event, answer) => {
    const [was, is] = [before.rollout, answer.kind === 'moved' ? answer.record.rollout : null];
    if (was === null || is === null || was.id !== is.id) return;
    for (const [index, { servedMs }] of is.steps.entries()) {
      const counts = event.type === 'ticked' && event.step === index && event.verdict.kind !== 'hold';
      expect(servedMs - (was.steps[index]?.servedMs ?? 0)).toBe(counts ? event.elapsed : 0);
    }
  }) satisfies Look,
  terminal: ((before, event, answer) => {
    const over = before.rollout === null || isTerminal(before.rollout.phase);
    if (over && answer.kind === 'moved') expect(['started', 'rollback-started']).toContain(event.type);
  }) satisfies Look,
  abort: ((before, event, answer) => {
    const open = openRollout(before);
    if (open === null || event.type !== 'abort-requested' || event.rollout !== open.id) return;
    const movesBack = open.kind === 'rollback' && ['settling', 'verifying'].includes(open.phase.name);
    expect(answer.kind).toBe(movesBack ? 'refused' : 'moved');
    if (answer.kind === 'moved')
      expect(answer.record.rollout).toMatchObject({ phase: { name: 'aborting' }, owner: event.by });
  }) satisfies Look,
  fenced: ((before, event, answer) => {
    const open = openRollout(before);
    if (open === null || !isOwned(event) || event.by.id === open.owner.id) return;
    expect(answer).toMatchObject({ kind: 'refused', reason: { code: 'fenced' } });
  }) satisfies Look,
  upwards: ((before, event, answer) => {
    const [was, is] = [openRollout(before), answer.kind === 'moved' ? answer.record.rollout : null];
    if (was === null || is === null || !climbs(was, is)) return;
    const reached = was.phase.name === 'baking' ? was.phase.step : -1;
    const plan = was.plan.steps[reached];
    const served = is.steps[reached]?.servedMs ?? 0;
    const cleared = event.type === 'ticked' && isCleared(event.analysis.comparison);
    const enough =
      event.type === 'ticked' && event.verdict.kind === 'pass' && served >= leastServed(plan, cleared);
    const byPolicy = was.plan.onInconclusive === 'promote' && served >= (plan?.maxBake ?? Infinity);
    expect(enough || byPolicy).toBe(true);
    expect(is.phase.name === 'shifting' ? is.phase.step : was.steps.length).toBe(reached + 1);
  }) satisfies Look,
  entries: ((before, event, answer) => {
    if (answer.kind === 'refused') return;
    const entry = { revision: 1, at: 0, note: '', record: answer.record };
    const by = { name: event.by.id, owner: event.by };
    const memory = blankMemory({ lease: true, fencing: true });
    const reading = { shares: { a: 100, b: 0 }, lease: null, lapsed: null, token: 0 };
    const told = ['rolesFitSlots', 'oneAtATime', 'terminalStaysTerminal', 'writtenByOwner', 'endIsVerified'];
    for (const rule of ENTRY_RULES.filter(({ name }) => told.includes(name))) {
      expect(rule({ type: 'appended', by, entry, before }, memory, { record: before, reading })).toBeNull();
    }
  }) satisfies Look,
};

/** Whether a canary asks for more traffic than before for the first time. */
function climbs(was: Rollout, is: Rollout): boolean {
  if (was.id !== is.id || is.kind !== 'canary') return false;
  if (is.phase.name === 'settling') return was.phase.name === 'baking';
  if (is.phase.name !== 'shifting' || was.phase.name === 'deploying') return false;
  return !('step' in was.phase) || is.phase.step !== was.phase.step;
}

describe('the state machine, over random events of anybody', () => {
  it('gives the same answer to the same question, and changes nothing of what it is given', () =>
    always(looks.gives));
  it('keeps a record that JSON does not change', () => always(looks.json));
  it('says what the new state asks for, and keeps only watching out of the ledger', () =>
    always(looks.effect));
  it('adds to the served bake what a tick watched, and nothing of a hold', () => always(looks.served));
  it('lets nothing but a new rollout follow an end', () => always(looks.terminal));
  it('lets an abort win from every open state but a rollback that moves traffic', () => always(looks.abort));
  it('hears nothing else from anybody but the owner', () => always(looks.fenced));
  it('goes up one step at a time, after a bake that was served and passed', () => always(looks.upwards));
  it('keeps the roles in their slots, one rollout at a time, and ends in what was looked at', () =>
    always(looks.entries));
});

describe('the looks at the state machine say no', () => {
  const mistakes: readonly (readonly [string, Look, typeof transition])[] = [
    ['that answers by chance', looks.gives, sometimes()],
    [
      'that puts in what JSON cannot hold',
      looks.json,
      changed((rollout) => ({ ...rollout, endedAt: Number.NaN })),
    ],
    ['that says another effect', looks.effect, (record, event) => withEffect(transition(record, event))],
    ['that serves a hold', looks.served, (record, event) => transition(record, served(event))],
    [
      'that goes on after the end',
      looks.terminal,
      (record, event) => transition(reopened(record, event), event),
    ],
    [
      'that is deaf to an abort',
      looks.abort,
      (record, event) => (event.type === 'abort-requested' ? deaf() : transition(record, event)),
    ],
    [
      'that hears anybody',
      looks.fenced,
      (record, event) => transition(record, { ...event, by: openRollout(record)?.owner ?? event.by }),
    ],
    ['that skips a step', looks.upwards, changed(skipping)],
    [
      'that rises in hindsight',
      looks.upwards,
      (record, event) => transition(asPresent(record, event), event),
    ],
    ...EARLY_MISTAKES.map(([what, decide]) => [`that ${what}`, looks.upwards, decide] as const),
    [
      'that swaps slots',
      looks.entries,
      changed((rollout) => ({
        ...rollout,
        canary: { ...rollout.canary, slot: otherSlot(rollout.canary.slot) },
      })),
    ],
  ];

  it.each(mistakes)('to one %s', (_what, look, decide) => {
    expect(() => always(look, decide)).toThrow();
  });

  function changed(change: (rollout: Rollout) => Rollout): typeof transition {
    return (record, event) => {
      const answer = transition(record, event);
      if (answer.kind === 'refused' || answer.record.rollout === null) return answer;
      return { ...answer, record: { ...answer.record, rollout: change(answer.record.rollout) } };
    };
  }

  function sometimes(): typeof transition {
    let count = 0;
    return (record, event) => {
      count += 1;
      return count % 5 === 0 ? deaf() : transition(record, event);
    };
  }

  function deaf(): Transition {
    return { kind: 'refused', reason: why('internal-error') };
  }

  function withEffect(answer: Transition): Transition {
    return answer.kind === 'moved' ? { ...answer, effect: { type: 'stop' } } : answer;
  }

  function served(event: RolloutEvent): RolloutEvent {
    return event.type === 'ticked' && event.verdict.kind === 'hold' ? { ...event, verdict: PASS } : event;
  }

  function asPresent(record: ServiceRecord, event: RolloutEvent): ServiceRecord {
    const { rollout } = record;
    if (rollout?.phase.name !== 'catching-up' || event.type !== 'ticked') return record;
    return { ...record, rollout: { ...rollout, phase: { name: 'baking', step: rollout.phase.step } } };
  }

  function reopened(record: ServiceRecord, event: RolloutEvent): ServiceRecord {
    const { rollout } = record;
    if (rollout === null || !isTerminal(rollout.phase) || event.type !== 'abort-requested') return record;
    return { ...record, rollout: { ...rollout, phase: { name: 'baking', step: 0 } } };
  }

  function skipping(rollout: Rollout): Rollout {
    const { phase } = rollout;
    return phase.name === 'shifting'
      ? { ...rollout, phase: { name: 'shifting', step: phase.step + 1 } }
      : rollout;
  }
});
