import { describe, expect, it } from 'vitest';
import { reconcile } from '../../src/app/reconcile.ts';
import { runRollout } from '../../src/app/run-rollout.ts';
import type { World } from '../../src/app/world.ts';
import type { Reading } from '../../src/core/analysis/sample.ts';
import type { Result } from '../../src/core/result.ts';
import type { Owner } from '../../src/core/rollout/record.ts';
import { AdapterError } from '../../src/ports/adapter-error.ts';
import { errorRate, events, whenSilent } from '../core/analysis/scenario.ts';
import { ANN, BOB, MINUTE, PLAN } from '../core/rollout/sample-rollout.ts';
import { memoryWorld, outside } from '../support/memory-world.ts';

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

/** A world in memory whose provider remembers. */
function stage(wellUntil = Number.POSITIVE_INFINITY, { history = true } = {}) {
  const out = outside();
  let moment: number | null = null;
  let awayUntil = 0;
  let routerAwayUntil = 0;
  let blindUntil = 0;
  const asked: { readonly about: number; readonly at: number }[] = [];
  const reading = (about: number): Reading => {
    if (out.now < awayUntil) return { kind: 'error', why: 'nobody answers' };
    if (about === out.now && out.now < blindUntil) return { kind: 'no-data', why: 'nothing scraped yet' };
    return events(about < wellUntil ? 1 : 60, 100);
  };
  const worldOf = (owner: Owner): World => {
    const world = memoryWorld(out, owner);
    const lookAt = (past: number | null): void => {
      moment = past;
    };
    const read: World['router']['read'] = (signal) =>
      out.now < routerAwayUntil
        ? Promise.reject(new AdapterError('router', 'unreachable', 'nobody there', { retryable: true }))
        : world.router.read(signal);
    const sample: World['metrics']['sample'] = ({ elapsed }) => {
      const about = moment ?? out.now;
      asked.push({ about, at: out.now });
      const kpis = { 'error-rate': { canary: reading(about), stable: events(1, 100) } };
      return Promise.resolve({ at: about, elapsed, traffic: null, kpis });
    };
    return {
      ...world,
      kpis: [errorRate({ errorBudget: MINUTE, noData: whenSilent('abort', 10 * MINUTE) })],
      history: history ? { lookAt } : null,
      router: { ...world.router, read },
      metrics: { sample },
    };
  };
  return {
    asked,
    shares: () => out.shares,
    now: () => out.now,
    record: () => out.newest.record,
    rollOut: (version = 'v2'): Promise<Result> =>
      runRollout(worldOf(ANN), {
        ...{ id: `r of ${version}`, version, plan, readmit: null, jobLimit: 1e8 },
        stop: new AbortController().signal,
      }),
    later: (ms: number, { away = 0, routerAway = 0, blind = 0 } = {}): Promise<Result> => {
      out.now += ms;
      awayUntil = out.now + away;
      routerAwayUntil = out.now + routerAway;
      blindUntil = out.now + blind;
      return reconcile(worldOf(BOB), {
        ...{ ownerHasEnded: false, onlyRollout: null, fallback: null, reason: null },
      });
    },
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
    expect(await patient.later(10 * MINUTE, { away: 40_000 })).toMatchObject({ state: 'parked', weight: 10 });
    expect(patient.now() - before).toBeGreaterThanOrEqual(10 * MINUTE + 40_000);
    const hopeless = stage();
    await hopeless.rollOut();
    expect(await hopeless.later(10 * MINUTE, { away: 5 * MINUTE })).toMatchObject({
      ...{ state: 'aborted', reasonCode: 'metrics-unavailable' },
    });
  });

  it('waits for a router that is away as long as a shift may take, and no longer', async () => {
    const patient = stage();
    await patient.rollOut();
    expect(await patient.later(10 * MINUTE, { routerAway: 20_000 })).toMatchObject({ state: 'parked' });
    const hopeless = stage();
    await hopeless.rollOut();
    const end = await hopeless.later(10 * MINUTE, { routerAway: 90_000 });
    expect(end).toMatchObject({ state: 'aborted', weight: 0, verdict: 'fail' });
    expect(hopeless.record().rollout?.reason?.code).toBe('router-unavailable');
  });

  it('that is served waits for a present that can be judged as long as a new one is watched, and no longer', async () => {
    const patient = stage();
    await patient.rollOut();
    expect(await patient.later(40 * MINUTE, { blind: MINUTE })).toMatchObject({ weight: 100 });
    const blind = stage();
    await blind.rollOut();
    const before = blind.now();
    expect(await blind.later(40 * MINUTE, { blind: 5 * MINUTE })).toMatchObject({
      state: 'parked',
      weight: 10,
    });
    expect(blind.now() - before).toBe(42 * MINUTE);
    expect(await blind.later(0)).toMatchObject({ weight: 100 });
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
