import { describe, expect, it } from 'vitest';
import { runProbe } from '../../../src/adapters/github/run-probe.ts';
import { thisProcess } from '../../../src/adapters/runner/process-owner.ts';
import type { Owner } from '../../../src/core/rollout/record.ts';
import type { GitHub } from '../../support/github/github.ts';
import { githubForTest } from '../../support/github/in-test.ts';
import { forgeOn, REPOSITORY, seedRepository } from '../../support/on-github.ts';

const { signal } = new AbortController();

async function start() {
  const github = await githubForTest();
  seedRepository(github);
  const run = github.seed.workflowRun(REPOSITORY);
  return { github, run };
}

/** Who a job of that run writes into the ledger. */
function ownerIn(run: number, job = 'canary', attempt = 1): Owner {
  return thisProcess({
    GITHUB_RUN_ID: String(run),
    GITHUB_RUN_ATTEMPT: String(attempt),
    GITHUB_JOB: job,
  });
}

const ask = (github: GitHub, owner: Owner) => runProbe(() => forgeOn(github)).isAlive(owner, signal);

describe('whether the owner of a rollout still lives, by the word of GitHub', () => {
  it.each([
    ['queued', 'alive'],
    ['in_progress', 'alive'],
    ['waiting', 'alive'],
    ['completed', 'dead'],
  ] as const)('a run that is %s is %s', async (status, answer) => {
    const { github, run } = await start();
    github.seed.workflowRunState(REPOSITORY, run, status, status === 'completed' ? 'cancelled' : null);
    expect(await ask(github, ownerIn(run))).toBe(answer);
  });

  it.each([
    [
      'its own job has ended',
      [
        ['canary', 'completed'],
        ['safety-net', 'in_progress'],
      ],
      'dead',
    ],
    [
      'its own job still runs',
      [
        ['canary', 'in_progress'],
        ['build', 'completed'],
      ],
      'alive',
    ],
    ['its job was called by another workflow and has ended', [['deploy / canary', 'completed']], 'dead'],
    [
      'one job of its matrix still runs',
      [
        ['canary (eu)', 'completed'],
        ['canary (us)', 'in_progress'],
      ],
      'alive',
    ],
    ['no job can be told to be its own', [['Roll it out', 'completed']], 'alive'],
    ['a job is only named alike', [['canary-check', 'completed']], 'alive'],
  ] as const)('in a run that goes on, when %s, is told by its job', async (_, jobs, answer) => {
    const { github, run } = await start();
    github.seed.workflowRunState(REPOSITORY, run, 'in_progress');
    for (const [name, status] of jobs)
      github.seed.job(REPOSITORY, run, {
        name,
        status,
        ...(status === 'completed' ? { conclusion: 'failure' as const } : {}),
      });
    expect(await ask(github, ownerIn(run))).toBe(answer);
  });

  it('is not known of a run that is not there, of an attempt that never was, and of a plain process', async () => {
    const { github, run } = await start();
    expect(await ask(github, ownerIn(run + 1))).toBe('unknown');
    expect(await ask(github, ownerIn(run, 'canary', 2))).toBe('unknown');
    expect(await ask(github, thisProcess({}))).toBe('unknown');
  });

  it('fails rather than guesses when GitHub cannot be asked', async () => {
    const { github, run } = await start();
    await github.down();
    await expect(ask(github, ownerIn(run))).rejects.toMatchObject({ code: 'unreachable' });
  });
});
