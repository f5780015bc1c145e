import type { Milliseconds, Ratio } from '../units.ts';
import { type LatencyHistogram, quantileOf } from './latency-histogram.ts';
import type { Latency } from './load-run.ts';
import type { MergedLatency } from './merged-load.ts';
import { upperRank } from './quantile-rank.ts';

/** What must not make a latency look better than it was. */
export interface Beside {
  readonly requests: number;
  readonly failed: number;
  /** Due and never sent: nobody knows how slow they would have been. */
  readonly dropped: number;
  /** Requests before and after the hold, perhaps under a lighter load. */
  readonly outside: number;
}

/** A quantile as the tools tell it, and the bounds that it lies within for certain; null for "no bound". */
export interface KnownLatency {
  readonly seen: Milliseconds | null;
  readonly atLeast: Milliseconds | null;
  readonly atMost: Milliseconds | null;
}

export function knownLatency(latency: MergedLatency, quantile: Ratio, beside: Beside): KnownLatency {
  if (latency.kind === 'parts') return ofParts(latency.parts, quantile, beside);
  const { histogram } = latency;
  const seen = quantileOf(histogram, quantile);
  return { seen, atLeast: seen, atMost: worstOf(histogram, quantile, beside) };
}

/**
 * The quantile of what was to be answered in the hold, at its worst: what failed or was never sent counts as slower
 * than everything, and what lies outside of the hold as what was fastest.
 */
function worstOf(
  histogram: LatencyHistogram,
  quantile: Ratio,
  { requests, failed, dropped, outside }: Beside,
): Milliseconds | null {
  const measured = histogram.count;
  const all = Math.max(measured, requests) + dropped;
  const failedAndMeasured = Math.min(failed, Math.max(0, measured - (requests - failed)));
  const aside = Math.round(outside);
  const rank = upperRank(Math.max(0, all - aside), quantile);
  const place = rank === null ? null : rank + aside + failedAndMeasured;
  if (place === null || place > measured) return null;
  return quantileOf(histogram, place / measured);
}

/** The quantile of several together is never below the least of theirs, and never above the largest. */
function ofParts(parts: readonly Latency[], quantile: Ratio, { requests }: Beside): KnownLatency {
  const lows = parts.map((part) => toldBelow(part, quantile));
  const highs = parts.map((part) => toldAbove(part, quantile));
  const isKnown = upperRank(requests, quantile) !== null;
  const atLeast = lows.includes(null) ? null : Math.min(...lows.map(Number));
  const atMost = highs.includes(null) || !isKnown ? null : Math.max(...highs.map(Number));
  const seen = parts.length === 1 && atLeast === atMost ? atMost : null;
  return { seen, atLeast, atMost };
}

const DUST = 1e-9;

function toldBelow(latency: Latency, quantile: Ratio): Milliseconds | null {
  if (latency.kind === 'histogram') return quantileOf(latency.histogram, quantile);
  const below = latency.percentiles.filter((one) => one.quantile <= quantile + DUST);
  return below.length === 0 ? 0 : Math.max(...below.map(({ ms }) => ms));
}

function toldAbove(latency: Latency, quantile: Ratio): Milliseconds | null {
  if (latency.kind === 'histogram') return quantileOf(latency.histogram, quantile);
  const above = latency.percentiles.filter((one) => one.quantile >= quantile - DUST);
  return above.length === 0 ? latency.max : Math.min(...above.map(({ ms }) => ms));
}
