import { type EpochMs, formatDuration, type Milliseconds } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec } from '../../ports/metrics-provider.ts';
import { answerQueries } from './answer.ts';
import type { ArmKey, ArmView } from './arms.ts';
import { BucketError, instanceOf, type Summed } from './bucket-series.ts';
import type { BucketPace, BucketSource } from './bucket-source.ts';
import { carriedIncrements } from './carried.ts';
import { TooManyRequests } from './post-json.ts';
import { MOST_BUCKETS, readingAhead } from './read-ahead.ts';
import { compileQueries } from './sources.ts';

/** After a longer absence the next look sets a new base line. */
const LONGEST_ABSENCE: Milliseconds = 3_600_000;
/** A clock that goes back by more was put back, to look at the past: the next look sets a new base line. */
const SETBACK: Milliseconds = 60_000;

interface Shown {
  readonly summed: readonly Summed[];
  readonly counts: 'base-line' | 'gained' | 'nothing-new';
}

/**
 * Counts every closed bucket once. A bucket is closed when `delay` has passed since its end; each look asks for those
 * that have closed since the last good one, and one that fails is made up for by the next. The first look shows one
 * bucket and counts nothing. Between two buckets nothing is asked: the series are still there and have gained nothing.
 * `sample` never rejects; cancelled, it answers errors and forgets nothing.
 */
export function createBucketProvider(
  source: BucketSource,
  pace: BucketPace,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const queries = compileQueries(spec);
  const carried = carriedIncrements();
  const look = looking(source, pace, context);
  return {
    async sample(request, signal) {
      const at = Math.floor(context.clock.now() - pace.delay);
      const looked = await look(at, signal);
      const viewOf = (arm: ArmKey): ArmView => ({
        arm,
        instances:
          'why' in looked ? [] : [instanceOf(arm, looked.summed, { address: source.place, ...looked })],
        failures: 'why' in looked ? [looked] : [],
        place: arm === 'shared' ? source.place : `${source.place} for slot ${arm}`,
      });
      const setsBaseLine = !('why' in looked) && looked.counts === 'base-line';
      const answers = answerQueries(request, queries, { viewOf, setsBaseLine }, carried);
      return { at, elapsed: request.elapsed, ...answers };
    },
  };
}

type Look = (at: EpochMs, signal: AbortSignal) => Promise<Shown | { readonly why: string }>;

function looking(source: BucketSource, pace: BucketPace, { clock }: AdapterContext): Look {
  const { period } = pace;
  const longest = Math.min(LONGEST_ABSENCE, MOST_BUCKETS * period);
  let until: EpochMs | null = null;
  let last: Shown = { summed: [], counts: 'base-line' };
  let restsUntil: Milliseconds = 0;
  const read = readingAhead(source, pace, clock);

  return async (at, signal) => {
    const to = Math.floor(at / period) * period;
    if (until !== null && (to - until > longest || until - to > SETBACK)) until = null;
    const from = until ?? to - period;
    if (to < from) return { why: clockWentBack(from - to) };
    if (to === from) return last.counts === 'base-line' ? last : { ...last, counts: 'nothing-new' };
    const rest = restsUntil - clock.monotonic();
    if (rest > 0) return { why: `${source.place}: ${restingFor(rest)}` };
    try {
      const summed = await read({ from, to, period }, signal);
      last = { summed, counts: until === null ? 'base-line' : 'gained' };
      until = to;
      return last;
    } catch (error) {
      if (error instanceof TooManyRequests) restsUntil = clock.monotonic() + error.after;
      return { why: signal.aborted ? `cancelled before ${source.name} had answered` : toldOf(source, error) };
    }
  };
}

function toldOf({ place, name }: BucketSource, error: unknown): string {
  if (!(error instanceof BucketError)) return messageOf(error);
  return `${place}: ${error.message}; check period, and ask ${name} for the same numbers`;
}

function clockWentBack(by: Milliseconds): string {
  return `expected the clock to go on, saw it ${formatDuration(by)} before the last look; set the clock of the runner`;
}

function restingFor(rest: Milliseconds): string {
  return `expected to be let ask, saw status 429 at an earlier look; it may be asked again in ${formatDuration(rest)}`;
}
