import { REPOSITORY } from '../on-github.ts';
import { until } from '../prometheus.ts';
import type { ActRun } from './act.ts';
import type { Moment, WayHomeLoss } from './losses.ts';
import type { ActStage } from './stage.ts';

/** A run that takes traffic home. */
export interface Underway {
  readonly running: ActRun;
  readonly run: number;
  readonly commit: string;
}

/** Begins what the loss happens to; `arm` is called when nothing that comes before can be hit any more. */
export async function setOut(
  stage: ActStage,
  { job, because }: WayHomeLoss,
  arm: () => void,
): Promise<Underway> {
  if (job === 'safety-net')
    return because === 'a dead canary' ? orphanedPipeline(stage, arm) : redPipeline(stage, arm);
  const commit = job === 'rollback' ? await promote(stage) : await leaveCanary(stage);
  arm();
  return job === 'rollback' ? pressButton(stage, commit) : onSchedule(stage, commit);
}

/** Keeps what must not happen before the machine is lost from happening; answers with whether the moment has come. */
export function holdAt(stage: ActStage, moment: Moment): () => boolean {
  if (moment === 'after the record') return () => isOver(stage);
  if (moment !== 'before its record') {
    // A rollback first says once more where traffic is, and that is not held.
    stage.site.admin.set(
      moment === 'before the order' ? 'hold' : 'hold-answer',
      'set weight booking/green 0',
    );
    return () => stage.site.admin.held() > 0;
  }
  const operations = ['git/update-ref'];
  const writes = (): number =>
    stage.github.requests().filter(({ operationId }) => operations.includes(operationId ?? '')).length;
  const before = writes();
  stage.github.fault({ fault: { do: 'hang' }, operations, times: 'always' });
  return () => writes() > before;
}

export function letGo(stage: ActStage): void {
  stage.site.admin.set('pass');
  stage.github.clearFaults();
}

export function pressButton(stage: ActStage, commit: string, confirm = 'production'): Underway {
  const inputs = { environment: 'production', version: '', reason: 'customers complain' };
  const payload = { inputs: { ...inputs, confirm } };
  const run = stage.newRun(commit);
  const running = stage.act('rollback', { event: 'workflow_dispatch', run, commit, payload });
  return { running, run, commit };
}

export function onSchedule(stage: ActStage, commit: string): Underway {
  const run = stage.newRun(commit);
  return { running: stage.act('reconcile', { event: 'schedule', run, commit }), run, commit };
}

const isOver = (stage: ActStage): boolean =>
  /^(aborted|restored)$/.test(stage.record()?.rollout?.phase.name ?? '');

async function promote(stage: ActStage): Promise<string> {
  const commit = stage.change({ bake: '1s' });
  const { outputs, log } = await stage.step('canary/main', commit, { 'job-limit': '1h' });
  if (outputs['reason-code'] !== 'promoted') throw new Error(`expected a promoted version:\n${log}`);
  return commit;
}

/** A canary whose process is gone with 40 % of the traffic on it, and its run with it. */
async function leaveCanary(stage: ActStage): Promise<string> {
  const commit = stage.change({ bake: '60s' });
  const run = stage.newRun(commit);
  const { child, ended } = await stage.start('canary/main', { run, commit }, { 'job-limit': '1h' });
  await baking(stage, commit);
  child.kill('SIGKILL');
  await ended;
  stage.github.seed.workflowRunState(REPOSITORY, run, 'completed', 'failure');
  return commit;
}

function baking(stage: ActStage, commit: string): Promise<void> {
  const isBaking = async (): Promise<boolean> => {
    const { canary, phase } = stage.record()?.rollout ?? {};
    return canary?.version === commit && phase?.name === 'baking' && (await stage.site.shares()).b === 40;
  };
  return until(isBaking, 'traffic on the canary', 120_000);
}

function push(stage: ActStage, commit: string): Underway {
  stage.github.seed.checkRun(REPOSITORY, { commit, name: 'unit', status: 'completed' });
  const run = stage.newRun(commit);
  const more = { e2e: false, 'load-test': false, 'verify-checklist': 'after' };
  return { running: stage.act('deploy', { event: 'push', run, commit, with: more }), run, commit };
}

/** The canary step is killed and no post follows, as on a runner that shuts down: the next job finds traffic where it must not stay. */
async function orphanedPipeline(stage: ActStage, arm: () => void): Promise<Underway> {
  const underway = push(stage, stage.change({ bake: '60s', gates: 'none', post: 'none' }));
  await baking(stage, underway.commit);
  arm();
  underway.running.killSteps('/actions/canary/main');
  return underway;
}

/** The version is promoted, and then the checklist after promotion says no. */
async function redPipeline(stage: ActStage, arm: () => void): Promise<Underway> {
  const underway = push(stage, stage.change({ bake: '1s', gates: 'none', after: 'red' }));
  await until(() => underway.running.hasBegun('verify', './actions/preflight'), 'the checklist', 120_000);
  arm();
  return underway;
}
