import { describe, expect, it } from 'vitest';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { JudgeSettings } from '../../src/core/analysis/judge/settings.ts';
import { emptyRecord } from '../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../src/ports/ledger.ts';
import type { Shares, TrafficReading } from '../../src/ports/traffic-router.ts';
import { metric } from '../core/analysis/judge/made.ts';
import { errorRate, events } from '../core/analysis/scenario.ts';
import { ANN, MINUTE, PLAN } from '../core/rollout/sample-rollout.ts';

const settings: JudgeSettings = {
  metrics: [{ ...metric(), kpi: 'error-rate' }],
  groupWeights: {},
  thresholds: { pass: 95, marginal: 75 },
  interval: MINUTE,
};

const steps = [
  { weight: 10, bake: 15 * MINUTE, maxBake: 20 * MINUTE },
  { weight: 100, bake: 2 * MINUTE, maxBake: 2 * MINUTE },
];

/** A world in memory whose time passes as it is slept away. Of the canary's requests `bad` of 100 fail, of stable's one. */
function stage(judge: JudgeSettings | null, bad: number) {
  const stable = { slot: 'a', version: 'v1' } as const;
  const record = { ...emptyRecord('shop', 'production'), stable, promoted: ['v1'] };
  let now = 0;
  let newest: LedgerEntry = { revision: 1, at: 0, note: 'before', record };
  let shares: Shares = { a: 100, b: 0 };
  let lease: TrafficReading['lease'] = null;
  const world: World = {
    service: 'shop',
    environment: 'production',
    owner: ANN,
    kpis: [errorRate({ alert: { comparator: '>', value: 0.9 } })],
    share: null,
    comparison: null,
    judge,
    leaseTtl: MINUTE,
    history: null,
    retire: { promoted: 'keep', aborted: 'keep' },
    router: {
      name: 'memory',
      timeout: 2_000,
      capabilities: { lease: true, fencing: false },
      read: () => Promise.resolve({ shares, lease, lapsed: null, token: 0 }),
      shift: (shift) => {
        shares = shift.shares;
        lease = shift.lease === null ? null : { ...shift.lease, expiresAt: now + MINUTE };
        return Promise.resolve();
      },
      renew: () => Promise.resolve(),
    },
    target: {
      deploy: () => Promise.resolve('started'),
      health: () =>
        Promise.resolve([
          { check: 'health', title: 'Health', status: 'pass', observed: 'well', expected: 'well' },
        ]),
      stop: () => Promise.resolve(),
    },
    metrics: {
      sample: ({ elapsed }) => {
        const noise = Math.floor(now / MINUTE) % 3;
        const canary = events(bad + noise, 100);
        const stable = events(1 + ((noise + 1) % 3), 100);
        return Promise.resolve({
          at: now,
          elapsed,
          traffic: null,
          kpis: { 'error-rate': { canary, stable } },
        });
      },
    },
    ledger: {
      name: 'memory',
      newest: () => Promise.resolve(newest),
      append: (expected, entry) => {
        if (expected !== newest.revision) return Promise.resolve({ kind: 'conflict', newest });
        newest = { ...entry, revision: expected + 1 };
        return Promise.resolve({ kind: 'appended', entry: newest });
      },
      history: () => Promise.resolve([]),
    },
    notifiers: [],
    probe: { isAlive: () => Promise.resolve('alive') },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (ms, signal) => {
        // Nobody waits for the end of the job.
        if (ms > 60 * MINUTE)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
        now += ms;
        return Promise.resolve();
      },
    },
    observe: () => undefined,
  };
  const plan = { ...PLAN, steps, tick: 10_000 };
  return {
    rollOut: () =>
      runRollout(world, {
        id: 'r1',
        version: 'v2',
        plan,
        readmit: null,
        jobLimit: 1e9,
        stop: new AbortController().signal,
      }),
    served: () => newest.record.rollout?.steps.map(({ servedMs }) => servedMs / MINUTE),
    rejected: () => newest.record.rejected,
    shares: () => shares,
  };
}

describe('a rollout with a judge', () => {
  it('goes home when the judge fails the canary at the end of the bake, and not before', async () => {
    const { rollOut, served, rejected, shares } = stage(settings, 6);
    expect(await rollOut()).toMatchObject({
      state: 'aborted',
      reasonCode: 'judge-failed',
      kpi: 'error-rate',
      message: expect.stringContaining(
        'score 0 of 100, needs 95: error-rate High (canary median 7.17 %, stable 2.17 %)',
      ),
    });
    expect(served()).toEqual([15, 0]);
    expect(shares()).toEqual({ a: 100, b: 0 });
    expect(rejected()).toEqual(['v2']);
  });

  it('promotes what the judge passes, and asks nobody at 100 %', async () => {
    const { rollOut, served } = stage(settings, 1);
    expect(await rollOut()).toMatchObject({ state: 'promoted', reasonCode: 'promoted' });
    expect(served()).toEqual([15, 2]);
  });

  it('extends the bake as far as it may go when the score is marginal, and then does as the plan says', async () => {
    const { rollOut, served } = stage({ ...settings, thresholds: { pass: 95, marginal: 0 } }, 6);
    expect(await rollOut()).toMatchObject({ state: 'aborted', reasonCode: 'judge-failed' });
    expect(served()).toEqual([20, 0]);
  });

  it('would have promoted the same canary without one', async () => {
    expect(await stage(null, 6).rollOut()).toMatchObject({ state: 'promoted' });
  });
});
