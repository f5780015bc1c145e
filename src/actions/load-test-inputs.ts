import { z } from 'zod';

const optional = z.string().transform((value) => (value === '' ? null : value));

/** Inputs of `actions/load-test` that no other action has. */
export const loadTestOwn = {
  'load-test': optional
    .default(null)
    .describe('Which load test of the configuration must pass. Default: the one named like the environment.'),
  report: optional.default(null).describe('Where to write the HTML report; none if empty.'),
};

export const LOAD_TEST_OUTPUTS = {
  verdict: '`pass`, `fail` or `inconclusive`.',
  failed: 'Ids of the checks that keep the gate shut, separated by commas.',
  'reason-code': 'Why the gate is open or shut: one of a closed list of codes.',
  rate: 'Requests a second that were answered and not failed, over the hold; empty when nobody knows.',
  p95: 'Latency P95 in milliseconds, over all generators; empty when it cannot be told.',
  'error-rate': 'Share of requests that failed, from 0 to 1; empty when nobody knows.',
  result: 'Everything as versioned JSON.',
} as const;
