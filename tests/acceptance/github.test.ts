import { describe, expect, it } from 'vitest';
import type { GitHub } from '../support/github/github.ts';
import { githubForTest } from '../support/github/in-test.ts';
import { jobEnv, REPOSITORY, seedRepository } from '../support/on-github.ts';
import { CANARY, openTheatre, type Script, SLOW_PLAN, type Theatre, until } from '../support/theatre.ts';

const TIMEOUT = { timeout: 280_000 };

interface OnGitHub {
  readonly theatre: Theatre;
  readonly github: GitHub;
  /** The number of the workflow run that all the jobs belong to. */
  readonly run: number;
}

/** The built actions on a machine that looks like a runner, with the record on a local GitHub. */
async function onGitHub(script: Script, act: (stage: OnGitHub) => Promise<void>): Promise<void> {
  const github = await githubForTest();
  seedRepository(github);
  for (const version of ['v1', 'v2'])
    github.seed.tag(REPOSITORY, version, github.seed.commit(REPOSITORY, { files: { version } }));
  const run = github.seed.workflowRun(REPOSITORY);
  const env = {
    ...jobEnv(github),
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'canary',
  };
  const theatre = await openTheatre({ ...script, env, ledger: '{ type: github }' });
  try {
    await act({ theatre, github, run });
  } finally {
    await theatre.close();
  }
}

const shown = (github: GitHub): (string | undefined)[] =>
  [...github.repository(REPOSITORY).deployments.values()].map(({ statuses }) => statuses.at(-1)?.state);
const moves = (github: GitHub): number => {
  const writes = ['git/create-ref', 'git/update-ref'];
  return github.requests().filter(({ operationId }) => writes.includes(operationId ?? '')).length;
};

describe('the built actions with their record on GitHub', () => {
  it('promote a version, and show it', TIMEOUT, () =>
    onGitHub({}, async ({ theatre, github }) => {
      expect(shown(github)).toEqual(['success']);
      const end = await theatre.play('canary/main', { version: CANARY });
      expect(end.outputs['reason-code']).toBe('promoted');
      expect(shown(github)).toEqual(['inactive', 'success']);
      const before = moves(github);
      await theatre.play('canary/post', {}, end.state);
      expect(moves(github), 'nothing is left for the post step').toBe(before);
    }),
  );

  it('that are killed in mid-step are found by reconcile, brought home and shown', TIMEOUT, () =>
    onGitHub({ plan: SLOW_PLAN }, async ({ theatre, github, run }) => {
      const running = await theatre.run('canary/main', { version: CANARY });
      await until(async () => (await theatre.shareOfB()) === 30, 'traffic on the canary', 60_000);
      running.child.kill('SIGKILL');
      await running.ended;
      github.seed.workflowRunState(REPOSITORY, run, 'completed', 'cancelled');
      const end = await theatre.play('reconcile/main');
      expect(end.outputs.state).toBe('aborted');
      expect(await theatre.shareOfB()).toBe(0);
      expect(shown(github)).toEqual(['success', 'failure']);
    }),
  );

  it(
    'bring traffic home at once on a cancel while GitHub hangs, and the post step writes down why',
    TIMEOUT,
    () =>
      onGitHub({ plan: SLOW_PLAN }, async ({ theatre, github }) => {
        const running = await theatre.run('canary/main', { version: CANARY });
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
        expect(shown(github)).toEqual(['success', 'failure']);
      }),
  );
});
