import { latencyCounter } from '../../src/core/load/latency-histogram.ts';
import type { LoadRun } from '../../src/core/load/load-run.ts';
import type { LoadFacts, LoadTestRules } from '../../src/core/load/load-test.ts';

export const START = 1_790_000_000_000;

export interface Making {
  /** Requests of each second. */
  readonly rates: readonly number[];
  /** In milliseconds, of the request of that number. */
  readonly latency?: (request: number) => number;
  readonly fails?: (request: number) => boolean;
  readonly startedAt?: number | null;
  readonly offeredRate?: number | null;
}

/** A run of one generator, second by second. */
export function madeRun({ rates, latency = () => 100, fails = () => false, ...making }: Making): LoadRun {
  const { startedAt = START, offeredRate = null } = making;
  const counter = latencyCounter();
  let request = 0;
  const series = rates.map((rate, second) => {
    let failed = 0;
    for (let index = 0; index < rate; index += 1, request += 1) {
      counter.add(latency(request));
      if (fails(request)) failed += 1;
    }
    return { at: second * 1_000, span: 1_000, requests: rate, failed, offered: offeredRate };
  });
  const failed = series.reduce((sum, point) => sum + point.failed, 0);
  return {
    tool: 'k6',
    source: 'made',
    startedAt,
    duration: rates.length * 1_000,
    requests: request,
    failed,
    errors: failed === 0 ? {} : { 'HTTP 503': failed },
    offeredRate,
    dropped: null,
    series,
    latency: { kind: 'histogram', histogram: counter.histogram() },
    checks: [],
    version: null,
  };
}

/** Ten times 4 requests/s for 5 s, with the limits of the handbook. */
export const RULES: LoadTestRules = {
  times: 10,
  hold: 5_000,
  dip: 0.05,
  latency: [{ quantile: 0.95, limit: { comparator: '<=', value: 500 } }],
  errors: { comparator: '<=', value: 0.01 },
  checks: null,
  minRequests: 100,
  omission: { tolerance: 0.05, severity: 'block' },
  resources: [],
  regression: null,
  version: 'off',
  maxAge: 3_600_000,
};

export function factsOf(runs: readonly LoadRun[], facts: Partial<LoadFacts> = {}): LoadFacts {
  return {
    now: START + 60_000,
    unmatched: [],
    found: runs.map((run) => ({ run, writtenAt: START + 60_000 })),
    unreadable: [],
    generator: null,
    normal: { kind: 'known', rate: 4, source: 'as configured' },
    versions: [],
    expectedVersions: ['v2', 'a'.repeat(40)],
    resources: [],
    baseline: { kind: 'none' },
    ...facts,
  };
}
