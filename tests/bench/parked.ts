import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_STEPS } from '../../src/core/rollout/plan.ts';
import { needs } from '../support/act/needs.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { type Figure, skipped } from './figure.ts';

/** Of the plan that is played. */
const TICK_MS = 250;
/** As many looks as the first bake of the default plan has. */
const LOOKS = 180;
/** Of the default plan, and the default of `parked.watch`. */
const DEFAULT_TICK_MS = 10_000;
const WATCH_MS = 120_000;
/** Setting up a hosted runner, checkout and the end of the job: GitHub's part, which cannot be measured here. */
const AROUND_A_JOB_MS = 15_000;
const SCHEDULE_MS = 600_000;

interface Measured {
  /** A canary job from its first step to its first bake. */
  readonly begin: number;
  /** A reconcile that finds nothing to look back at. */
  readonly wake: number;
  /** One look into the past. */
  readonly look: number;
}

/** What a rollout costs in minutes of a runner, watched and parked: real jobs, and the default plan made of them. */
export async function measureParked(): Promise<readonly Figure[]> {
  if (needs !== '') return [skipped('a parked rollout', needs)];
  const measured = await playParked();
  const { begin, wake, look } = measured;
  return [
    {
      what: `hindsight over ${LOOKS} ticks, with Prometheus`,
      ours: `${look.toFixed(1)} ms a tick, ${((look * LOOKS) / 1_000).toFixed(1)} s for the first bake`,
      target: null,
      met: null,
      beside: [
        `a canary job up to its first bake: ${(begin / 1_000).toFixed(1)} s`,
        `a reconcile with nothing to look back at: ${(wake / 1_000).toFixed(1)} s`,
      ],
    },
    ...minutesOf(measured),
  ];
}

function minutesOf({ begin, wake, look }: Measured): readonly Figure[] {
  const bakes = DEFAULT_STEPS.map(({ bake }) => bake);
  const all = bakes.reduce((sum, bake) => sum + bake, 0);
  const back = (ms: number): number => wake + (ms / DEFAULT_TICK_MS) * look;
  // Each rise is followed by a watch; the last job promotes and goes.
  const onTimers = [begin + WATCH_MS, ...bakes.map((bake, at) => back(bake) + (at < 2 ? WATCH_MS : 0))];
  const looks = Array.from({ length: Math.ceil(all / SCHEDULE_MS) - bakes.length }, () => back(SCHEDULE_MS));
  const rises = bakes.map((_, at) => back(SCHEDULE_MS) + (at < 2 ? WATCH_MS : 0));
  const jobs: readonly (readonly [string, readonly number[]])[] = [
    ['watched', [begin + all + wake]],
    ['parked, woken by wait timers', onTimers],
    ['parked, woken every ten minutes', [begin + WATCH_MS, ...rises, ...looks]],
  ];
  return jobs.map(([mode, lengths]) => ({
    what: `runner minutes of the default plan, ${mode}`,
    ours: `${billed(lengths)} minutes in ${lengths.length} ${lengths.length === 1 ? 'job' : 'jobs'}`,
    target: null,
    met: null,
    beside: [`each job rounded up, with ${AROUND_A_JOB_MS / 1_000} s for what GitHub does around it`],
  }));
}

function billed(jobs: readonly number[]): number {
  return jobs.reduce((sum, ms) => sum + Math.ceil((ms + AROUND_A_JOB_MS) / 60_000), 0);
}

async function playParked(): Promise<Measured> {
  const stage = await openActStage();
  try {
    stage.site.startLoad(60);
    const watch = 500;
    const commit = stage.change({ bake: '60s', parked: { watch: `${watch}ms`, grace: '120s' } });
    const begin = await timed(() =>
      stage.step('canary/main', commit, { version: commit, 'job-limit': '1h' }),
    );
    await sleep(LOOKS * TICK_MS);
    const long = await lookBack(stage, commit);
    const short = await lookBack(stage, commit);
    const look = (long.took - short.took) / (long.looks - short.looks);
    return { begin: begin - watch, wake: short.took - short.looks * look, look };
  } finally {
    await stage.close();
  }
}

async function lookBack(stage: ActStage, commit: string): Promise<{ took: number; looks: number }> {
  const served = (): number => stage.record()?.rollout?.steps[0]?.servedMs ?? 0;
  const before = served();
  const took = await timed(() => stage.step('reconcile/main', commit));
  if (stage.record()?.rollout?.phase.name !== 'parked') throw new Error('the rollout is not parked any more');
  return { took, looks: Math.round((served() - before) / TICK_MS) };
}

async function timed(
  play: () => Promise<{ readonly code: number | null; readonly log: string }>,
): Promise<number> {
  const began = performance.now();
  const { code, log } = await play();
  if (code !== 0) throw new Error(log);
  return performance.now() - began;
}
