import type { GateResult } from '../checks/gate-result.ts';
import type { EpochMs, Milliseconds } from '../units.ts';
import { type LoadFigures, perSecond, wholeRate } from './figures.ts';
import { goodRate } from './hold.ts';
import { quantileOf } from './latency-histogram.ts';
import type { LoadRun } from './load-run.ts';
import type { LoadFacts, LoadTestRules } from './load-test.ts';
import { quantileName } from './load-words.ts';

/** A number with what it counts; null where nobody knows. */
export interface Measured {
  readonly value: number | null;
  readonly unit: 'requests/s' | 'requests' | 'ms' | 'ratio';
}

/** What came of keeping this run for the next one: a red run is never kept. */
export type Keeping = 'kept' | 'not-kept' | 'superseded' | 'failed' | 'not-asked';

/** A stretch of the test, for a chart. Rates in requests a second. */
export interface ShownBin {
  /** Since the start of the first generator, in milliseconds. */
  readonly at: Milliseconds;
  readonly span: Milliseconds;
  readonly rate: number;
  readonly failedRate: number;
  readonly offeredRate: number | null;
}

export interface ShownGenerator {
  readonly tool: string;
  readonly source: string;
  readonly startedAt: EpochMs | null;
  readonly durationMs: Milliseconds;
  readonly requests: number;
  readonly failed: number;
  /** Requests a second, failed ones included. */
  readonly rate: number;
  readonly offeredRate: number | null;
  readonly dropped: number | null;
  readonly p95Ms: Milliseconds | null;
}

export interface LoadTestResult extends GateResult {
  readonly figures: Readonly<Record<string, Measured>>;
  /** The stretch in which the load was held; null where there is none. */
  readonly hold: { readonly atMs: Milliseconds; readonly spanMs: Milliseconds } | null;
  readonly series: readonly ShownBin[];
  /** Latency by quantile; empty where single latencies were not told. */
  readonly curve: readonly { readonly quantile: number; readonly ms: Milliseconds }[];
  /** Limits of latency, by quantile. */
  readonly limits: readonly { readonly quantile: number; readonly ms: Milliseconds }[];
  readonly generators: readonly ShownGenerator[];
  readonly baseline: { readonly version: string; readonly at: EpochMs; readonly revision: number } | null;
  readonly keeping: Keeping;
  /** Why a run that should be kept was not; null when it was, or should not be. */
  readonly unkept: string | null;
}

const MOST_BINS = 120;
const CURVE = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999, 1];

/** Everything that a load test tells beyond what every gate tells. */
export function toldFigures(
  rules: Pick<LoadTestRules, 'hold' | 'latency'>,
  facts: Pick<LoadFacts, 'found' | 'normal'>,
  figures: LoadFigures,
): Pick<LoadTestResult, 'figures' | 'hold' | 'series' | 'curve' | 'limits' | 'generators'> {
  const { hold } = figures;
  return {
    figures: measured(rules, facts, figures),
    hold: hold === null ? null : { atMs: round(hold.at), spanMs: round(hold.span) },
    series: shownBins(figures),
    curve: curveOf(figures),
    limits: rules.latency.map(({ quantile, limit }) => ({ quantile, ms: limit.value })),
    generators: facts.found.map(({ run }) => shownGenerator(run)),
  };
}

function measured(
  rules: Pick<LoadTestRules, 'hold'>,
  { normal }: Pick<LoadFacts, 'normal'>,
  { load, required, hold, rate, errorRate, quantiles }: LoadFigures,
): Record<string, Measured> {
  const perSecondOf = (value: number | null): Measured => ({ value: orNull(value), unit: 'requests/s' });
  const ms = (value: number | null): Measured => ({ value: orNull(value), unit: 'ms' });
  const requests = (value: number | null): Measured => ({ value, unit: 'requests' });
  const isTold = load.requests > 0;
  const peak = load.bins.length === 0 ? null : Math.max(...load.bins.map(goodRate));
  return {
    normal: perSecondOf(normal.kind === 'known' ? normal.rate : null),
    required: perSecondOf(required),
    rate: perSecondOf(isTold ? rate : null),
    average: perSecondOf(isTold ? wholeRate(load) : null),
    peak: perSecondOf(peak),
    held: ms(hold?.span ?? (isTold ? 0 : null)),
    hold: ms(rules.hold),
    duration: ms(isTold ? load.duration : null),
    requests: requests(load.requests),
    failed: requests(load.failed),
    dropped: requests(load.dropped),
    'error-rate': { value: isTold ? errorRate : null, unit: 'ratio' },
    ...Object.fromEntries(
      quantiles.flatMap(({ quantile, seen, atMost }) => {
        const name = quantileName(quantile).toLowerCase();
        return [
          [name, ms(seen)],
          [`${name}-at-worst`, ms(atMost)],
        ];
      }),
    ),
  };
}

/** Bins that lie side by side are put together where there are too many. */
function shownBins({ load: { bins } }: LoadFigures): ShownBin[] {
  const size = Math.max(1, Math.ceil(bins.length / MOST_BINS));
  const shown: ShownBin[] = [];
  for (let from = 0; from < bins.length; from += size) {
    const group = bins.slice(from, from + size);
    const total = (of: (bin: (typeof bins)[number]) => number): number =>
      group.reduce((sum, bin) => sum + of(bin), 0);
    const span = total((bin) => bin.span);
    const isOffered = group.every(({ offered }) => offered !== null);
    shown.push({
      at: round(group[0]?.at ?? 0),
      span: round(span),
      rate: round(
        perSecond(
          total((bin) => bin.requests - bin.failed),
          span,
        ),
      ),
      failedRate: round(
        perSecond(
          total((bin) => bin.failed),
          span,
        ),
      ),
      offeredRate: isOffered
        ? round(
            perSecond(
              total((bin) => bin.offered ?? 0),
              span,
            ),
          )
        : null,
    });
  }
  return shown;
}

function curveOf({ load: { latency } }: LoadFigures): LoadTestResult['curve'] {
  if (latency.kind !== 'histogram' || latency.histogram.count === 0) return [];
  const { histogram } = latency;
  return CURVE.filter((quantile) => quantile === 1 || histogram.count * (1 - quantile) >= 1).map(
    (quantile) => ({
      quantile,
      ms: round(quantile === 1 ? histogram.max : (quantileOf(histogram, quantile) ?? 0)),
    }),
  );
}

function shownGenerator(run: LoadRun): ShownGenerator {
  const { tool, source, startedAt, duration, requests, failed, offeredRate, dropped, latency } = run;
  const told =
    latency.kind === 'percentiles' ? latency.percentiles.find(({ quantile }) => quantile === 0.95) : null;
  const p95 = latency.kind === 'histogram' ? quantileOf(latency.histogram, 0.95) : (told?.ms ?? null);
  const rate = round(perSecond(requests, duration));
  return {
    ...{ tool, source, startedAt, durationMs: round(duration), requests, failed, rate },
    ...{ offeredRate, dropped, p95Ms: orNull(p95) },
  };
}

function orNull(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : round(value);
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
