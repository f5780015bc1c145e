import { type Result, toResult } from '../../../src/core/result.ts';
import { emptyRecord } from '../../../src/core/rollout/record.ts';

/** A rollout that a guardrail ended. */
export const ABORTED: Result = {
  ...toResult(emptyRecord('booking', 'production'), {
    operation: 'canary',
    verdict: 'fail',
    reasonCode: 'guardrail-breached',
    message: 'P95 812 ms, limit 800 ms',
    weight: 0,
    warnings: ['the ledger does not know the end of this rollout yet'],
  }),
  kind: 'canary',
  rolloutId: 'booking-17',
  state: 'aborted',
  version: 'v2',
  stableVersion: 'v1',
  serving: 'v1',
  startedAt: 1_000,
  endedAt: 1_000 + 754_000,
  exposed: { requests: 12_345, bad: 67 },
  findings: [
    {
      check: 'latency-p95',
      title: 'Latency P95',
      status: 'fail',
      observed: '812 ms',
      expected: 'at most 800 ms',
    },
    { check: 'error-rate', title: 'Error rate', status: 'pass', observed: '0.1 %', expected: 'at most 2 %' },
  ],
};
