import { describe, expect, it } from 'vitest';
import type { TickVerdict } from '../../../src/core/analysis/verdict.ts';
import type { RolloutEvent } from '../../../src/core/rollout/events.ts';
import type { Plan, Step } from '../../../src/core/rollout/plan.ts';
import type { ServiceRecord } from '../../../src/core/rollout/record.ts';
import {
  BOB,
  canaryIn,
  FAIL,
  HOLD,
  having,
  MINUTE,
  moved,
  PASS,
  PLAN,
  PROVEN,
  plainly,
  proven,
  resumedBy,
  rolloutOf,
  SERVING,
  SHORT,
  SUSPECTED,
  shifted,
  started,
  ticked,
} from './sample-rollout.ts';

function bakingWith(plan: Partial<Plan>): ServiceRecord {
  return having(SERVING, started('v2', { plan: { ...PLAN, ...plan } }), plainly('deployed'), shifted(0));
}

function times(count: number, verdict: TickVerdict, elapsed = MINUTE): RolloutEvent[] {
  return Array.from({ length: count }, () => ticked(0, verdict, elapsed));
}

function phaseOf(record: ServiceRecord): string {
  const { phase } = rolloutOf(record);
  return 'step' in phase ? `${phase.name} ${phase.step}` : phase.name;
}

describe('a bake', () => {
  it.each<[string, readonly RolloutEvent[], string]>([
    ['goes on a minute before it is served', times(29, PASS), 'baking 0'],
    ['ends in the very tick in which it is served', times(30, PASS), 'shifting 1'],
    ['ends in one long tick', times(1, PASS, 31 * MINUTE), 'shifting 1'],
    ['is never served by holds', times(10, HOLD), 'baking 0'],
    [
      'counts ticks that are short of samples as served',
      [...times(29, SHORT), ...times(1, PASS)],
      'shifting 1',
    ],
    ['is extended while samples are missing', times(44, SHORT), 'baking 0'],
    [
      'passes in its extension as soon as there are enough',
      [...times(44, SHORT), ...times(1, PASS)],
      'shifting 1',
    ],
    ['ends at its longest when samples are still missing', times(45, SHORT), 'aborting'],
    ['ends at once when a tick fails', times(1, FAIL), 'aborting'],
    [
      'ends when its last tick fails, although it is served',
      [...times(29, PASS), ...times(1, FAIL)],
      'aborting',
    ],
    [
      'does not pass in a hold, although it was nearly served',
      [...times(29, PASS), ...times(1, HOLD)],
      'baking 0',
    ],
    ['holds as long as its budget', times(10, HOLD), 'baking 0'],
    ['ends when the hold takes longer than its budget', times(11, HOLD), 'aborting'],
  ])('%s', (_what, events, phase) => {
    expect(phaseOf(having(canaryIn('baking'), ...events))).toBe(phase);
  });

  it('adds up its holds, however many good ticks lie between them', () => {
    const ill = [...times(5, HOLD), ...times(1, PASS), ...times(5, HOLD)];
    expect(phaseOf(having(canaryIn('baking'), ...ill))).toBe('baking 0');
    expect(phaseOf(having(canaryIn('baking'), ...ill, ...times(1, HOLD)))).toBe('aborting');
  });

  it('ends at the first hold when there is no budget for it', () => {
    const budgets = { ...PLAN.budgets, hold: 0 };
    expect(phaseOf(having(bakingWith({ budgets }), ...times(1, HOLD)))).toBe('aborting');
  });

  it.each([
    ['promote', 'shifting 1'],
    ['abort', 'aborting'],
  ] as const)('that stays inconclusive follows the policy: %s', (onInconclusive, phase) => {
    expect(phaseOf(having(bakingWith({ onInconclusive }), ...times(45, SHORT)))).toBe(phase);
  });

  it('never lets the policy overrule a failure', () => {
    const record = bakingWith({ onInconclusive: 'promote' });
    expect(phaseOf(having(record, ...times(44, SHORT), ...times(1, FAIL)))).toBe('aborting');
  });

  it('has no extension when its longest is its bake', () => {
    const steps = [{ weight: 10, bake: 30 * MINUTE, maxBake: 30 * MINUTE }];
    expect(phaseOf(having(bakingWith({ steps }), ...times(30, SHORT)))).toBe('aborting');
    expect(phaseOf(having(bakingWith({ steps }), ...times(30, PASS)))).toBe('settling');
  });

  it.each([
    [FAIL, times(1, FAIL)],
    [HOLD, times(11, HOLD)],
    [SHORT, times(45, SHORT)],
  ] as const)('ends with the reason of the tick that ended it', (verdict, events) => {
    const { reason } = rolloutOf(having(canaryIn('baking'), ...events));
    expect(reason).toEqual('reason' in verdict ? verdict.reason : null);
  });

  it('keeps the findings of the newest tick', () => {
    const finding = {
      check: 'p95',
      title: 'P95',
      status: 'pass' as const,
      observed: '612 ms',
      expected: '<= 800 ms',
    };
    const event = { ...ticked(0, PASS), findings: [finding] };
    expect(rolloutOf(having(canaryIn('baking'), event)).steps[0]?.findings).toEqual([finding]);
  });

  it('leaves the progress of other steps alone', () => {
    const record = having(canaryIn('baking', 1), ticked(1, PASS, 3 * MINUTE));
    expect(rolloutOf(record).steps.map(({ servedMs }) => servedMs / MINUTE)).toEqual([30, 3]);
  });

  it('starts its evidence anew at each step', () => {
    expect(rolloutOf(canaryIn('baking')).analysis.step).toBe(0);
    expect(rolloutOf(canaryIn('baking', 1)).analysis.step).toBe(1);
  });
});

