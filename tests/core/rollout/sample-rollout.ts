import type { ComparisonProgress } from '../../../src/core/analysis/comparison/progress.ts';
import { initialAnalysis } from '../../../src/core/analysis/state.ts';
import type { TickVerdict } from '../../../src/core/analysis/verdict.ts';
import type { Finding } from '../../../src/core/checks/finding.ts';
import type { RolloutEvent } from '../../../src/core/rollout/events.ts';
import type { Transition } from '../../../src/core/rollout/move.ts';
import type { Plan } from '../../../src/core/rollout/plan.ts';
import type { Reason, ReasonCode } from '../../../src/core/rollout/reason.ts';
import {
  emptyRecord,
  type Owner,
  type PhaseName,
  type Placement,
  type Rollout,
  type ServiceRecord,
  type Verification,
} from '../../../src/core/rollout/record.ts';
import { transition } from '../../../src/core/rollout/transition.ts';

export const MINUTE = 60_000;

/** Two steps: 10 % for 30 minutes (at most 45), 50 % for 15 (at most 20); a tick a minute. */
export const PLAN: Plan = {
  steps: [
    { weight: 10, bake: 30 * MINUTE, maxBake: 45 * MINUTE },
    { weight: 50, bake: 15 * MINUTE, maxBake: 20 * MINUTE },
  ],
  tick: MINUTE,
  checkpoint: 5 * MINUTE,
  budgets: {
    deploy: 10 * MINUTE,
    shift: MINUTE,
    verify: 2 * MINUTE,
    abort: 3 * MINUTE,
    hold: 10 * MINUTE,
    record: 10 * MINUTE,
  },
  onInconclusive: 'abort',
};

export function owner(id: string): Owner {
  return { id, kind: 'process', runId: id, host: 'host', pid: 7, processStart: '42', name: id };
}

export const ANN = owner('ann');
export const BOB = owner('bob');

export function why(code: ReasonCode, message: string = code): Reason {
  return { code, message };
}

type Telling = Pick<RolloutEvent, 'at' | 'by'>;

export function by(who: Owner, at = 1_000): Telling {
  return { at, by: who };
}

export function started(
  version: string,
  more: { id?: string; plan?: Plan; readmit?: string } = {},
): RolloutEvent {
  const { id = `rollout of ${version}`, plan = PLAN, readmit = null } = more;
  return { ...by(ANN), type: 'started', id, version, plan, readmit };
}

export function rollbackTo(to: Placement, id = 'rollback', who: Owner = ANN): RolloutEvent {
  const reason = why('rolled-back-by-hand', 'bookings are slow');
  return { ...by(who), type: 'rollback-started', id, to, plan: PLAN, reason, requestedBy: 'ann' };
}

export function ticked(step: number, verdict: TickVerdict, elapsed = MINUTE, who: Owner = ANN): RolloutEvent {
  return { ...by(who), type: 'ticked', step, elapsed, analysis: initialAnalysis(), verdict, findings: [] };
}

export function shifted(step: number, who: Owner = ANN): RolloutEvent {
  return { ...by(who), type: 'shifted', step };
}

export function abortOf(record: ServiceRecord, who: Owner, code: ReasonCode = 'cancelled'): RolloutEvent {
  return { ...by(who), type: 'abort-requested', rollout: rolloutOf(record).id, reason: why(code) };
}

export function resumedBy(record: ServiceRecord, who: Owner): RolloutEvent {
  return { ...by(who), type: 'resumed', rollout: rolloutOf(record).id };
}

export function plainly(
  type: 'deployed' | 'settled' | 'came-home' | 'lease-lapsed',
  who: Owner = ANN,
): RolloutEvent {
  return { ...by(who), type };
}

export function verified(
  outcome: Verification['outcome'],
  findings: readonly Finding[] = [],
  at = 9_000,
): RolloutEvent {
  return { ...by(ANN, at), type: 'verified', verification: { outcome, findings } };
}

/** As the comparison leaves it once the canary is proven no worse than stable. */
export const PROVEN: ComparisonProgress = {
  bounds: {},
  streams: [],
  state: { age: MINUTE, tracks: [], histories: [], peak: 0 },
  log: -1,
  threshold: 4.6,
  suspect: null,
  nonInferior: true,
};

