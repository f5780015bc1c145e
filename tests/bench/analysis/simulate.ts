import type { Random } from './random.ts';
import { seeded } from './random.ts';
import type { Recorded } from './recorded.ts';

/** What one arm does in one tick, beyond its healthy self. */
interface Behaviour {
  /** Multiplies the error rate. */
  readonly errors: number;
  /** Added to the error rate. */
  readonly moreErrors: number;
  /** Multiplies every latency. */
  readonly slower: number;
  /** Share of requests that get a latency around 1.5 s. */
  readonly tail: number;
}

/** A healthy arm. */
const HEALTHY: Behaviour = { errors: 1, moreErrors: 0, slower: 1, tail: 0 };

/** One kind of rollout. Ticks are 10 s; times are in ticks. */
export interface Scenario {
  readonly name: string;
  /** Groups it over traffic levels and base rates; by itself unless given. */
  readonly family?: string;
  readonly truth: Recorded['truth'];
  readonly rps: number;
  readonly base: number;
  readonly onset?: number;
  /** What the canary does from its onset on; `age` is in ticks since the onset, for cold starts and ramps. */
  readonly canary?: (age: number) => Partial<Behaviour>;
  readonly environment?: 'quiet' | 'bursts' | 'outage' | 'misaligned' | 'slow-outage';
  /** Per-tick, per-arm noise of rates: coefficient of variation of errors, log scale deviation of latency. */
  readonly noise?: { readonly errors: number; readonly latency: number };
  /** Errors come in groups of this mean size, spread over so many ticks. */
  readonly groups?: { readonly size: number; readonly spread: number };
  readonly steps?: Recorded['steps'];
  /** Leaves the histograms empty: much faster. */
  readonly errorsOnly?: boolean;
  /** Multiplies the size of what the environment does: 1 is the corpus's. */
  readonly force?: number;
}

export const STEPS: Recorded['steps'] = [
  { weight: 10, ticks: 180 },
  { weight: 50, ticks: 90 },
  { weight: 100, ticks: 360 },
];
const BOUNDS = [50, 100, 200, 300, 400, 500, 800, 1000, 1500, 2500, 5000];
const MEDIAN_LOG = Math.log(111.85);
const DEVIATION = 0.6;
const TAIL_LOG = Math.log(1500);
const TAIL_DEVIATION = 0.4;

export function simulate(scenario: Scenario, seed: number): Recorded {
  const random = seeded(seed);
  const steps = scenario.steps ?? STEPS;
  const ticks = steps.reduce((sum, step) => sum + step.ticks, 0);
  const world = environment(scenario, random, ticks);
  const arms = { canary: emptyArm(), stable: emptyArm() };
  const groups = {
    canary: new Array<number>(ticks + 60).fill(0),
    stable: new Array<number>(ticks + 60).fill(0),
  };
  const excess: number[] = [];
  const weights = steps.flatMap((step) => new Array<number>(step.ticks).fill(step.weight / 100));
  for (let tick = 0; tick < ticks; tick++) {
    const weight = weights[tick] ?? 0;
    const load = world.load[tick] ?? 1;
    const age = tick - (scenario.onset ?? 0);
    const own = { ...HEALTHY, ...(age >= 0 ? scenario.canary?.(age) : {}) };
    for (const name of ['canary', 'stable'] as const) {
      const share = name === 'canary' ? weight : 1 - weight;
      const lag = scenario.environment === 'misaligned' && name === 'canary' ? 1 : 0;
      const shared = world.shared[tick - lag] ?? HEALTHY;
      const requests = random.poisson(scenario.rps * 10 * share * load);
      playArm(arms[name], groups[name], {
        scenario,
        random,
        tick,
        requests,
        own: name === 'canary' ? own : HEALTHY,
        shared,
      });
    }
    const worse =
      Math.max(0, own.moreErrors + scenario.base * (own.errors - 1)) +
      Math.max(0, slowShare(500, own.slower, own.tail) - slowShare(500, 1, 0));
    excess.push(scenario.rps * 10 * weight * load * Math.min(1, worse));
  }
  return {
    id: `${scenario.name}@${scenario.rps}#${seed}`,
    scenario: scenario.name,
    family: scenario.family ?? scenario.name,
    truth: scenario.truth,
    rps: scenario.rps,
    baseErrorRate: scenario.base,
    onsetTick: scenario.onset ?? 0,
    tickSeconds: 10,
    steps,
    latencyBoundsMs: BOUNDS,
    ...arms,
    expectedExcessBad: excess,
  };
}

function emptyArm(): { requests: number[]; errors: number[]; latency: number[][] } {
  return { requests: [], errors: [], latency: Array.from({ length: BOUNDS.length + 1 }, () => []) };
}