describe('a bake that may end early', () => {
  const early = { steps: [{ weight: 10, bake: 30 * MINUTE, maxBake: 45 * MINUTE }] };
  const withFloor = (over: Partial<Step> = {}): ServiceRecord =>
    bakingWith({ steps: early.steps.map((step) => ({ ...step, promoteEarly: 10 * MINUTE, ...over })) });
  const proofs = (count: number, verdict = PASS): RolloutEvent[] =>
    Array.from({ length: count }, () => proven(0, verdict));
  const suspected = (count: number): RolloutEvent[] =>
    Array.from({ length: count }, () => proven(0, PASS, MINUTE, SUSPECTED));

  it.each<[string, readonly RolloutEvent[], string]>([
    ['ends at its floor once the canary is proven no worse', proofs(10), 'settling'],
    ['goes on below its floor, whatever is proven', proofs(9), 'baking 0'],
    [
      'ends at the very tick of the proof, once past the floor',
      [...times(20, PASS), ...proofs(1)],
      'settling',
    ],
    ['takes its whole bake without a proof', times(29, PASS), 'baking 0'],
    ['passes after its whole bake without one', times(30, PASS), 'settling'],
    ['does not end early while samples are missing', proofs(29, SHORT), 'baking 0'],
    ['does not end early in a hold', [...proofs(9), ...proofs(5, HOLD)], 'baking 0'],
    ['goes on past its floor while the canary is suspected', suspected(29), 'baking 0'],
    ['passes after its whole bake, suspected or not', suspected(30), 'settling'],
    ['ends early once the suspicion is gone', [...suspected(20), ...proofs(1)], 'settling'],
    ['is ended by a failure at its floor', [...proofs(9), ...proofs(1, FAIL)], 'aborting'],
    ['is extended for samples as any other', proofs(44, SHORT), 'baking 0'],
    ['ends at its longest as any other', proofs(45, SHORT), 'aborting'],
  ])('%s', (_what, events, phase) => {
    expect(phaseOf(having(withFloor(), ...events))).toBe(phase);
  });

  it.each([
    [2.3, 'settling'],
    [2.3001, 'baking 0'],
    [4.5, 'baking 0'],
  ])('with evidence of %d nats against it, of 4.6 that convict, is %s', (log, phase) => {
    const last = proven(0, PASS, MINUTE, { ...PROVEN, log });
    expect(phaseOf(having(withFloor(), ...proofs(9), last))).toBe(phase);
  });

  it('does not end early when the plan does not say so', () => {
    expect(phaseOf(having(bakingWith(early), ...proofs(29)))).toBe('baking 0');
  });

  it('does not end early at 100 %, where nothing can be compared', () => {
    expect(phaseOf(having(withFloor({ weight: 100 }), ...proofs(29)))).toBe('baking 0');
  });

  it('is never made longer by its floor', () => {
    expect(phaseOf(having(withFloor({ promoteEarly: 60 * MINUTE }), ...proofs(30)))).toBe('settling');
  });

  it('ends early for a new owner as well, by the proof of the one before', () => {
    const baked = having(withFloor(), ...proofs(9));
    const resumed = having(baked, resumedBy(baked, BOB), shifted(0, BOB));
    const { analysis } = rolloutOf(resumed);
    expect(analysis.comparison?.nonInferior).toBe(true);
    const tick = { ...proven(0, PASS), analysis, by: BOB };
    expect(phaseOf(having(resumed, tick))).toBe('settling');
  });
});

