import { describe, expect, it } from 'vitest';
import { STEP_LOSSES, type StepLoss } from '../support/act/losses.ts';
import { needs } from '../support/act/needs.ts';
import { openActStage } from '../support/act/stage.ts';
import { isExhaustive } from '../support/exhaustive.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { until } from '../support/prometheus.ts';

/** The machine with the run is gone in that very moment; GitHub notices, and wakes the workflow that looks after it. */
async function lose(loss: StepLoss): Promise<void> {
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
    const later = { 'verify-checklist': 'after', 'store-listings-owner': 'ada' };
    const more = { e2e: loss.job === 'e2e', ...later };
    const running = stage.act('deploy', { event: 'push', run, commit, with: more });
    const isThere = async () =>
      running.hasBegun(loss.job, loss.step) &&
      (share === undefined || (await stage.site.shares()).b === share);
    await until(isThere, `${loss.job} to be at work`, 200_000);
    running.kill();
    await running.ended;
    const end = await stage.lookAfter(run, commit).ended;
    expect(end.code, end.log).toBe(0);
    const [slot, other] = loss.serves === 'first' ? (['a', 'b'] as const) : (['b', 'a'] as const);
    expect(await stage.site.shares()).toEqual({ [slot]: 100, [other]: 0 });
    expect(stage.record()?.stable?.version).toBe(loss.serves === 'first' ? stage.first : commit);
    expect(stage.record()?.rollout?.phase.name ?? 'promoted').toMatch(/^(promoted|aborted)$/);
  } finally {
    await stage.close();
  }
}

const skipped = isExhaustive ? needs : ' (skipped: needs EXHAUSTIVE=1)';

describe.skipIf(skipped !== '')(`the machine of a pipeline is lost${skipped}`, () => {
  it.each(STEP_LOSSES)('in $job at $step, share $share: traffic ends on $serves', { timeout: 280_000 }, lose);
});
