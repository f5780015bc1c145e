import type { Milliseconds } from '../units.ts';
import { isBeyond, isShareBeyond, type Kpi, samplesToAccuse } from './kpi.ts';
import type { Tally } from './observation.ts';
import { quantileOf } from './quantile.ts';
import type { BreachRun, KpiState, Stretch, WindowEntry } from './state.ts';
import { pushTrail, pushWindow, windowCounts, windowSum } from './window.ts';

/** What one tick brought for one KPI. */
export interface Heard {
  readonly canary: Tally;
  /** Null when no stable arm is watched. */
  readonly stable: Tally | null;
  readonly elapsed: Milliseconds;
  /** Watched time of the step before this tick. */
  readonly from: Milliseconds;
}

export interface Advanced {
  readonly state: KpiState;
  /** True while the KPI accuses nobody and nothing it says is judged. */
  readonly warming: boolean;
  /** Whether the canary is beyond its limit now; null when this tick cannot tell. */
  readonly beyond: boolean | null;
}

/** Adds one tick to the evidence of one KPI. */
export function advance(kpi: Kpi, before: KpiState, heard: Heard): Advanced {
  const warming = heard.from < kpi.warmUp;
  const canary = extend(kpi, { entries: before.canary, bounds: before.bounds.canary }, heard.canary, heard);
  const stable = extend(kpi, { entries: before.stable, bounds: before.bounds.stable }, heard.stable, heard);
  const beyond = warming ? null : isCanaryBeyond(kpi, heard.canary, canary.entries);
  const gained = gain(kpi, heard);
  const state: KpiState = {
    canary: warming ? [] : canary.entries,
    stable: warming ? [] : stable.entries,
    bounds: { canary: canary.bounds, stable: stable.bounds },
    run: nextRun(before.run, beyond, gained, heard.from),
    trail: beyond === null ? before.trail : pushTrail(before.trail, gained, kpi.for, samplesToAccuse(kpi)),
    silentMs: silence(kpi, before, heard),
    erringMs: heard.canary.kind === 'error' ? before.erringMs + heard.elapsed : 0,
    sinceEvent: {
      canary: sinceEvent(before.sinceEvent.canary, warming ? null : heard.canary, heard.elapsed),
      stable: sinceEvent(before.sinceEvent.stable, heard.stable, heard.elapsed),
    },
    step: warming ? before.step : counted(before.step, kpi, heard),
    latest: {
      canary: latestValue(kpi, heard.canary, canary),
      stable: latestValue(kpi, heard.stable, stable),
    },
  };
  return { state, warming, beyond };
}

/** A `never` KPI says something by showing nothing; any other that counted no events at all has said nothing. */
export function isSilent(kpi: Kpi, canary: Tally): boolean {
  if (canary.kind === 'no-data') return true;
  return canary.kind === 'events' && canary.total === 0 && kpi.type !== 'never';
}

interface Ring {
  readonly entries: readonly WindowEntry[];
  readonly bounds: readonly number[] | null;
}

/** A tick that says nothing still ages the window. Counts of other buckets cannot be added and are left behind. */
function extend(kpi: Kpi, ring: Ring, tally: Tally | null, heard: Heard): Ring {
  if (kpi.type === 'gauge' || tally === null) return ring;
  const shape = tally.kind === 'events' ? tally.shape : null;
  const bounds = shape?.bounds ?? ring.bounds;
  const entries = sameBounds(bounds, ring.bounds) ? ring.entries : ring.entries.map(withoutCounts);
  const span = kpi.type === 'never' ? kpi.for : kpi.window;
  return { entries: pushWindow(entries, entryOf(tally, heard.elapsed), span), bounds };
}

function entryOf(tally: Tally, ms: Milliseconds): WindowEntry {
  if (tally.kind !== 'events') return [ms, 0, 0];
  const { bad, total, shape } = tally;
  return shape === null ? [ms, bad, total] : [ms, bad, total, shape.counts];
}