describe('what the ledger hears of a bake', () => {
  it('is nothing while less than a checkpoint was served', () => {
    const answer = moved(having(canaryIn('baking'), ...times(3, PASS)), ticked(0, PASS));
    expect(answer).toMatchObject({ durable: false, effect: { type: 'watch', step: 0 } });
  });

  it('is the served bake at each checkpoint', () => {
    const answer = moved(having(canaryIn('baking'), ...times(4, PASS)), ticked(0, PASS));
    expect(answer.durable).toBe(true);
    expect(rolloutOf(answer.record).steps[0]).toMatchObject({ servedMs: 5 * MINUTE, savedMs: 5 * MINUTE });
  });

  it('counts from the checkpoint before', () => {
    const durable: boolean[] = [];
    let record = canaryIn('baking');
    for (const event of times(16, PASS)) {
      const answer = moved(record, event);
      durable.push(answer.durable);
      record = answer.record;
    }
    expect(durable.flatMap((is, index) => (is ? [index + 1] : []))).toEqual([5, 10, 15]);
  });

  it('is held time as well, so that a new owner gets no new budget for it', () => {
    const answer = moved(having(canaryIn('baking'), ...times(2, PASS), ...times(2, HOLD)), ticked(0, HOLD));
    expect(answer.durable).toBe(true);
    expect(rolloutOf(answer.record).steps[0]).toMatchObject({ servedMs: 2 * MINUTE, heldMs: 3 * MINUTE });
    expect(moved(answer.record, ticked(0, HOLD)).durable).toBe(false);
  });

  it('is every tick that ends the step, one way or the other', () => {
    expect(moved(canaryIn('baking'), ticked(0, FAIL)).durable).toBe(true);
    expect(moved(having(canaryIn('baking'), ...times(29, PASS)), ticked(0, PASS)).durable).toBe(true);
  });
});

describe('a lease that lapses under a living owner', () => {
  it('costs a second shift to the same weight, and no served bake', () => {
    const baked = having(canaryIn('baking'), ...times(7, PASS));
    const { record, effect, durable } = moved(baked, plainly('lease-lapsed'));
    expect(phaseOf(record)).toBe('shifting 0');
    expect(effect).toEqual({ type: 'shift', step: 0, canary: 'b', stable: 'a' });
    expect(durable).toBe(true);
    expect(rolloutOf(record)).toMatchObject({ leaseLapses: 1, reason: null });
    expect(rolloutOf(record).steps[0]).toMatchObject({ servedMs: 7 * MINUTE, savedMs: 7 * MINUTE });
  });

  it('goes on with the rest of the bake and with its evidence', () => {
    const again = having(canaryIn('baking'), ...times(7, PASS), plainly('lease-lapsed'), shifted(0));
    expect(phaseOf(having(again, ...times(22, PASS)))).toBe('baking 0');
    expect(phaseOf(having(again, ...times(23, PASS)))).toBe('shifting 1');
  });

  it('ends the rollout the second time, even at another step', () => {
    const once = having(
      canaryIn('baking'),
      plainly('lease-lapsed'),
      shifted(0),
      ...times(30, PASS),
      shifted(1),
    );
    const { record, effect } = moved(once, plainly('lease-lapsed'));
    expect(rolloutOf(record)).toMatchObject({
      phase: { name: 'aborting' },
      leaseLapses: 2,
      reason: { code: 'lease-lost' },
    });
    expect(effect).toEqual({ type: 'come-home', slot: 'a' });
  });
});
