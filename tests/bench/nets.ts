import { setTimeout as pause } from 'node:timers/promises';
import type { RunningStep } from '../../src/cli/demo/as-runner.ts';
import { type Figure, median, spread } from './figure.ts';
import { type How, openStage, play, type Stage } from './stage.ts';

const RUNS = 3;
/** The lease of the demo's configuration; 60 s by default. */
const LEASE_MS = 3_000;
/** A second, as the README has it for what a process of ours does; the lease may run out, and then a tick more. */
const TARGET_MS = 1_000;
const LEASE_TARGET_MS = LEASE_MS + 500;

/** A healthy version that holds half of the traffic until somebody takes it away. */
const HELD: How = {
  scenario: 'healthy',
  plan: `
  tick: 500ms
  checkpoint: 1h
  steps: [{ weight: 50, bake: 10m, max-bake: 10m }, { weight: 100, bake: 1s, max-bake: 5s }]
  budgets: { deploy: 20s, shift: 5s, verify: 3s, abort: 10s, hold: 10s }`,
};

interface Net {
  readonly name: string;
  readonly target: number;
  /** What else passes before it begins, which only GitHub decides. */
  readonly github: string;
  /** Ends the operator, and does what GitHub would do then. Ends when the net has done its work. */
  readonly lose: (stage: Stage, canary: RunningStep) => Promise<unknown>;
}

async function kill({ child, ended }: RunningStep): Promise<Readonly<Record<string, string>>> {
  child.kill('SIGKILL');
  return (await ended).state;
}

const reconcile =
  (inputs: Readonly<Record<string, string>>) =>
  async (stage: Stage, canary: RunningStep): Promise<void> => {
    await kill(canary);
    await play(stage.start, 'reconcile/main', HELD, inputs);
  };

const NETS: readonly Net[] = [
  {
    name: 'signal handler, after SIGINT',
    target: TARGET_MS,
    github: 'GitHub hands a cancellation to the runner: not measured here',
    lose: async (_, { child, ended }) => {
      child.kill('SIGINT');
      await ended;
    },
  },
  {
    name: 'post step, started when main is dead',
    target: TARGET_MS,
    github: 'on a cancel, up to 10 s until the runner kills a main that hangs',
    lose: async (stage, canary) => {
      const state = await kill(canary);
      await (await stage.start('canary/post', HELD, {}, state)).ended;
    },
  },
  {
    name: 'safety-net job, its reconcile step',
    target: TARGET_MS,
    github: 'GitHub notices a lost runner after minutes and gives the job a fresh one: not measured here',
    lose: reconcile({ 'owner-has-ended': 'true' }),
  },
  {
    name: 'reconcile, on workflow_run or on schedule',
    target: TARGET_MS,
    github:
      'workflow_run starts when the run has ended; a schedule at most every 5 min, the example every 10: not measured here',
    lose: reconcile({}),
  },
  {
    name: `lease of ${LEASE_MS / 1_000} s in the embedded router`,
    target: LEASE_TARGET_MS,
    github: 'nothing: the router is alone in this. 60 s by default. HAProxy and nginx without Plus hold none',
    lose: async (stage, canary) => {
      await kill(canary);
      await pause(1.5 * LEASE_MS);
      // What it has left open is closed, so that the next canary may begin.
      await play(stage.start, 'reconcile/main', HELD, { 'owner-has-ended': 'true' });
    },
  },
  {
    name: 'rollback by hand',
    target: TARGET_MS,
    github: 'a person sees it and presses, and a job starts: not measured here',
    lose: async (stage, canary) => {
      await kill(canary);
      await play(stage.start, 'rollback/main', HELD, { reason: 'a bench of the nets' });
    },
  },
];

/** From the moment in which the operator is gone with half of the traffic on the canary to the last answer that a user got from it. */
export async function measureNets(): Promise<readonly Figure[]> {
  const stage = await openStage();
  try {
    await pause(500);
    const figures: Figure[] = [];
    for (const [place, net] of NETS.entries()) {
      const times: (number | string)[] = [];
      for (let run = 0; run < RUNS; run += 1) times.push(await timed(stage, net, `v${2 + place}.${run}`));
      figures.push(figureOf(net, times));
    }
    return figures;
  } finally {
    await stage.close();
  }
}

async function timed(stage: Stage, net: Net, version: string): Promise<number | string> {
  const from = stage.passed.length;
  const canary = await stage.start('canary/main', HELD, { version });
  if (!(await hasLease(stage, from, canary))) return 'the canary never held traffic';
  // Some way into the bake, at any time of a tick.
  await pause(1_500 + 500 * Math.random());
  const lost = Date.now();
  await net.lose(stage, canary);
  // Requests that were under way when traffic moved still end where they began.
  await pause(500);
  const { versions } = await stage.load.now();
  const last = versions[version]?.lastAnsweredAt;
  await pause(300);
  const later = (await stage.load.now()).versions[version]?.lastAnsweredAt;
  if (last === undefined) return 'nobody met the canary';
  return later === last ? last - lost : 'users still meet the canary';
}

async function hasLease(stage: Stage, from: number, { child }: RunningStep): Promise<boolean> {
  const until = performance.now() + 30_000;
  const renewed = (): boolean => stage.passed.slice(from).some(({ path }) => path === '/v1/lease');
  while (!renewed() && child.exitCode === null && performance.now() < until) await pause(20);
  return renewed();
}

function figureOf({ name, target, github }: Net, runs: readonly (number | string)[]): Figure {
  const times = runs.filter((run) => typeof run === 'number');
  const odd = runs.filter((run) => typeof run === 'string');
  return {
    what: `${name} (${times.length} runs)`,
    ours: times.length === 0 ? 'not measured' : `${spread(times, 'ms')} (min / median / max)`,
    target: `median < ${target} ms`,
    met: odd.length === 0 && median(times) < target,
    beside: [`before it: ${github}`, ...odd.map((text) => `one run went otherwise: ${text}`)],
  };
}
