import type { StepEnd } from '../../src/cli/demo/as-runner.ts';
import { DEFAULT_STEPS } from '../../src/core/rollout/plan.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { REPOSITORY } from '../support/on-github.ts';

/** What a job did, by the processes of its actions alone: no checkout, and no runner that comes up. */
export interface JobRun {
  readonly name: string;
  readonly requests: number;
  /** The same, by what was asked; most first. */
  readonly asked: readonly (readonly [operation: string, count: number])[];
  readonly seconds: number;
}

export interface PipelineRun {
  readonly jobs: readonly JobRun[];
  /** Seconds of the bakes in it. */
  readonly baked: number;
}

/** The default plan with its quarter of an hour in so many seconds. */
const QUARTER_S = 2;
const QUARTER_MS = 900_000;
const shrunk = (ms: number): number => (ms / QUARTER_MS) * QUARTER_S;
const BAKED = DEFAULT_STEPS.reduce((sum, { bake }) => sum + shrunk(bake), 0);
const PLAN = `  tick: 250ms
  checkpoint: ${QUARTER_S}s
  steps:
${DEFAULT_STEPS.map(({ weight, bake }) => `    - { weight: ${weight}, bake: ${shrunk(bake)}s, max-bake: 60s }\n`).join('')}`;
/** At 10 % the canary must meet enough of them within a window. */
const RATE = 150;

interface Job {
  readonly name: string;
  readonly entry: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The name under which `pr-status` tells it, in the last step of its job. */
  readonly gate?: string;
  readonly hasPost?: boolean;
}

const STAGING = { environment: 'staging' };
const PRODUCTION = { environment: 'production' };
const CANARY: Job = {
  name: 'canary',
  entry: 'canary/main',
  inputs: { ...PRODUCTION, 'job-limit': '4h' },
  hasPost: true,
};
const GATES: readonly Job[] = [
  { name: 'preflight-staging', entry: 'preflight/main', inputs: STAGING, gate: 'preflight-staging' },
  { name: 'deploy-staging', entry: 'deploy/main', inputs: STAGING, gate: 'deploy' },
  { name: 'e2e', entry: 'e2e-gate/main', inputs: STAGING, gate: 'e2e-gate' },
  { name: 'load-test', entry: 'load-test/main', inputs: STAGING, gate: 'load-test' },
  { name: 'preflight-production', entry: 'preflight/main', inputs: PRODUCTION, gate: 'preflight-production' },
];
const verify = { ...PRODUCTION, checklist: 'after' };
const HEALTHY: readonly Job[] = [
  ...[...GATES, CANARY],
  { name: 'verify', entry: 'preflight/main', inputs: verify, gate: 'verify' },
  { name: 'reconcile, when the run has ended', entry: 'reconcile/main', inputs: PRODUCTION },
];
const BAD: readonly Job[] = [
  CANARY,
  { name: 'safety-net', entry: 'reconcile/main', inputs: { ...PRODUCTION, 'owner-has-ended': 'true' } },
  { name: 'reconcile, when the run has ended', entry: 'reconcile/main', inputs: PRODUCTION },
];

let made: Promise<{ readonly healthy: PipelineRun; readonly bad: PipelineRun }> | null = null;

/** Plays the jobs of the pipeline one after the other, once for all figures: a healthy version, then a bad one. */
export function playPipelines(): NonNullable<typeof made> {
  made ??= playBoth();
  return made;
}

async function playBoth(): Promise<{ readonly healthy: PipelineRun; readonly bad: PipelineRun }> {
  const stage = await openActStage();
  try {
    stage.site.startLoad(RATE);
    // Slot b has what is wrong with it, so that the bad one goes first.
    const bad = await playAll(stage, BAD, stage.change({ bake: '1s', plan: PLAN, fault: 'errors' }));
    const healthy = await playAll(stage, HEALTHY, stage.change({ bake: '1s', plan: PLAN }));
    if (stage.record()?.rollout?.phase.name !== 'promoted') throw new Error('the version was not promoted');
    return { healthy: { jobs: healthy, baked: BAKED }, bad: { jobs: bad, baked: 0 } };
  } finally {
    await stage.close();
  }
}

async function playAll(stage: ActStage, jobs: readonly Job[], commit: string): Promise<JobRun[]> {
  stage.github.seed.checkRun(REPOSITORY, { commit, name: 'unit', status: 'completed' });
  const run = stage.newRun(commit);
  const played: JobRun[] = [];
  for (const job of jobs) {
    const own = job.name.startsWith('reconcile') ? stage.newRun(commit) : run;
    const [before, began] = [stage.github.requests().length, performance.now()];
    await playJob(stage, job, { run: own, commit });
    const seconds = (performance.now() - began) / 1_000;
    const asked = stage.github.requests().slice(before);
    played.push({ name: job.name, requests: asked.length, asked: countedBy(asked), seconds });
  }
  return played;
}

function countedBy(
  asked: readonly { readonly operationId: string | null; readonly path: string }[],
): JobRun['asked'] {
  const counts = new Map<string, number>();
  for (const { operationId, path } of asked) {
    const name = operationId ?? path;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

async function playJob(
  stage: ActStage,
  { entry, inputs, gate, hasPost }: Job,
  play: { readonly run: number; readonly commit: string },
): Promise<void> {
  const step = async (name: string, given: Job['inputs'], state: StepEnd['state']): Promise<StepEnd> =>
    (await stage.start(name, play, given, state)).ended;
  const end = await step(entry, { version: play.commit, ...inputs }, {});
  const verdict = end.outputs.verdict ?? 'none';
  if (gate !== undefined && verdict !== 'pass')
    throw new Error(`${gate} ended ${verdict}: ${end.outputs.result}`);
  if (gate !== undefined)
    await step('pr-status/main', { gate, result: end.outputs.result ?? '', comment: 'false' }, {});
  if (hasPost === true) await step('canary/post', {}, end.state);
}
