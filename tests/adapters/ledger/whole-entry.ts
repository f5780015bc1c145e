import type { Rollout } from '../../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../../src/ports/ledger.ts';

const canary = { slot: 'b', version: '2.0.0' } as const;
const stable = { slot: 'a', version: '1.9.3' } as const;

const kpi: Rollout['analysis']['kpis'][string] = {
  canary: [
    { ms: 10_000, bad: 1, total: 50 },
    { ms: 10_000, bad: 0, total: 40, counts: [10, 20, 10] },
  ],
  stable: [{ ms: 10_000, bad: 2, total: 450 }],
  bounds: { canary: [100, 250], stable: null },
  run: { ms: 20_000, ticks: 2, bad: 1, total: 90, stableBad: 2, stableTotal: 900, since: 30_000 },
  trail: [{ ms: 10_000, bad: 1, total: 50, stableBad: 2, stableTotal: 450 }],
  silentMs: 0,
  erringMs: 0,
  sinceEvent: { canary: 1_000, stable: null },
  step: { bad: 1, total: 90, stableBad: 2, stableTotal: 900 },
  latest: { canary: 0.011, stable: null },
};

const rollout: Rollout = {
  id: 'booking-1',
  kind: 'canary',
  canary,
  stable,
  plan: {
    steps: [
      { weight: 10, bake: 1_800_000, maxBake: 2_700_000 },
      { weight: 100, bake: 3_600_000, maxBake: 3_600_000 },
    ],
    tick: 10_000,
    checkpoint: 60_000,
    budgets: { deploy: 1, shift: 2, verify: 3, abort: 4, hold: 5 },
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
