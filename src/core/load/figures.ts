import type { Milliseconds, Ratio } from '../units.ts';
import { type Hold, longestHold } from './hold.ts';
import { type KnownLatency, knownLatency } from './latency-known.ts';
import type { LoadFacts, LoadTestRules } from './load-test.ts';
import { type MergedLoad, mergeLoad } from './merged-load.ts';

/** In this many bins a hold is looked at; a shorter dip than one of them is averaged with its neighbours. */
const BINS_OF_A_HOLD = 20;

/** What a whole load test comes to, before anything is said of it. */
export interface LoadFigures {
  readonly load: MergedLoad;
  /** Requests a second that must be borne; null while normal traffic is not known. */
  readonly required: number | null;
  /** The longest stretch at that rate; null where there is none. */
  readonly hold: Hold | null;
  /** Requests a second that were answered and not failed: over the hold, else over the whole test. */
  readonly rate: number;
  readonly errorRate: Ratio;
  readonly quantiles: readonly ({ readonly quantile: Ratio } & KnownLatency)[];
}

export function figuresOf(
  rules: Pick<LoadTestRules, 'hold' | 'times' | 'dip' | 'latency'>,
  { found, normal }: Pick<LoadFacts, 'found' | 'normal'>,
): LoadFigures {
  const load = mergeLoad(
    found.map(({ run }) => run),
    rules.hold / BINS_OF_A_HOLD,
  );
  const required = normal.kind === 'known' ? normal.rate * rules.times : null;
  const hold = required === null || required <= 0 ? null : holdIn(load, required, rules.dip);
  const inHold = load.bins.length === 0 || hold === null ? load.requests : hold.requests;
  const beside = {
    requests: load.requests,
    failed: load.failed,
    dropped: load.dropped ?? 0,
    outside: Math.max(0, load.requests - inHold),
  };
  return {
    load,
    required,
    hold,
    rate: hold?.rate ?? wholeRate(load),
    errorRate: errorRateOf(load, hold),
    quantiles: rules.latency.map(({ quantile }) => ({
      quantile,
      ...knownLatency(load.latency, quantile, beside),
    })),
  };
}

function holdIn({ bins }: MergedLoad, rate: number, dip: Ratio): Hold | null {
  return longestHold(bins, { rate, dip });
}

export function wholeRate({ requests, failed, duration }: MergedLoad): number {
  return perSecond(requests - failed, duration);
}

export function perSecond(count: number, span: Milliseconds): number {
  return span <= 0 ? 0 : (count * 1_000) / span;
}

/** Over the whole test or over the hold, whichever is worse: a long easy part must not thin out the errors. */
function errorRateOf({ requests, failed }: MergedLoad, hold: Hold | null): Ratio {
  const whole = requests === 0 ? 0 : failed / requests;
  const held = hold === null || hold.requests === 0 ? 0 : hold.failed / hold.requests;
  return Math.max(whole, held);
}
