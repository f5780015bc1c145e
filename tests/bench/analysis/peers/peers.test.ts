import { describe, expect, it } from 'vitest';
import type { LimitPolicy } from '../../../../src/core/analysis/policy.ts';
import { HANDBOOK_KPIS } from '../../../../src/core/replay/handbook.ts';
import { replay } from '../../../../src/core/replay/replay.ts';
import type { Recorded } from '../recorded.ts';
import { simulate } from '../simulate.ts';
import { ARGO_POLICIES, decideAsArgo } from './argo.ts';
import { PEERS } from './peers.ts';

const BOUNDS = [100, 500, 800];

/** A rollout in which each minute has so many errors, and so many requests slower than 500 ms, of 600. */
function recorded(minutes: readonly { readonly errors?: number; readonly slow?: number }[]): Recorded {
  const ticks = minutes.flatMap((minute) => [0, 1, 2, 3, 4, 5].map((tick) => ({ ...minute, tick })));
  const share = (count = 0, tick: number): number => (tick === 0 ? count : 0);
  const slow = ticks.map((one) => share(one.slow, one.tick));
  const none = ticks.map(() => 0);
  const canary = {
    requests: ticks.map(() => 100),
    errors: ticks.map((one) => share(one.errors, one.tick)),
    latency: [slow.map((count) => 100 - count), none, slow, none],
  };
  return {
    id: 'made',
    scenario: 'made',
    family: 'made',
    truth: 'regression',
    rps: 100,
    baseErrorRate: 0,
    onsetTick: 0,
    tickSeconds: 10,
    steps: [{ weight: 10, ticks: ticks.length }],
    latencyBoundsMs: BOUNDS,
    canary,
    stable: { requests: none, errors: none, latency: [none, none, none, none] },
    expectedExcessBad: [],
  };
}

const times = <T>(count: number, minute: T): T[] => Array.from({ length: count }, () => minute);

describe('the peers, as they decide', () => {
  it.each<[string, number | null, Parameters<typeof recorded>[0]]>([
    ['argo-0.95', 23, times(10, { errors: 31 })],
    ['argo-0.95', null, times(10, { errors: 30 })],
    ['argo-0.95', null, [...times(3, { errors: 600 }), ...times(10, {})]],
    ['argo-0.95', 83, [...times(3, { errors: 31 }), ...times(10, {}), { errors: 31 }]],
    ['argo-kpi', 23, times(10, { errors: 13 })],
    ['argo-kpi', null, times(3, { errors: 13, slow: 60 })],
    ['flagger-default', 35, times(10, { errors: 7 })],
    ['flagger-default', null, times(5, { errors: 7 })],
    ['flagger-default', 35, [...times(5, { errors: 7 }), {}]],
    ['flagger-default', 35, times(10, { slow: 12 })],
    ['flagger-default', null, times(10, { slow: 6, errors: 6 })],
    ['flagger-kpi', 35, times(10, { errors: 13 })],
    ['flagger-kpi', null, times(10, { errors: 12, slow: 60 })],
  ])('%s at tick %s', (name, tick, minutes) => {
    expect(PEERS[name]?.(recorded(minutes))).toBe(tick);
  });
});

describe('a policy in place of Argo', () => {
  const limits: LimitPolicy = {
    failuresAllowed: 3,
    inconclusiveAllowed: 0,
    consecutiveErrorsAllowed: 4,
    consecutiveSuccessesNeeded: null,
    count: null,
    interval: 60_000,
    initialDelay: 0,
  };
  // What it does better is taken from it: targets, samples, and a stable arm that could excuse.
  const kpis = HANDBOOK_KPIS.filter(({ type }) => type === 'ratio').map((kpi) => ({
    ...kpi,
    for: 0,
    target: null,
    minSamples: 0,
    policy: limits,
  }));

  const [errors] = ARGO_POLICIES['argo-kpi'];

  function decide({ canary, steps }: Recorded): number | null {
    const none = canary.requests.map(() => 0);
    const stable = { requests: none, errors: none, latency: [] };
    const recording = { id: 'one', tick: 10_000, steps, bounds: [], canary, stable };
    const settings = { kpis, recorded: { errors: 'error-rate', latency: null }, hold: 1e9, every: 1 };
    return replay(recording, { ...settings, comparison: null }).tick;
  }

  it('ends a rollout of one step at the very same tick, over traffic levels and error rates', () => {
    const bases = [0.01, 0.02, 0.03];
    const rates = [5, 50, 500];
    const seen = bases.flatMap((base) =>
      rates.map((rps, index) => {
        const steps = [{ weight: 50, ticks: 240 }];
        const name = `${base} ${rps}`;
        const rollout = simulate({ name, truth: 'benign', rps, base, steps, errorsOnly: true }, 40 + index);
        return [name, decide(rollout), decideAsArgo(rollout, [errors])] as const;
      }),
    );
    expect(seen.map(([name, ours]) => [name, ours])).toEqual(seen.map(([name, , argos]) => [name, argos]));
    expect(new Set(seen.map(([, ours]) => ours)).size).toBeGreaterThan(3);
  });
});
