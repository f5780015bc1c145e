import type { Rollout } from '../../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../../src/ports/ledger.ts';

const canary = { slot: 'b', version: '2.0.0' } as const;
const stable = { slot: 'a', version: '1.9.3' } as const;

const measurement = {
  ms: 40_000,
  bad: 1,
  total: 90,
  offTarget: 0,
  stableBad: 2,
  stableTotal: 900,
  erred: false,
} as const;

const kpi: Rollout['analysis']['kpis'][string] = {
  canary: [
    [10_000, 1, 50],
    [10_000, 0, 40, [10, 20, 10]],
  ],
  stable: [[10_000, 2, 450]],
  bounds: { canary: [100, 250], stable: null },
  run: { ms: 20_000, ticks: 2, bad: 1, total: 90, stableBad: 2, stableTotal: 900, since: 30_000 },
  trail: [[10_000, 1, 50, 2, 450]],
  silentMs: 0,
  erringMs: 0,
  sinceEvent: { canary: 1_000, stable: null },
  step: { bad: 1, total: 90, stableBad: 2, stableTotal: 900 },
  latest: { canary: 0.011, stable: null },
  policy: {
    current: measurement,
    counters: { measured: 3, failures: 1, inconclusive: 1, consecutiveErrors: 0, consecutiveSuccesses: 1 },
    last: { ...measurement, outcome: 'success', value: 0.011 },
  },
};

const bet = {
  logs: [-2.3, 0.4],
  invested: 1,
  corroboration: { raw: [[0.1, 0.2]], won: [[0.1, 0]], slotAt: 50_000, older: [0, 0.3] },
} as const;

const judge: Rollout['analysis']['judge'] = {
  intervals: {
    interval: 60_000,
    count: 2,
    kpis: {
      'error-rate': {
        canary: { values: [1.5, null], open: { sum: 3, count: 90, shape: null } },
        stable: {
          values: [0.9, 1.1],
          open: { sum: 3, count: 90, shape: { bounds: [100, 250], counts: [1, 2, 87] } },
        },
      },
    },
  },
  told: {
    verdict: { kind: 'short-of-samples', reason: { code: 'judge-failed', message: 'score 80 of 100' } },
    finding: { check: 'judge', title: 'Judge', status: 'warn', observed: 'score 80', expected: '95' },
    last: false,
  },
};

const comparison: Rollout['analysis']['comparison'] = {
  bounds: { 'error-rate': [100, 250] },
  streams: ['error-rate/bad', 'error-rate/alone'],
  log: 0.7,
  threshold: 4.6,
  suspect: {
    stream: 'errors',
    kpi: 'error-rate',
    event: { type: 'slower', bound: 500 },
    canary: { bad: 1, total: 90 },
    stable: { bad: 2, total: 900 },
    limit: null,
    watched: 9_000,
    chance: 0.4,
  },
  nonInferior: false,
  state: {
    age: 60_000,
    tracks: [
      {
        dispersion: [[[1, 90, 2, 900], [0, 10, 0, 90], 1, [1, 2], [1, 1.5]]],
        clumps: [
          {
            past: [1, 90, 2, 900],
            block: [0, 10, 0, 90],
            elapsed: 10_000,
            index: [3, 3],
            shared: [1, 0, 0],
            dense: [0, 0],
          },
        ],
        since: { counts: [1, 90, 2, 900], low: -0.2, ms: 9_000 },
        bets: [bet, { logs: [], invested: 0 }],
        safest: 1.2,
      },
    ],
    histories: [
      {
        earlier: { canaryBad: 1, canaryTotal: 90, stableBad: 2, stableTotal: 900 },
        bad: 0,
        total: 0,
        wealth: [0, 0.1],
        idle: 0.9,
      },
    ],
    peak: 0.7,
  },
};

const rollout: Rollout = {
  id: 'booking-1',
  kind: 'canary',
  canary,
  stable,
  plan: {
    steps: [
      {
        weight: 10,
        bake: 1_800_000,
        maxBake: 2_700_000,
        require: 'non-inferior',
        promoteEarly: 600_000,
      },
      { weight: 100, bake: 3_600_000, maxBake: 3_600_000 },
    ],
    tick: 10_000,
    checkpoint: 60_000,
    budgets: { deploy: 1, shift: 2, verify: 3, abort: 4, hold: 5, record: 6 },
    onInconclusive: 'abort',
  },
  startedAt: 1_795_000_000_000,
  endedAt: null,
  owner: {
    id: '9001-1-canary-1a2b3c4d',
    kind: 'github-run',
    runId: '9001',
    host: 'runner',
    pid: 1870,
    processStart: 'linux|boot|pid:[4026531836]|160007',
    name: 'octocat',
    url: 'https://github.com/shine/booking/actions/runs/9001/attempts/1',
  },
  phase: { name: 'baking', step: 0 },
  steps: [
    {
      weight: 10,
      servedMs: 60_000,
      savedMs: 60_000,
      heldMs: 0,
      findings: [
        {
          check: 'error-rate',
          title: 'Error rate',
          status: 'fail',
          observed: '2.41 %',
          expected: '<= 1 %',
          detail: 'since 40 s',
          evidence: [{ label: 'dashboard', url: 'https://grafana.example/d/1' }, { label: 'note' }],
          durationMs: 12,
        },
      ],
    },
  ],
  analysis: {
    step: 0,
    shifted: false,
    watchedMs: 60_000,
    kpis: { 'error-rate': kpi },
    traffic: { canary: 90, stable: 900, apart: 0 },
    comparison,
    judge,
    exposed: { requests: 90, bad: 1 },
  },
  leaseLapses: 1,
  reason: { code: 'guardrail-breached', message: 'error rate 2.41 %', kpi: 'error-rate' },
  verification: { outcome: 'not-done', findings: [] },
  requestedBy: 'octocat',
};

/** An entry in which every field of the record is used, the optional ones as well. */
export const wholeEntry: LedgerEntry = {
  revision: 7,
  at: 1_795_000_060_000,
  note: 'shifted by octocat',
  record: {
    schema: 1,
    service: 'booking',
    environment: 'production',
    stable,
    previous: { slot: 'b', version: '1.9.2' },
    promoted: ['1.9.3', '1.9.2'],
    rejected: ['1.9.4'],
    rollout,
  },
};
