import { latencyCounter } from '../../core/load/latency-histogram.ts';
import type { LoadRun, LoadTool } from '../../core/load/load-run.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';
import { errorKinds } from './error-kinds.ts';
import { SPAN, type SpanCount, seriesOf } from './spans.ts';

/** No latency is longer, no run lasts longer: a number beyond was not one. */
const LONGEST: Milliseconds = 7 * 86_400_000;

/** One request as a report tells it. `error` is its kind; null when it succeeded. */
export interface ToldRequest {
  /** When it was sent. */
  readonly at: EpochMs;
  readonly took: Milliseconds;
  readonly error: string | null;
}

/** Adds up single requests, of any number in bounded memory: one count a second, and a histogram. */
export interface RequestTally {
  /** Null when it was counted, else what should have stood there. */
  readonly add: (request: ToldRequest) => string | null;
  readonly requests: () => number;
  readonly run: (tool: LoadTool, source: string) => LoadRun;
  /** When the first and the last request were sent. */
  readonly sent: () => { readonly first: EpochMs; readonly last: EpochMs };
}

export function requestTally(): RequestTally {
  const latencies = latencyCounter();
  const errors = errorKinds();
  const spans = new Map<number, SpanCount>();
  const total = { requests: 0, failed: 0, anchor: 0, first: Infinity, last: -Infinity, end: -Infinity };
  const count = ({ at, error }: ToldRequest): void => {
    const span = Math.floor((at - total.anchor) / SPAN);
    const counted = spans.get(span) ?? { requests: 0, failed: 0 };
    counted.requests += 1;
    counted.failed += error === null ? 0 : 1;
    spans.set(span, counted);
  };
  return {
    add: (request) => {
      const { at, took, error } = request;
      if (!(took >= 0 && took <= LONGEST)) return 'a latency from 0 to 7 days';
      if (!(at > 0)) return 'a time after 1970';
      if (total.requests === 0) total.anchor = at;
      if (Math.abs(at - total.anchor) > LONGEST) return 'requests within 7 days';
      total.requests += 1;
      total.first = Math.min(total.first, at);
      total.last = Math.max(total.last, at);
      total.end = Math.max(total.end, at + took);
      latencies.add(took);
      count(request);
      if (error === null) return null;
      total.failed += 1;
      errors.add(error);
      return null;
    },
    requests: () => total.requests,
    sent: () => ({ first: total.first, last: total.last }),
    run: (tool, source) => ({
      tool,
      source,
      startedAt: total.requests === 0 ? null : Math.round(total.first),
      duration: total.requests === 0 ? 0 : Number((total.end - total.first).toFixed(3)),
      requests: total.requests,
      failed: total.failed,
      errors: errors.counts(),
      offeredRate: null,
      dropped: null,
      series: seriesOf(spans, total),
      latency: { kind: 'histogram', histogram: latencies.histogram() },
      checks: [],
      version: null,
    }),
  };
}
