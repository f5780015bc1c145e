import type { EpochMs, Milliseconds } from '../units.ts';
import { type LatencyHistogram, mergeHistograms } from './latency-histogram.ts';
import type { Latency, LoadCheck, LoadPoint, LoadRun } from './load-run.ts';

/** A stretch of the whole test, all generators added up. */
export interface LoadBin {
  /** Since the start of the first generator. */
  readonly at: Milliseconds;
  readonly span: Milliseconds;
  readonly requests: number;
  readonly failed: number;
  /** Requests due; null where one of the generators does not say. */
  readonly offered: number | null;
}

/**
 * How the runs lie to each other: `one` alone, `together` for some time, `apart` (then they are not one test), or
 * `unknown` because a report does not say when it began.
 */
export type Alignment = 'one' | 'together' | 'apart' | 'unknown';

export type MergedLatency =
  | { readonly kind: 'histogram'; readonly histogram: LatencyHistogram }
  /** At least one of the generators tells only percentiles, which cannot be added up. */
  | { readonly kind: 'parts'; readonly parts: readonly Latency[] };

/** All generators of a test as one. */
export interface MergedLoad {
  readonly alignment: Alignment;
  readonly startedAt: EpochMs | null;
  /** From the first request of any to the last of any. */
  readonly duration: Milliseconds;
  readonly grain: Milliseconds;
  /** Without gaps; empty where a report has only totals, or where the runs cannot be laid over each other. */
  readonly bins: readonly LoadBin[];
  readonly requests: number;
  readonly failed: number;
  /** Requests that were due and never sent; null where no generator can tell. */
  readonly dropped: number | null;
  readonly latency: MergedLatency;
  readonly checks: readonly LoadCheck[];
}

/** Bins are never shorter than the points that they are made of, and never shorter than `grain`. */
export function mergeLoad(runs: readonly LoadRun[], grain: Milliseconds): MergedLoad {
  const alignment = alignmentOf(runs);
  const starts = runs.map(({ startedAt }) => startedAt).filter((start) => start !== null);
  const first = starts.length === runs.length && runs.length > 0 ? Math.min(...starts) : null;
  const offset = (run: LoadRun): Milliseconds =>
    first === null || run.startedAt === null ? 0 : run.startedAt - first;
  const duration = Math.max(0, ...runs.map((run) => offset(run) + run.duration));
  const longest = runs.flatMap(({ series }) => series.slice(0, -1).map(({ span }) => span));
  const width = longest.reduce((most, span) => Math.max(most, span), grain);
  const isDrawable = alignment !== 'unknown' && runs.every(({ series }) => series.length > 0);
  const points = runs.flatMap((run) => run.series.map((point) => ({ ...point, at: point.at + offset(run) })));
  return {
    alignment,
    startedAt: first,
    duration,
    grain: width,
    bins: isDrawable && points.length > 0 ? binned(points, width) : [],
    requests: sum(runs.map(({ requests }) => requests)),
    failed: sum(runs.map(({ failed }) => failed)),
    dropped: droppedOf(runs),
    latency: mergeLatency(runs),
    checks: mergeChecks(runs),
  };
}

function alignmentOf(runs: readonly LoadRun[]): Alignment {
  if (runs.length <= 1) return 'one';
  const spans = runs.map(({ startedAt, duration }) =>
    startedAt === null ? null : { from: startedAt, to: startedAt + duration },
  );
  const known = spans.filter((span) => span !== null);
  if (known.length < runs.length) return 'unknown';
  const begun = Math.max(...known.map(({ from }) => from));
  const ended = Math.min(...known.map(({ to }) => to));
  return begun < ended ? 'together' : 'apart';
}

/** Each point is spread evenly over its span. */
function binned(points: readonly LoadPoint[], width: Milliseconds): LoadBin[] {
  const end = points.reduce((last, { at, span }) => Math.max(last, at + span), 0);
  const count = Math.max(1, Math.round(end / width));
  const edges = (index: number): Milliseconds => (index === count ? end : index * width);
  const bins = Array.from({ length: count }, () => ({ requests: 0, failed: 0, offered: 0, isTold: true }));
  for (const point of points) {
    const from = Math.min(count - 1, Math.floor(point.at / width));
    const to = Math.min(count - 1, Math.floor((point.at + point.span) / width));
    for (let index = from; index <= to; index += 1) {
      const bin = bins[index];
      const share = overlap(point, edges(index), edges(index + 1));
      if (bin === undefined || share <= 0) continue;
      bin.requests += share * point.requests;
      bin.failed += share * point.failed;
      bin.offered += share * (point.offered ?? 0);
      bin.isTold &&= point.offered !== null;
    }
  }
  return bins.map(({ isTold, offered, ...bin }, index) => {
    const span = edges(index + 1) - edges(index);
    return { at: edges(index), span, ...bin, offered: isTold ? offered : null };
  });
}

function overlap({ at, span }: LoadPoint, from: Milliseconds, to: Milliseconds): number {
  if (span <= 0) return at >= from && at < to ? 1 : 0;
  return Math.max(0, Math.min(at + span, to) - Math.max(at, from)) / span;
}

/** What the generators say, or what follows from the rate that they were told to send. */
function droppedOf(runs: readonly LoadRun[]): number | null {
  const told = runs.map(droppedBy).filter((dropped) => dropped !== null);
  return told.length === 0 ? null : sum(told);
}

/** Null in a closed loop, where nothing is due. */
export function droppedBy({ dropped, offeredRate, duration, series, requests }: LoadRun): number | null {
  const due = series.reduce<number | null>(
    (all, { offered }) => (all === null || offered === null ? null : all + offered),
    0,
  );
  const planned = series.length > 0 && due !== null ? due : offeredRate;
  if (planned === null) return dropped;
  const wanted = series.length > 0 && due !== null ? due : (planned * duration) / 1_000;
  return Math.max(dropped ?? 0, Math.round(wanted - requests));
}

function mergeLatency(runs: readonly LoadRun[]): MergedLatency {
  const histograms = runs.flatMap(({ latency }) => (latency.kind === 'histogram' ? [latency.histogram] : []));
  if (histograms.length === runs.length) return { kind: 'histogram', histogram: mergeHistograms(histograms) };
  return { kind: 'parts', parts: runs.map(({ latency }) => latency) };
}

function mergeChecks(runs: readonly LoadRun[]): LoadCheck[] {
  const byName = new Map<string, LoadCheck>();
  for (const check of runs.flatMap(({ checks }) => checks)) {
    const known = byName.get(check.name);
    const passes = (known?.passes ?? 0) + check.passes;
    byName.set(check.name, { name: check.name, passes, fails: (known?.fails ?? 0) + check.fails });
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
