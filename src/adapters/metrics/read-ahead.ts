import { type EpochMs, formatDuration, type Milliseconds } from '../../core/units.ts';
import type { Clock } from '../../ports/clock.ts';
import { type BucketRead, type Span, type Summed, sumOver } from './bucket-series.ts';
import type { BucketPace, BucketSource } from './bucket-source.ts';

/** So many buckets every backend gives in one answer. */
export const MOST_BUCKETS = 300;
/** A clock that is put back further than this does not go wrong: somebody looks at the past. */
const HINDSIGHT: Milliseconds = 120_000;
/** Numbers of longer ago tell nothing of the canary. */
const MOST_BEHIND: Milliseconds = 60_000;
const SECOND = 1_000;

interface Answered {
  readonly span: Span;
  readonly reads: readonly BucketRead[];
}

/**
 * Adds up a span, asked for unless an earlier answer holds it. Who looks at the past, tick by tick, asks for what has
 * long been closed: an answer then holds as many buckets as it can, so that hours of it take a few requests. What is
 * read ahead has waited out its delay too, by the server's clock. An answer that holds something wrong is asked for anew.
 */
export function readingAhead(source: BucketSource, { period, delay }: BucketPace, clock: Clock) {
  let kept: Answered | null = null;
  let told: EpochMs | null = null;

  const wholeOf = (span: Span): Span => {
    if (told === null || told - clock.now() < HINDSIGHT) return span;
    const closed = Math.floor((told - delay) / period) * period;
    return { ...span, to: Math.max(span.to, Math.min(closed, span.from + MOST_BUCKETS * period)) };
  };

  async function ask(span: Span, signal: AbortSignal): Promise<Answered> {
    const { reads, date } = await source.read(span, signal);
    if (signal.aborted) throw new Error(`cancelled before ${source.name} had answered`);
    const skew = date === null ? null : skewOf(date, span.to);
    if (skew !== null) throw new Error(`${source.place}: ${skew}; set the clock of the runner`);
    told = date;
    return { span, reads };
  }

  return async (span: Span, signal: AbortSignal): Promise<readonly Summed[]> => {
    const held = kept;
    kept = null;
    const isHeld = held !== null && held.span.from <= span.from && span.to <= held.span.to;
    const answer = isHeld ? held : await ask(wholeOf(span), signal);
    const summed = sumOver(answer.reads, span);
    kept = answer.span.to > span.to ? answer : null;
    return summed;
  };
}

/** A bucket that has not ended for the server is not complete; one that ended long ago says nothing of now. */
function skewOf(date: EpochMs, end: EpochMs): string | null {
  if (end > date + SECOND) {
    return `expected buckets that have ended, saw one that ends in ${formatDuration(end - date)} by its clock`;
  }
  // The real clock: that of the context may be put back to look at the past.
  const behind = date - Date.now();
  if (behind < MOST_BEHIND) return null;
  return `expected its clock and the runner's to agree, saw the runner ${formatDuration(behind)} behind`;
}
