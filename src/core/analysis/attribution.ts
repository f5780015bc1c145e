import type { Milliseconds, Percent } from '../units.ts';
import { isShareBeyond, type Kpi, samplesToAccuse } from './kpi.ts';
import type { KpiState, Stretch } from './state.ts';

export type Blame = 'canary' | 'environment';

/**
 * A breach of a KPI that both arms share is put down to the shift when it began this soon after it. In a step
 * shorter than this, every such breach is.
 */
export const SHARED_BLAME: Milliseconds = 300_000;

export interface Circumstances {
  readonly weight: Percent;
  /** Watched time of the step. */
  readonly watchedMs: Milliseconds;
}

/** What stable showed while the canary was beyond its limit. */
export type Meanwhile = Pick<Stretch, 'stableBad' | 'stableTotal'>;

/**
 * Whose fault a breach is. What hits stable as well is not the canary's fault; where there is no stable arm
 * that could tell, the canary answers for it.
 */
export function blame(
  kpi: Kpi,
  state: KpiState,
  meanwhile: Meanwhile,
  { weight, watchedMs }: Circumstances,
): Blame {
  if (weight >= 100) return 'canary';
  const excused = kpi.scope === 'shared' ? isLate(kpi, state, watchedMs) : isStableIll(kpi, state, meanwhile);
  return excused ? 'environment' : 'canary';
}

function isLate(kpi: Kpi, state: KpiState, watchedMs: Milliseconds): boolean {
  const began = kpi.type === 'never' ? watchedMs - (state.sinceEvent.canary ?? 0) : (state.run?.since ?? 0);
  return began >= SHARED_BLAME;
}

/** Whether stable breached the same limit over the same time. */
function isStableIll(kpi: Kpi, state: KpiState, { stableBad, stableTotal }: Meanwhile): boolean {
  if (kpi.type === 'never') return hadEventBefore(kpi, state);
  if (kpi.type === 'gauge') return stableBad > stableTotal / 2;
  return stableTotal >= samplesToAccuse(kpi) && isShareBeyond(stableBad, stableTotal, kpi);
}

/**
 * Whether stable had such an event too: within `for` before the canary's last one, or after it. Measured from
 * the canary's event, so that an excuse does not run out while the event still counts.
 */
function hadEventBefore(kpi: Kpi, { sinceEvent }: KpiState): boolean {
  if (sinceEvent.canary === null || sinceEvent.stable === null) return false;
  return sinceEvent.stable <= sinceEvent.canary || sinceEvent.stable - sinceEvent.canary < kpi.for;
}