function withoutCounts([ms, bad, total]: WindowEntry): WindowEntry {
  return [ms, bad, total];
}

function sameBounds(one: readonly number[] | null, other: readonly number[] | null): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((bound, i) => bound === other[i]);
}

function isCanaryBeyond(kpi: Kpi, canary: Tally, entries: readonly WindowEntry[]): boolean | null {
  if (canary.kind === 'value') return isBeyond(canary.value, kpi.alert);
  if (canary.kind !== 'events' || kpi.type === 'never') return null;
  const { bad, total } = windowSum(entries);
  return total > 0 ? isShareBeyond(bad, total, kpi) : null;
}

/** What the tick adds to a run and to the trail. A gauge has no events: its time is counted instead. */
function gain(kpi: Kpi, { canary, stable, elapsed }: Heard): Stretch {
  const { bad, total } = countsOf(kpi, canary, elapsed);
  const other = countsOf(kpi, stable, elapsed);
  return { ms: elapsed, bad, total, stableBad: other.bad, stableTotal: other.total };
}

/** The events of a tally; a value counts as `unit`. */
function countsOf(
  kpi: Kpi,
  tally: Tally | null,
  unit: number,
): { readonly bad: number; readonly total: number } {
  if (tally?.kind === 'events') return tally;
  if (tally?.kind === 'value') return { bad: isBeyond(tally.value, kpi.alert) ? unit : 0, total: unit };
  return { bad: 0, total: 0 };
}

/** A tick that cannot tell neither lengthens nor ends a run. */
function nextRun(
  before: BreachRun | null,
  beyond: boolean | null,
  gained: Stretch,
  from: Milliseconds,
): BreachRun | null {
  if (beyond === null) return before;
  if (!beyond) return null;
  const run = before ?? { ms: 0, ticks: 0, bad: 0, total: 0, stableBad: 0, stableTotal: 0, since: from };
  return {
    ms: run.ms + gained.ms,
    ticks: run.ticks + 1,
    bad: run.bad + gained.bad,
    total: run.total + gained.total,
    stableBad: run.stableBad + gained.stableBad,
    stableTotal: run.stableTotal + gained.stableTotal,
    since: run.since,
  };
}

/** An error is no silence, but does not break one either: taking turns must not wear out neither budget. */
function silence(kpi: Kpi, before: KpiState, { canary, elapsed }: Heard): Milliseconds {
  if (isSilent(kpi, canary)) return before.silentMs + elapsed;
  return canary.kind === 'error' ? before.silentMs : 0;
}

function sinceEvent(
  before: Milliseconds | null,
  tally: Tally | null,
  elapsed: Milliseconds,
): Milliseconds | null {
  if (tally?.kind === 'events' && tally.bad > 0) return 0;
  return before === null ? null : before + elapsed;
}

function counted(step: KpiState['step'], kpi: Kpi, { canary, stable }: Heard): KpiState['step'] {
  const seen = countsOf(kpi, canary, 1);
  const other = countsOf(kpi, stable, 1);
  return {
    bad: step.bad + seen.bad,
    total: step.total + seen.total,
    stableBad: step.stableBad + other.bad,
    stableTotal: step.stableTotal + other.total,
  };
}

function latestValue(kpi: Kpi, tally: Tally | null, { entries, bounds }: Ring): number | null {
  if (kpi.type === 'gauge') return tally?.kind === 'value' ? tally.value : null;
  const { bad, total } = windowSum(entries);
  if (kpi.type === 'never') return entries.length > 0 ? bad : null;
  if (total === 0) return null;
  if (kpi.type === 'ratio') return (kpi.counts === 'good' ? total - bad : bad) / total;
  const counts = windowCounts(entries);
  if (counts === null || bounds === null) return null;
  return quantileOf(bounds, counts, kpi.quantile)?.value ?? null;
}
