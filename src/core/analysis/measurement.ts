import type { Milliseconds } from '../units.ts';
import { blame, type Circumstances } from './attribution.ts';
import { allowedShare, isBeyond, isShareBeyond, type Kpi, samplesToAccuse } from './kpi.ts';
import { boundFor, type Tally } from './observation.ts';
import { counted, isMeasured, type LimitPolicy, type MeasurementOutcome, UNMEASURED } from './policy.ts';
import type { KpiState, Measurement, PolicyState } from './state.ts';

/** One tick, for a KPI that is measured. */
export interface Measured extends Circumstances {
  readonly canary: Tally;
  readonly stable: Tally | null;
  readonly elapsed: Milliseconds;
  /** The KPI's state with this tick counted in. */
  readonly state: KpiState;
}

const BLANK: Measurement = {
  ms: 0,
  bad: 0,
  total: 0,
  offTarget: 0,
  stableBad: 0,
  stableTotal: 0,
  erred: false,
};

/** Adds a tick to the measurement under way. One ends at the tick that is nearest to its interval. */
export function measure(
  kpi: Kpi,
  policy: LimitPolicy,
  before: PolicyState | undefined,
  tick: Measured,
): PolicyState {
  const had = before ?? { current: BLANK, counters: UNMEASURED, last: null };
  const begins = Math.max(kpi.warmUp, policy.initialDelay);
  if (tick.watchedMs - tick.elapsed < begins || isMeasured(policy, had.counters)) return had;
  const current = extended(kpi, had.current, tick);
  if (current.ms < policy.interval - tick.elapsed / 2) return { ...had, current };
  const outcome = outcomeOf(kpi, current, tick);
  if (outcome === null) return { ...had, current: BLANK };
  const last = { ...current, outcome, value: tick.state.latest.canary };
  return { current: BLANK, counters: counted(had.counters, outcome), last };
}

/** Events add up; a gauge is taken as it stands at the end. */
function extended(kpi: Kpi, before: Measurement, { canary, stable, elapsed }: Measured): Measurement {
  const seen = countsOf(kpi, canary);
  const other = stable === null ? null : countsOf(kpi, stable);
  const from = kpi.type === 'gauge' ? BLANK : before;
  const own = seen === null ? before : { ...added(from, seen), offTarget: from.offTarget + seen.offTarget };
  return {
    ms: before.ms + elapsed,
    bad: own.bad,
    total: own.total,
    offTarget: own.offTarget,
    stableBad: other === null ? before.stableBad : from.stableBad + other.bad,
    stableTotal: other === null ? before.stableTotal : from.stableTotal + other.total,
    erred: before.erred || canary.kind === 'error',
  };
}

interface Counts {
  readonly bad: number;
  readonly total: number;
  readonly offTarget: number;
}

function added(one: Counts, other: Counts): Pick<Counts, 'bad' | 'total'> {
  return { bad: one.bad + other.bad, total: one.total + other.total };
}

/** Null when the tick said nothing. A value counts as one event, which is bad when it is beyond the limit. */
function countsOf(kpi: Kpi, tally: Tally): Counts | null {
  if (tally.kind === 'value') {
    const off = kpi.target !== null && !isBeyond(tally.value, kpi.target);
    return { bad: isBeyond(tally.value, kpi.alert) ? 1 : 0, total: 1, offTarget: off ? 1 : 0 };
  }
  if (tally.kind !== 'events') return null;
  const { bad, total } = tally;
  return { bad, total, offTarget: slowerThanTarget(kpi, tally) };
}

function slowerThanTarget({ target }: Kpi, { shape }: Extract<Tally, { kind: 'events' }>): number {
  const bound = shape === null || target === null ? null : boundFor(shape.bounds, target.value);
  if (shape === null || bound === null) return 0;
  return shape.counts.slice(shape.bounds.indexOf(bound) + 1).reduce((sum, count) => sum + count, 0);
}

/**
 * Beyond `alert` is a failure, on `target` a success, and in between is inconclusive; without a target
 * everything that is no failure is a success. Beyond `alert` with too few events to accuse, or while stable is
 * too, is inconclusive. Null when the KPI says nothing and may.
 */
function outcomeOf(kpi: Kpi, seen: Measurement, tick: Measured): MeasurementOutcome | null {
  if (seen.total === 0) return seen.erred || kpi.noData.then === 'abort' ? 'error' : null;
  if (!isFailure(kpi, seen)) return isOnTarget(kpi, seen) ? 'success' : 'inconclusive';
  if (seen.total < samplesToAccuse(kpi)) return 'inconclusive';
  return blame(kpi, tick.state, seen, tick) === 'canary' ? 'failure' : 'inconclusive';
}

/** Whether a measurement lies beyond the alert limit. */
export function isFailure(kpi: Kpi, { bad, total }: Measurement): boolean {
  return kpi.type === 'gauge' ? bad > 0 : isShareBeyond(bad, total, kpi);
}

function isOnTarget(kpi: Kpi, { bad, total, offTarget }: Measurement): boolean {
  const { target, type, counts } = kpi;
  if (target === null) return true;
  if (type === 'gauge') return offTarget === 0;
  if (type === 'quantile') return offTarget / total <= allowedShare(kpi);
  return isBeyond((counts === 'good' ? total - bad : bad) / total, target);
}
