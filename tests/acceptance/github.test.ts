import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GitHub, startGitHub } from '../support/github/github.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';
import { openTheatre, SLOW_PLAN, type Theatre, until } from '../support/theatre.ts';

const TIMEOUT = { timeout: 280_000 };
const LEDGER = '{ type: github }';

let github: GitHub;
let theatre: Theatre;
/** The number of the workflow run that all the jobs belong to. */
let run: number;

/** The built actions on a machine that looks like a runner, with the record on a local GitHub. */
beforeAll(async () => {
  github = await startGitHub();
  seedRepository(github);
  for (const version of ['v1', 'v2', 'v3', 'v4'])
    github.seed.tag(REPOSITORY, version, github.seed.commit(REPOSITORY, { files: { version } }));
  run = github.seed.workflowRun(REPOSITORY);
  const env = {
    ...jobEnv(github),
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'canary',
  };
  theatre = await openTheatre({ env, ledger: LEDGER });
}, 120_000);

afterEach(() => expect(github.takeViolations(), 'what GitHub does not describe').toEqual([]));

afterAll(async () => {
  await theatre.close();
  await github.stop();
});

const shown = (): (string | undefined)[] =>
  [...github.repository(REPOSITORY).deployments.values()].map(({ statuses }) => statuses.at(-1)?.state);
const moves = (): number => {
  const writes = ['git/create-ref', 'git/update-ref'];
  return github.requests().filter(({ operationId }) => writes.includes(operationId ?? '')).length;
};

/** The tests follow one another on one stage: the promotion comes last, as every other one leaves v1 in slot a. */
describe('the built actions with their record on GitHub', () => {
  it('that are killed in mid-step are found by reconcile, brought home and shown', TIMEOUT, async () => {
    expect(shown()).toEqual(['success']);
    await theatre.rewrite({ plan: SLOW_PLAN, ledger: LEDGER });
    const running = await theatre.run('canary/main', { version: 'v2' });
    await until(async () => (await theatre.shareOfB()) === 30, 'traffic on the canary', 60_000);
    running.child.kill('SIGKILL');
    await running.ended;
    github.seed.workflowRunState(REPOSITORY, run, 'completed', 'cancelled');
    const end = await theatre.play('reconcile/main');
    expect(end.outputs.state).toBe('aborted');
    expect(await theatre.shareOfB()).toBe(0);
    expect(shown()).toEqual(['success', 'failure']);
  });

  it(
    'bring traffic home at once on a cancel while GitHub hangs, and the post step writes down why',
    TIMEOUT,
    async () => {
      await theatre.rewrite({ plan: SLOW_PLAN, ledger: LEDGER });
      github.seed.workflowRunState(REPOSITORY, run, 'in_progress');
      const running = await theatre.run('canary/main', { version: 'v3' });
      await until(async () => (await theatre.shareOfB()) === 30, 'traffic on the canary', 60_000);
      github.fault({ fault: { do: 'hang' }, times: 10_000 });
      const began = performance.now();
      running.child.kill('SIGINT');
      await until(async () => (await theatre.shareOfB()) === 0, 'traffic to come home', 7_500);
      console.log(`home ${Math.round(performance.now() - began)} ms after the cancel`);
      // As the runner does it: SIGTERM after 7.5 s, the end of all patience 2.5 s later.
      const kills = [
        setTimeout(() => running.child.kill('SIGTERM'), 7_500),
        setTimeout(() => running.child.kill('SIGKILL'), 10_000),
      ];
      const { state } = await running.ended;
      for (const timer of kills) clearTimeout(timer);
      github.clearFaults();
      const end = await theatre.play('canary/post', {}, state);
      expect(end.outputs.state).toBe('aborted');
      expect(end.outputs['reason-code']).toBe('cancelled');
      expect(shown()).toEqual(['success', 'failure', 'failure']);
    },
  );

  it('promote a version, and show it', TIMEOUT, async () => {
    await theatre.rewrite({ ledger: LEDGER });
    const end = await theatre.play('canary/main', { version: 'v4' });
    expect(end.outputs['reason-code']).toBe('promoted');
    expect(shown()).toEqual(['inactive', 'failure', 'failure', 'success']);
    const before = moves();
    await theatre.play('canary/post', {}, end.state);
    expect(moves(), 'nothing is left for the post step').toBe(before);
  });
});
