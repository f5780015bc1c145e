import type { Milliseconds, Ratio } from '../units.ts';
import type { LoadBin } from './merged-load.ts';

/** Bins are counted at their edges, where a request may fall on either side. */
const EDGE: Ratio = 0.005;

/** A stretch of the test in which the load was held. */
export interface Hold {
  readonly at: Milliseconds;
  readonly span: Milliseconds;
  /** Requests a second that were answered and not failed, over the whole stretch. */
  readonly rate: number;
  /** The same, in its weakest bin. */
  readonly least: number;
  readonly requests: number;
  readonly failed: number;
}

export interface HoldRule {
  /** Requests a second. */
  readonly rate: number;
  /** How far a single bin may fall below. */
  readonly dip: Ratio;
}

/** Failed requests are no load that was borne. */
export function goodRate({ requests, failed, span }: Pick<LoadBin, 'requests' | 'failed' | 'span'>): number {
  return span <= 0 ? 0 : ((requests - failed) * 1_000) / span;
}

/** The longest stretch at the rate: on the whole at least the rate, and no bin further below it than the dip. */
export function longestHold(bins: readonly LoadBin[], { rate, dip }: HoldRule): Hold | null {
  const floor = rate * (1 - dip) * (1 - EDGE);
  let best: readonly LoadBin[] = [];
  let stretch: LoadBin[] = [];
  for (const bin of [...bins, null]) {
    if (bin !== null && goodRate(bin) >= floor) {
      stretch.push(bin);
      continue;
    }
    const found = longestWithMean(stretch, rate * (1 - EDGE));
    if (spanOf(found) > spanOf(best)) best = found;
    stretch = [];
  }
  return best.length === 0 ? null : holdOf(best);
}

/** The longest run of bins whose mean is at least `rate`, in one pass over the sums of what is above it. */
function longestWithMean(bins: readonly LoadBin[], rate: number): readonly LoadBin[] {
  const sums = [0];
  for (const bin of bins) {
    sums.push((sums.at(-1) ?? 0) + bin.requests - bin.failed - (rate * bin.span) / 1_000);
  }
  const lows: number[] = [];
  for (const [index, sum] of sums.entries()) {
    if (sum < (sums[lows.at(-1) ?? -1] ?? Number.POSITIVE_INFINITY)) lows.push(index);
  }
  let [from, to] = [0, 0];
  for (let end = sums.length - 1; end > 0 && lows.length > 0; end -= 1) {
    for (let low = lows.at(-1); low !== undefined && (sums[end] ?? 0) >= (sums[low] ?? 0) - 1e-6; ) {
      if (end - low > to - from) [from, to] = [low, end];
      lows.pop();
      low = lows.at(-1);
    }
  }
  return bins.slice(from, to);
}

function holdOf(bins: readonly LoadBin[]): Hold {
  const total = (of: (bin: LoadBin) => number): number => bins.reduce((sum, bin) => sum + of(bin), 0);
  const span = spanOf(bins);
  const requests = total((bin) => bin.requests);
  const failed = total((bin) => bin.failed);
  const least = Math.min(...bins.map(goodRate));
  return { at: bins[0]?.at ?? 0, span, rate: goodRate({ requests, failed, span }), least, requests, failed };
}

function spanOf(bins: readonly LoadBin[]): Milliseconds {
  return bins.reduce((sum, { span }) => sum + span, 0);
}
