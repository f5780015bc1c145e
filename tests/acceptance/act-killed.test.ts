import { describe, expect, it } from 'vitest';
import type { ActRun } from '../support/act/act.ts';
import { needs } from '../support/act/needs.ts';
import { type ActStage, openActStage } from '../support/act/stage.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { until } from '../support/prometheus.ts';

/** Which job's machine is lost and when, and which version must have all traffic when everything is over. */
interface Loss {
  readonly job: string;
  /** The step that runs when it is lost, as act announces it; and what must be true of traffic besides. */
  readonly step: string;
  readonly share?: number;
  readonly fault?: 'errors';
  readonly serves: 'first' | 'next';
}

const LOSSES: readonly Loss[] = [
  { job: 'preflight-staging', step: './actions/preflight', serves: 'first' },
  { job: 'deploy-staging', step: './actions/deploy', serves: 'first' },
  { job: 'load-test', step: './actions/load-test', serves: 'first' },
  { job: 'preflight-production', step: './actions/preflight', serves: 'first' },
  { job: 'canary', step: './actions/canary', serves: 'first' },
  { job: 'canary', step: './actions/canary', share: 40, serves: 'first' },
  { job: 'canary', step: './actions/canary', share: 100, serves: 'first' },
  { job: 'verify', step: './actions/preflight', serves: 'next' },
  { job: 'store-listings', step: './actions/task', serves: 'next' },
  { job: 'safety-net', step: './actions/reconcile', fault: 'errors', serves: 'first' },
];

const hasBegun = (run: ActRun, { job, step }: Loss): boolean =>
  run
    .log()
    .split('\n')
    .some((line) => new RegExp(`/${job}\\s*\\]`).test(line) && line.includes(`Run Main ${step}`));

/** The machine with the run is gone in that very moment; GitHub notices, and wakes the workflow that looks after it. */
async function lose(loss: Loss): Promise<void> {
  const stage = await openActStage();
  try {
    stage.site.startLoad(40);
    const { fault = 'none', share } = loss;
    // The second step is only held where the machine is lost in it.
    const held =
      share === 100 ? { bake: '2s', last: '60s' } : { bake: loss.serves === 'next' ? '2s' : '60s' };
    const commit = stage.change({ ...held, fault, gates: 'none' });
    stage.github.seed.checkRun(REPOSITORY, { commit, name: 'unit', status: 'completed' });
    const run = stage.newRun(commit);
    const more = { e2e: false, 'verify-checklist': 'after', 'store-listings-owner': 'ada' };
    const running = stage.act('deploy', { event: 'push', run, commit, with: more });
    const isThere = async () =>
      hasBegun(running, loss) && (share === undefined || (await stage.site.shares()).b === share);
    await until(isThere, `${loss.job} to be at work`, 200_000);
    running.kill();
    await running.ended;
    await lookAfter(stage, run, commit);
    const [slot, other] = loss.serves === 'first' ? (['a', 'b'] as const) : (['b', 'a'] as const);
    expect(await stage.site.shares()).toEqual({ [slot]: 100, [other]: 0 });
    expect(stage.record()?.stable?.version).toBe(loss.serves === 'first' ? stage.first : commit);
    expect(stage.record()?.rollout?.phase.name ?? 'promoted').toMatch(/^(promoted|aborted)$/);
  } finally {
    await stage.close();
  }
}

async function lookAfter(stage: ActStage, run: number, commit: string): Promise<void> {
  stage.github.seed.workflowRunState(REPOSITORY, run, 'completed', 'failure');
  const payload = { action: 'completed', workflow_run: { id: run, conclusion: 'failure' } };
  const woken = { event: 'workflow_run', run: stage.newRun(commit), commit, payload };
  const end = await stage.act('reconcile', woken).ended;
  expect(end.code, end.log).toBe(0);
}

const skipped = isExhaustive ? needs : ' (skipped: needs EXHAUSTIVE=1)';

describe.skipIf(skipped !== '')(`the machine of a pipeline is lost${skipped}`, () => {
  it.each(LOSSES)('in $job at $step, share $share: traffic ends on $serves', { timeout: 280_000 }, lose);
});
