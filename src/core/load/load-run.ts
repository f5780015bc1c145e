import type { EpochMs, Milliseconds } from '../units.ts';
import type { LatencyHistogram } from './latency-histogram.ts';

/** What wrote a report, or made the load. */
export const LOAD_TOOLS = [
  'k6',
  'locust',
  'artillery',
  'jmeter',
  'gatling',
  'autocannon',
  'vegeta',
  'wrk',
  'hey',
] as const;
export type LoadTool = (typeof LOAD_TOOLS)[number];

/** One run of one load generator, told the same way whichever tool made it. */
export interface LoadRun {
  readonly tool: LoadTool;
  /** Where it was read. */
  readonly source: string;
  /** Of the first request; null where the report does not say. */
  readonly startedAt: EpochMs | null;
  /** From the first request to the last. */
  readonly duration: Milliseconds;
  readonly requests: number;
  /** Of `requests`, those that count as errors: no answer, or one that the tool was told to call failed. */
  readonly failed: number;
  /** Errors by kind, as the tool names them: `HTTP 503`, `timeout`, `connection refused`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Requests a second that the tool was told to send; null where it was told how many users to play (closed loop). */
  readonly offeredRate: number | null;
  /** Requests that were due and never sent, where the tool counts them. */
  readonly dropped: number | null;
  /** In order of time, without gaps; empty where the report has only totals. */
  readonly series: readonly LoadPoint[];
  readonly latency: Latency;
  /** Assertions of the test script. */
  readonly checks: readonly LoadCheck[];
  /** What the report itself says of the version that answered; null where it says nothing. */
  readonly version: string | null;
}

export interface LoadPoint {
  /** Since the start of the run. */
  readonly at: Milliseconds;
  readonly span: Milliseconds;
  readonly requests: number;
  readonly failed: number;
  /** Requests due in the span; null in a closed loop. */
  readonly offered: number | null;
}

/**
 * A histogram where single latencies (or buckets) were told: those of several generators can be added up. Else the
 * tool's own percentiles, in milliseconds by quantile: of several generators, only bounds can be told from them.
 */
export type Latency =
  | { readonly kind: 'histogram'; readonly histogram: LatencyHistogram }
  | {
      readonly kind: 'percentiles';
      readonly percentiles: readonly { readonly quantile: number; readonly ms: Milliseconds }[];
      readonly max: Milliseconds | null;
    };

export interface LoadCheck {
  readonly name: string;
  readonly passes: number;
  readonly fails: number;
}
