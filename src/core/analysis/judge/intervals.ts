import type { Milliseconds } from '../../units.ts';
import type { Kpi } from '../kpi.ts';
import type { Shape, Tally } from '../observation.ts';
import { quantileOf } from '../quantile.ts';

/** What an interval has shown so far: bad events of all, buckets, or the sum of so many readings of a gauge. */
export interface Gathered {
  readonly sum: number;
  readonly count: number;
  readonly shape: Shape | null;
}

export interface ArmIntervals {
  /** One per whole interval; null where nothing was seen. Percent for ratios, else the KPI's own unit. */
  readonly values: readonly (number | null)[];
  readonly open: Gathered | null;
}

/** The values of a step by KPI. Plain JSON of bounded size. */
export interface Intervals {
  readonly interval: Milliseconds;
  /** Whole intervals so far. */
  readonly count: number;
  readonly kpis: Readonly<Record<string, { readonly canary: ArmIntervals; readonly stable: ArmIntervals }>>;
}

/** One KPI in one tick; null where nothing of it counts. */
export interface SeenKpi {
  readonly kpi: Kpi;
  readonly canary: Tally | null;
  readonly stable: Tally | null;
}

/** With so many, two neighbours become one. */
export const MOST_INTERVALS = 512;
/** Digits that a value keeps: more than its counts can tell. */
const DIGITS = 6;

export function newIntervals(interval: Milliseconds): Intervals {
  return { interval, count: 0, kpis: {} };
}

/** Adds a tick, and closes the intervals that end with it: `watched` is the time of the step, this tick included. */
export function gather(before: Intervals, seen: readonly SeenKpi[], watched: Milliseconds): Intervals {
  const due = Math.min(Math.floor(watched / before.interval), MOST_INTERVALS);
  const closes = Math.max(0, due - before.count);
  const kpis = seen.map(({ kpi, canary, stable }) => {
    const had = Object.hasOwn(before.kpis, kpi.id) ? before.kpis[kpi.id] : undefined;
    const arms = had ?? { canary: unseen(before.count), stable: unseen(before.count) };
    return [
      kpi.id,
      { canary: next(kpi, arms.canary, canary, closes), stable: next(kpi, arms.stable, stable, closes) },
    ];
  });
  const { interval, count } = before;
  const after: Intervals = { interval, count: count + closes, kpis: Object.fromEntries(kpis) };
  return after.count < MOST_INTERVALS ? after : thinned(after);
}

function unseen(count: number): ArmIntervals {
  return { values: Array.from({ length: count }, () => null), open: null };
}

function next(kpi: Kpi, { values, open }: ArmIntervals, tally: Tally | null, closes: number): ArmIntervals {
  const gathered = tally === null ? open : added(kpi, open, tally);
  if (closes === 0) return { values, open: gathered };
  const value = gathered === null ? null : rounded(valueFrom(kpi, gathered));
  const skipped = Array.from({ length: closes - 1 }, () => null);
  return { values: [...values, value, ...skipped], open: null };
}

function added(kpi: Kpi, open: Gathered | null, tally: Tally): Gathered | null {
  if (tally.kind === 'value') {
    return { sum: (open?.sum ?? 0) + tally.value, count: (open?.count ?? 0) + 1, shape: null };
  }
  if (tally.kind !== 'events' || kpi.type === 'never') return open;
  const { bad, total, shape } = tally;
  const fits = open !== null && (shape === null || isSameShape(open.shape, shape));
  if (!fits) return { sum: bad, count: total, shape };
  const counts = shape?.counts.map((count, i) => count + (open.shape?.counts[i] ?? 0));
  return {
    sum: open.sum + bad,
    count: open.count + total,
    shape: shape === null || counts === undefined ? null : { bounds: shape.bounds, counts },
  };
}

function isSameShape(one: Shape | null, other: Shape): boolean {
  return (
    one?.bounds.length === other.bounds.length && one.bounds.every((bound, i) => bound === other.bounds[i])
  );
}

function valueFrom(kpi: Kpi, { sum, count, shape }: Gathered): number | null {
  if (count === 0) return null;
  if (kpi.type === 'quantile') {
    return shape === null ? null : (quantileOf(shape.bounds, shape.counts, kpi.quantile)?.value ?? null);
  }
  const share = kpi.type === 'ratio' && kpi.counts === 'good' ? (count - sum) / count : sum / count;
  return share * judgedScale(kpi);
}

/** Kayenta finds its interval to 1e-4 in the unit of the values: too coarse for shares of 1. */
export function judgedScale({ unit }: Pick<Kpi, 'unit'>): number {
  return unit === 'ratio' ? 100 : 1;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(DIGITS)) + 0;
}

function thinned({ interval, count, kpis }: Intervals): Intervals {
  const halved = Object.entries(kpis).map(([id, { canary, stable }]) => [
    id,
    { canary: halve(canary), stable: halve(stable) },
  ]);
  return { interval: interval * 2, count: count / 2, kpis: Object.fromEntries(halved) };
}

function halve({ values, open }: ArmIntervals): ArmIntervals {
  const pairs = values.flatMap((one, i) => (i % 2 === 0 ? [middle(one, values[i + 1] ?? null)] : []));
  return { values: pairs, open };
}

function middle(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : rounded((one + other) / 2);
}
