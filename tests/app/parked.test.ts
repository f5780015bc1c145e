import { describe, expect, it } from 'vitest';
import { reconcile } from '../../src/app/reconcile.ts';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { Reading } from '../../src/core/analysis/sample.ts';
import type { Result } from '../../src/core/result.ts';
import { emptyRecord, type Owner } from '../../src/core/rollout/record.ts';
import type { LedgerEntry } from '../../src/ports/ledger.ts';
import type { Shares } from '../../src/ports/traffic-router.ts';
import { errorRate, events } from '../core/analysis/scenario.ts';
import { ANN, BOB, MINUTE, PLAN } from '../core/rollout/sample-rollout.ts';

const TICK = 10_000;
const plan = {
  ...PLAN,
  tick: TICK,
  parking: { watch: 2 * MINUTE, grace: 30 * MINUTE },
  steps: [
    { weight: 10, bake: 30 * MINUTE, maxBake: 45 * MINUTE },
    { weight: 100, bake: 10 * MINUTE, maxBake: 10 * MINUTE },
  ],
};

/** A world in memory whose time passes as it is slept away, and whose provider remembers. */
function stage(wellUntil = Number.POSITIVE_INFINITY, { history = true } = {}) {
  const record = {
    ...emptyRecord('shop', 'production'),
    stable: { slot: 'a', version: 'v1' } as const,
    promoted: ['v1'],
  };
  let now = 0;
  let newest: LedgerEntry = { revision: 1, at: 0, note: 'before', record };
  let shares: Shares = { a: 100, b: 0 };
  let moment: number | null = null;
  let awayUntil = 0;
  const asked: { readonly about: number; readonly at: number }[] = [];
  const reading = (about: number): Reading => {
    if (now < awayUntil) return { kind: 'error', why: 'nobody answers' };
    return events(about < wellUntil ? 1 : 60, 100);
  };
  const worldOf = (owner: Owner): World => ({
    service: 'shop',
    environment: 'production',
    owner,
    kpis: [errorRate({ errorBudget: MINUTE })],
    share: null,
    comparison: null,
    judge: null,
    leaseTtl: MINUTE,
    history: history
      ? {
          lookAt: (past) => {
            moment = past;
          },
        }
      : null,
    retire: { promoted: 'keep', aborted: 'keep' },
    router: {
      name: 'memory',
      timeout: 2_000,
      capabilities: { lease: false, fencing: false },
      read: () => Promise.resolve({ shares, lease: null, lapsed: null, token: 0 }),
      shift: (shift) => {
        shares = shift.shares;
        return Promise.resolve();
      },
      renew: () => Promise.resolve(),
    },
    target: {
      deploy: () => Promise.resolve('started'),
      health: () =>
        Promise.resolve([{ check: 'health', title: 'Health', status: 'pass', observed: '', expected: '' }]),
      stop: () => Promise.resolve(),
    },
    metrics: {
      sample: ({ elapsed }) => {
        const about = moment ?? now;
        asked.push({ about, at: now });
        const kpis = { 'error-rate': { canary: reading(about), stable: events(1, 100) } };
        return Promise.resolve({ at: about, elapsed, traffic: null, kpis });
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
    probe: { isAlive: () => Promise.resolve('dead') },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: (ms, signal) => {
        if (ms > 60 * MINUTE)
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
        now += ms;
        return Promise.resolve();
      },
    },
    observe: () => undefined,
  });
  return {
    asked,
    shares: () => shares,
    now: () => now,
    rollOut: (version = 'v2'): Promise<Result> =>
      runRollout(worldOf(ANN), {
        ...{ id: `r of ${version}`, version, plan, readmit: null, jobLimit: 1e8 },
        stop: new AbortController().signal,
      }),
    later: (ms: number, away = 0): Promise<Result> => {
      now += ms;
      awayUntil = now + away;
      return reconcile(worldOf(BOB), {
        ...{ ownerHasEnded: false, onlyRollout: null, fallback: null, reason: null },
      });
    },
    record: () => newest.record,
  };
}

describe('a parked bake', () => {
  it('begins with a watch, and asks for every moment of the rest once, in order', async () => {
    const { rollOut, later, asked, record } = stage();
    expect(await rollOut()).toMatchObject({ reasonCode: 'parked', state: 'parked', verdict: 'pass' });
    const watched = asked.length;
    expect(asked.every(({ about, at }) => about === at)).toBe(true);
    await later(20 * MINUTE);
    const past = asked.slice(watched).filter(({ about, at }) => about < at);
    const gaps = past.slice(1).map(({ about }, index) => about - (past[index]?.about ?? 0));
    expect(past).toHaveLength((20 * MINUTE) / TICK);
    expect(new Set(gaps)).toEqual(new Set([TICK]));
    expect(record().rollout?.steps[0]?.servedMs).toBe(22 * MINUTE + TICK);
  });

  it('goes home for what happened in the middle of it, as it would have under a watch', async () => {
    const { rollOut, later, shares } = stage(15 * MINUTE);
    await rollOut();
    expect(await later(25 * MINUTE)).toMatchObject({
      ...{ state: 'aborted', reasonCode: 'guardrail-breached', kpi: 'error-rate', verdict: 'fail' },
    });
    expect(shares()).toEqual({ a: 100, b: 0 });
  });

  it('does not rise when it was well as long as it was to be, and is ill when somebody comes', async () => {
    const { rollOut, later, record } = stage(34 * MINUTE);
    await rollOut();
    expect(await later(45 * MINUTE)).toMatchObject({ state: 'aborted', reasonCode: 'guardrail-breached' });
    expect(record().rollout?.steps[1]?.servedMs).toBe(0);
  });

  it('gives a provider that is away as long to come back as a watch would', async () => {
    const patient = stage();
    await patient.rollOut();
    const before = patient.now();
    expect(await patient.later(10 * MINUTE, 40_000)).toMatchObject({ state: 'parked', weight: 10 });
    expect(patient.now() - before).toBeGreaterThanOrEqual(10 * MINUTE + 40_000);
    const hopeless = stage();
    await hopeless.rollOut();
    expect(await hopeless.later(10 * MINUTE, 5 * MINUTE)).toMatchObject({
      ...{ state: 'aborted', reasonCode: 'metrics-unavailable' },
    });
  });

  it('is no place for another version, and goes on with the same', async () => {
    const { rollOut, shares } = stage();
    await rollOut();
    const other = await rollOut('v3');
    expect(other).toMatchObject({ verdict: 'fail', reasonCode: 'rollout-in-progress' });
    expect(other.message).toContain('is parked');
    expect(shares()).toEqual({ a: 90, b: 10 });
    expect(await rollOut('v2')).toMatchObject({ reasonCode: 'parked', rolloutId: 'r of v2' });
  });

  it('is watched to its end when the metrics know nothing of the past', async () => {
    const { rollOut } = stage(Number.POSITIVE_INFINITY, { history: false });
    expect(await rollOut()).toMatchObject({ state: 'promoted', verdict: 'pass' });
  });
});