interface ArmTick {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly tick: number;
  readonly requests: number;
  readonly own: Behaviour;
  readonly shared: Behaviour;
}

function playArm(arm: ReturnType<typeof emptyArm>, groups: number[], now: ArmTick): void {
  const { scenario, random, tick, requests, own, shared } = now;
  const noise = scenario.noise;
  const wobble = noise ? random.gamma(1 / noise.errors ** 2) * noise.errors ** 2 : 1;
  const drift = noise ? Math.exp(noise.latency * random.normal()) : 1;
  const rate = Math.min(
    1,
    scenario.base * own.errors * shared.errors * wobble + own.moreErrors + shared.moreErrors,
  );
  arm.requests.push(requests);
  arm.errors.push(
    scenario.groups ? groupedErrors(groups, now, rate, scenario.groups) : random.binomial(requests, rate),
  );
  if (scenario.errorsOnly) {
    for (const bucket of arm.latency) bucket.push(0);
    return;
  }
  let left = requests;
  let above = 1;
  for (let bucket = 0; bucket < BOUNDS.length; bucket++) {
    const beyond = slowShare(BOUNDS[bucket] ?? 0, own.slower * shared.slower * drift, own.tail);
    const here = random.binomial(left, above > 0 ? Math.min(1, Math.max(0, 1 - beyond / above)) : 1);
    arm.latency[bucket]?.push(here);
    left -= here;
    above = beyond;
  }
  arm.latency[BOUNDS.length]?.push(left);
  void tick;
}

/** Groups start at random and put each of their errors into one of the next ticks of the same arm. */
function groupedErrors(
  groups: number[],
  now: ArmTick,
  rate: number,
  shape: { size: number; spread: number },
): number {
  const starts = now.random.poisson((now.requests * rate) / shape.size);
  for (let group = 0; group < starts; group++) {
    const size = now.random.geometric(shape.size);
    for (let error = 0; error < size; error++) {
      const at = now.tick + Math.floor(now.random.uniform() * shape.spread);
      groups[at] = (groups[at] ?? 0) + 1;
    }
  }
  return Math.min(now.requests, groups[now.tick] ?? 0);
}

function environment(
  scenario: Scenario,
  random: Random,
  ticks: number,
): { load: number[]; shared: Behaviour[] } {
  const load = new Array<number>(ticks).fill(1);
  const shared = new Array<Behaviour>(ticks).fill(HEALTHY);
  const force = scenario.force ?? 1;
  if (scenario.environment === 'bursts') {
    const phase = random.uniform() * 2 * Math.PI;
    const period = 300 + random.uniform() * 300;
    for (let tick = 0; tick < ticks; tick++)
      load[tick] = 1 + 0.5 * Math.sin(phase + (2 * Math.PI * tick) / period);
    for (let tick = 0; tick < ticks; tick++) {
      if (random.uniform() > 1 / 45) continue;
      const length = 2 + Math.floor(random.uniform() * 5);
      for (let burst = tick; burst < Math.min(ticks, tick + length); burst++) {
        load[burst] = (load[burst] ?? 1) * 2;
        shared[burst] = { ...HEALTHY, errors: 10 * force, slower: 1 + 0.5 * force };
      }
      tick += length;
    }
  } else if (scenario.environment !== undefined && scenario.environment !== 'quiet') {
    const start = 36 + Math.floor(random.uniform() * 120);
    const slow = scenario.environment === 'slow-outage';
    const length = Math.round((slow ? 18 : 12) * force);
    const ill = slow ? { ...HEALTHY, slower: 4 } : { ...HEALTHY, moreErrors: 0.5, slower: 3 };
    for (let tick = start; tick < start + length; tick++) shared[tick] = ill;
  }
  return { load, shared };
}

/** Share of requests slower than a bound: log-normal with P95 at 300 ms, and a share around 1.5 s. */
function slowShare(bound: number, slower: number, tail: number): number {
  const body = normalTail((Math.log(bound) - MEDIAN_LOG - Math.log(slower)) / DEVIATION);
  return tail === 0
    ? body
    : (1 - tail) * body + tail * normalTail((Math.log(bound) - TAIL_LOG) / TAIL_DEVIATION);
}

/** P(Z > z) of the standard normal, relative error below 1e-6 (Numerical Recipes erfc). */
function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const poly = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368,
  ];
  let sum = 0;
  for (const c of poly) sum = sum * t + c;
  const tail = 0.5 * t * Math.exp(-x * x - 1.26551223 + t * sum);
  return z >= 0 ? tail : 1 - tail;
}