/** The same later, when the evidence against the canary is past half of what convicts. */
export const SUSPECTED: ComparisonProgress = { ...PROVEN, log: 2.4 };

/** A tick after which the canary is proven no worse. */
export function proven(
  step: number,
  verdict: TickVerdict,
  elapsed = MINUTE,
  comparison = PROVEN,
): Extract<RolloutEvent, { type: 'ticked' }> {
  const analysis = { ...initialAnalysis(), comparison };
  return { ...by(ANN), type: 'ticked', step, elapsed, analysis, verdict, findings: [] };
}

export const PASS: TickVerdict = { kind: 'pass' };
export const HOLD: TickVerdict = { kind: 'hold', reason: why('environment-unhealthy') };
export const SHORT: TickVerdict = { kind: 'short-of-samples', reason: why('insufficient-samples') };
export const FAIL: TickVerdict = {
  kind: 'fail',
  reason: { ...why('guardrail-breached'), kpi: 'error-rate' },
};

export function rolloutOf(record: ServiceRecord): Rollout {
  if (record.rollout === null) throw new Error('there is no rollout');
  return record.rollout;
}

/** The answer to an event that must be accepted. */
export function moved(record: ServiceRecord, event: RolloutEvent): Extract<Transition, { kind: 'moved' }> {
  const answer = transition(record, event);
  if (answer.kind === 'refused') throw new Error(`${event.type} was refused: ${answer.reason.message}`);
  return answer;
}

/** Takes events one after the other; each must be accepted. */
export function having(record: ServiceRecord, ...events: readonly RolloutEvent[]): ServiceRecord {
  return events.reduce((before, event) => moved(before, event).record, record);
}

export const EMPTY = emptyRecord('shop', 'production');

/** v1 serves from slot a. */
export const SERVING = having(
  EMPTY,
  started('v1'),
  plainly('deployed'),
  plainly('settled'),
  verified('pass'),
);

/** One tick that serves a whole bake. */
export function bakes(step: number): RolloutEvent {
  return ticked(step, PASS, PLAN.steps[step]?.bake ?? 0);
}

/** From the start of v2 to its promotion: the phase that each event leads to. */
export const WAY_UP: readonly (readonly [PhaseName, RolloutEvent])[] = [
  ['deploying', started('v2')],
  ['shifting', plainly('deployed')],
  ['baking', shifted(0)],
  ['shifting', bakes(0)],
  ['baking', shifted(1)],
  ['settling', bakes(1)],
  ['verifying', plainly('settled')],
  ['promoted', verified('pass')],
];

/** v1 serves, and v2 has come so far. */
export function canaryIn(phase: PhaseName, step = 0): ServiceRecord {
  if (phase === 'aborting') return having(canaryIn('baking'), abortOf(canaryIn('baking'), ANN));
  if (phase === 'confirming') return having(canaryIn('aborting'), plainly('came-home'));
  if (phase === 'aborted') return having(canaryIn('confirming'), verified('pass'));
  const skip = step === 0 ? 0 : 3;
  const upTo = WAY_UP.findIndex(([name], index) => name === phase && index >= skip);
  return having(SERVING, ...WAY_UP.slice(0, upTo + 1).map(([, event]) => event));
}

/** v1 in slot a served before v2 in slot b. */
export const PROMOTED = canaryIn('promoted');

/** v2 is being left for v1. */
export function rollbackIn(
  phase: 'deploying' | 'settling' | 'verifying' | 'restored' | 'aborting',
): ServiceRecord {
  const begun = having(PROMOTED, rollbackTo({ slot: 'a', version: 'v1' }));
  if (phase === 'aborting') return having(begun, abortOf(begun, ANN));
  const events = [plainly('deployed'), plainly('settled'), verified('pass')];
  const far = { deploying: 0, settling: 1, verifying: 2, restored: 3 }[phase];
  return having(begun, ...events.slice(0, far));
}

export const OPEN_PHASES = [
  'deploying',
  'shifting',
  'baking',
  'settling',
  'verifying',
  'aborting',
  'confirming',
] as const;
