import fc from 'fast-check';
import type { ComparisonProgress } from '../../../../src/core/analysis/comparison/progress.ts';
import { type AnalysisState, initialAnalysis } from '../../../../src/core/analysis/state.ts';
import type { RolloutEvent } from '../../../../src/core/rollout/events.ts';
import type { Plan } from '../../../../src/core/rollout/plan.ts';
import {
  openRollout,
  otherSlot,
  type Rollout,
  type ServiceRecord,
} from '../../../../src/core/rollout/record.ts';
import { FAIL, HOLD, owner, PASS, PROVEN, SHORT, SUSPECTED, why } from '../sample-rollout.ts';

/** Where an event comes from and what it says; which event it is depends on the record it meets. */
export interface Throw {
  readonly fits: boolean;
  readonly kind: number;
  readonly who: number;
  readonly verdict: number;
  readonly elapsed: number;
  readonly step: number;
  /** What the comparison has found. */
  readonly comparison: ComparisonProgress | null;
}

export const OWNERS = [owner('ann'), owner('bob'), owner('cy')] as const;
export const VERDICTS = [PASS, PASS, PASS, SHORT, HOLD, FAIL] as const;

const span = fc.integer({ min: 1, max: 40 });
/** Records as JSON would give them: fast-check would also make some without a prototype. */
const plain = { noNullPrototype: true };
const step = fc
  .record(
    { weight: fc.integer({ min: 1, max: 100 }), bake: span, extra: fc.nat(20), floor: fc.nat(24) },
    plain,
  )
  .map(({ weight, bake, extra, floor }) => ({
    weight,
    bake,
    maxBake: bake + extra,
    ...(floor > 16 ? {} : { promoteEarly: floor }),
  }));
const budgets = fc.record(
  { deploy: span, shift: span, verify: span, abort: span, hold: span, record: span },
  plain,
);
export const planned: fc.Arbitrary<Plan> = fc.record(
  {
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    tick: span,
    checkpoint: span,
    budgets,
    onInconclusive: fc.constantFrom('abort' as const, 'promote' as const),
  },
  plain,
);
const thrown: fc.Arbitrary<Throw> = fc.record({
  fits: fc.nat(3).map((one) => one > 0),
  kind: fc.nat(13),
  who: fc.nat(2),
  verdict: fc.nat(VERDICTS.length - 1),
  elapsed: span,
  step: fc.nat(2),
  comparison: fc.constantFrom(null, PROVEN, SUSPECTED),
});
export const game = fc.tuple(planned, fc.array(thrown, { maxLength: 60, size: 'max' }));

export function eventOf(record: ServiceRecord, plan: Plan, one: Throw, count: number): RolloutEvent {
  const open = openRollout(record);
  const at = count;
  const stranger = OWNERS[one.who] ?? OWNERS[0];
  const id = `R${count}`;
  const version = `v${one.kind % 7}`;
  const start: RolloutEvent = { at, by: stranger, type: 'started', id, version, plan, readmit: null };
  if (open === null && one.fits && one.kind > 2) return start;
  if (open === null && one.fits) return backFrom(record, plan, one, id, at);
  const fitting = open === null ? undefined : fittingEvent(open, one, at);
  if (one.fits && fitting !== undefined) return fitting;
  return anyEvent(record, one, start, at);
}

function backFrom(record: ServiceRecord, plan: Plan, one: Throw, id: string, at: number): RolloutEvent {
  const slot = otherSlot(record.stable?.slot ?? 'a');
  const to = one.kind === 0 && record.previous !== null ? record.previous : { slot, version: 'v0' };
  const by = OWNERS[one.who] ?? OWNERS[0];
  return {
    at,
    by,
    type: 'rollback-started',
    id,
    to,
    plan,
    reason: why('rolled-back-by-hand'),
    requestedBy: 'ann',
  };
}

/** What the owner of a rollout would say next, one way or the other. */
export function fittingEvent(open: Rollout, one: Throw, at: number): RolloutEvent {
  const by = { at, by: open.owner };
  const well = one.kind > 1;
  const outcome = well ? ('pass' as const) : ('fail' as const);
  const { phase } = open;
  switch (phase.name) {
    case 'deploying':
      return well
        ? { ...by, type: 'deployed' }
        : { ...by, type: 'deploy-failed', reason: why('deploy-failed'), findings: [] };
    case 'shifting':
      return well
        ? { ...by, type: 'shifted', step: phase.step }
        : { ...by, type: 'shift-failed', reason: why('shift-failed') };
    case 'baking':
      if (one.kind === 13) return { ...by, type: 'parked', wakeAt: at + one.elapsed, until: at + 99 };
      return well ? tickOf(open, one, at, phase.step) : { ...by, type: 'lease-lapsed' };
    case 'parked':
      return { at, by: OWNERS[one.who] ?? OWNERS[0], type: 'resumed', rollout: open.id };
    case 'catching-up':
      return one.kind > 6 ? { ...by, type: 'caught-up' } : tickOf(open, one, at, phase.step);
    case 'settling':
      return { ...by, type: 'settled' };
    case 'aborting':
      return { ...by, type: 'came-home' };
    case 'verifying':
    case 'confirming':
    case 'promoted':
    case 'restored':
    case 'aborted':
      return { ...by, type: 'verified', verification: { outcome, findings: [] } };
  }
}

function tickOf(open: Rollout, one: Throw, at: number, step: number): RolloutEvent {
  const { elapsed } = one;
  const verdict = VERDICTS[one.verdict] ?? PASS;
  return {
    at,
    by: open.owner,
    type: 'ticked',
    step,
    elapsed,
    analysis: analysisOf(one),
    verdict,
    findings: [],
  };
}

function analysisOf({ comparison }: Throw): AnalysisState {
  return { ...initialAnalysis(), comparison };
}

function anyEvent(record: ServiceRecord, one: Throw, start: RolloutEvent, at: number): RolloutEvent {
  const by = { at, by: OWNERS[one.who] ?? OWNERS[0] };
  const rollout = record.rollout?.id ?? 'none';
  const verdict = VERDICTS[one.verdict] ?? PASS;
  const { step, elapsed } = one;
  const all: readonly RolloutEvent[] = [
    start,
    { ...by, type: 'resumed', rollout },
    { ...by, type: 'abort-requested', rollout, reason: why('cancelled') },
    { ...by, type: 'abort-requested', rollout: 'of before', reason: why('cancelled') },
    { ...by, type: 'deployed' },
    { ...by, type: 'shifted', step },
    { ...by, type: 'shift-failed', reason: why('shift-failed') },
    { ...by, type: 'ticked', step, elapsed, analysis: analysisOf(one), verdict, findings: [] },
    { ...by, type: 'lease-lapsed' },
    { ...by, type: 'parked', wakeAt: at + elapsed, until: at + 99 },
    { ...by, type: 'caught-up' },
    { ...by, type: 'settled' },
    { ...by, type: 'came-home' },
    { ...by, type: 'verified', verification: { outcome: 'pass', findings: [] } },
  ];
  return all[one.kind] ?? start;
}
