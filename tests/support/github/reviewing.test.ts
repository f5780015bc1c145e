import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { operations } from './description.ts';
import { handlers } from './handlers/registry.ts';
import { githubForTest } from './in-test.ts';
import { needsOf } from './permissions.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;
const NAME = 'shine/shop';

async function start() {
  const github = await githubForTest();
  const { seed } = github;
  seed.repository({ owner: 'shine', name: 'shop' });
  const sha = seed.commit(NAME, { files: { 'app.js': 'one\n', 'src/lib/a.js': 'a\n' } });
  return { github, seed, sha, rest: clientOf(github).rest };
}

test('every operation of the description is built and says what permission it needs', () => {
  const names = operations.map(({ operationId }) => operationId).sort();
  expect(JSON.parse(readFileSync(new URL('operations.json', import.meta.url), 'utf8'))).toEqual(names);
  expect(Object.keys(handlers).sort()).toEqual(names);
  for (const name of names) expect(() => needsOf(name)).not.toThrow();
});

describe('pull requests', () => {
  test('tell of their commits, files, reviews and state', async () => {
    const { seed, rest } = await start();
    const topic = seed.commit(NAME, { branch: 'topic', files: { 'app.js': 'one\ntwo\n', 'new.js': 'n\n' } });
    seed.commit(NAME, { files: { 'other.js': 'o\n' } });
    const pull_number = seed.pull(NAME, { head: 'topic', author: 'mara', labels: ['canary'], title: 'Two' });
    seed.review(NAME, pull_number, { author: 'ida', state: 'APPROVED' });
    const { data: pull } = await rest.pulls.get({ ...shop, pull_number });
    expect(pull).toMatchObject({
      title: 'Two',
      state: 'open',
      merged: false,
      commits: 1,
      changed_files: 2,
      additions: 2,
    });
    expect(pull).toMatchObject({
      head: { sha: topic, repo: { full_name: NAME, fork: false } },
      base: { ref: 'main' },
    });
    const { data: files } = await rest.pulls.listFiles({ ...shop, pull_number });
    expect(files.map(({ filename, status }) => [filename, status])).toEqual([
      ['app.js', 'modified'],
      ['new.js', 'added'],
    ]);
    const { data: commits } = await rest.pulls.listCommits({ ...shop, pull_number });
    expect(commits.map(({ sha }) => sha)).toEqual([topic]);
    const { data: reviews } = await rest.pulls.listReviews({ ...shop, pull_number });
    expect(reviews).toMatchObject([{ state: 'APPROVED', user: { login: 'ida' }, commit_id: topic }]);
    const { data: associated } = await rest.repos.listPullRequestsAssociatedWithCommit({
      ...shop,
      commit_sha: topic,
    });
    expect(associated.map(({ number }) => number)).toEqual([pull_number]);
  });

  test('come from forks, and take comments as issues do', async () => {
    const { seed, rest } = await start();
    seed.commit(NAME, { branch: 'topic' });
    const pull_number = seed.pull(NAME, { head: 'topic', fork: 'guest/shop', mergeable: null });
    const { data } = await rest.pulls.get({ ...shop, pull_number });
    expect(data).toMatchObject({ head: { label: 'guest:topic', repo: { fork: true } }, mergeable: null });
    await rest.issues.createComment({ ...shop, issue_number: pull_number, body: 'the canary' });
    const { data: issue } = await rest.issues.get({ ...shop, issue_number: pull_number });
    expect(issue).toMatchObject({ comments: 1, pull_request: { url: expect.stringContaining('/pulls/') } });
  });
});

describe('checks', () => {
  test('are made, finished and listed, the newest of a name counting', async () => {
    const { seed, sha, rest } = await start();
    seed.checkRun(NAME, { commit: sha, name: 'unit', conclusion: 'failure' });
    seed.checkRun(NAME, { commit: sha, name: 'unit' });
    const { data: made } = await rest.checks.create({ ...shop, head_sha: sha, name: 'canary' });
    expect(made).toMatchObject({ status: 'queued', conclusion: null, app: { slug: 'github-actions' } });
    const output = { title: 'Canary', summary: 'held at 10 %' };
    await rest.checks.update({ ...shop, check_run_id: made.id, conclusion: 'success', output });
    const { data: latest } = await rest.checks.listForRef({ ...shop, ref: 'main' });
    const told = latest.check_runs.map(({ name, conclusion }) => [name, conclusion]);
    expect(told).toEqual([
      ['canary', 'success'],
      ['unit', 'success'],
    ]);
    const { data: all } = await rest.checks.listForRef({
      ...shop,
      ref: 'main',
      filter: 'all',
      check_name: 'unit',
    });
    expect(all.total_count).toBe(2);
    const { data: suites } = await rest.checks.listSuitesForRef({ ...shop, ref: sha });
    expect(suites.check_suites).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
  });

  test('are changed only by the app that made them', async () => {
    const { seed, sha, rest } = await start();
    const check_run_id = seed.checkRun(NAME, {
      commit: sha,
      name: 'scan',
      app: 'scanner',
      status: 'in_progress',
    });
    const change = rest.checks.update({ ...shop, check_run_id, conclusion: 'success' });
    expect(await refusalOf(change)).toMatchObject({ status: 403 });
  });
});

describe('workflow runs', () => {
  test('are alive until they end, and are tried again', async () => {
    const { seed, rest } = await start();
    const run_id = seed.workflowRun(NAME, { actor: 'mara' });
    seed.job(NAME, run_id, { name: 'canary' });
    expect((await rest.actions.getWorkflowRun({ ...shop, run_id })).data).toMatchObject({
      status: 'in_progress',
      run_attempt: 1,
    });
    seed.workflowRunState(NAME, run_id, 'completed', 'cancelled');
    seed.workflowRun(NAME, { again: run_id });
    const { data: first } = await rest.actions.getWorkflowRunAttempt({ ...shop, run_id, attempt_number: 1 });
    expect(first).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
    const { data: now } = await rest.actions.getWorkflowRun({ ...shop, run_id });
    expect(now).toMatchObject({
      run_attempt: 2,
      status: 'in_progress',
      previous_attempt_url: expect.any(String),
    });
    const jobs = async (filter: 'latest' | 'all') =>
      (await rest.actions.listJobsForWorkflowRun({ ...shop, run_id, filter })).data.total_count;
    expect([await jobs('latest'), await jobs('all')]).toEqual([0, 1]);
    const { data: active } = await rest.actions.listWorkflowRunsForRepo({ ...shop, status: 'in_progress' });
    expect(active.workflow_runs.map(({ id }) => id)).toEqual([run_id]);
  });

  test('wait for a person and say who allowed them', async () => {
    const { seed, rest } = await start();
    seed.environment(NAME, {
      name: 'production',
      reviewers: ['ida'],
      waitTimer: 5,
      protectedBranchesOnly: true,
    });
    const run_id = seed.workflowRun(NAME, { status: 'waiting' });
    seed.pendingDeployment(NAME, {
      run: run_id,
      environment: 'production',
      waitTimer: 5,
      reviewers: ['ida'],
    });
    const { data: pending } = await rest.actions.getPendingDeploymentsForRun({ ...shop, run_id });
    expect(pending).toMatchObject([{ environment: { name: 'production' }, current_user_can_approve: false }]);
    seed.approval(NAME, {
      run: run_id,
      environments: ['production'],
      state: 'approved',
      user: 'ida',
      comment: 'go',
    });
    const { data: approvals } = await rest.actions.getReviewsForRun({ ...shop, run_id });
    expect(approvals).toMatchObject([
      { state: 'approved', user: { login: 'ida' }, environments: [{ name: 'production' }] },
    ]);
    const { data: environment } = await rest.repos.getEnvironment({
      ...shop,
      environment_name: 'production',
    });
    const rules = environment.protection_rules?.map(({ type }) => type);
    expect(rules).toEqual(['wait_timer', 'required_reviewers', 'branch_policy']);
  });

  test('are started by a dispatch with the inputs that the workflow knows', async () => {
    const { seed, rest } = await start();
    seed.workflow(NAME, { file: 'rollback.yml', dispatchInputs: { environment: { required: true } } });
    seed.workflow(NAME, { file: 'ci.yml' });
    const dispatch = (workflow_id: string, inputs: Record<string, string>) =>
      rest.actions.createWorkflowDispatch({ ...shop, workflow_id, ref: 'main', inputs });
    expect((await dispatch('rollback.yml', { environment: 'production' })).status).toBe(204);
    const { data } = await rest.actions.listWorkflowRunsForRepo({ ...shop, event: 'workflow_dispatch' });
    expect(data.workflow_runs).toMatchObject([{ status: 'queued', path: '.github/workflows/rollback.yml' }]);
    const refusals = [
      dispatch('rollback.yml', {}),
      dispatch('rollback.yml', { environment: 'x', typo: 'y' }),
      dispatch('ci.yml', {}),
    ];
    expect((await Promise.all(refusals.map(refusalOf))).map(({ status }) => status)).toEqual([422, 422, 422]);
    expect(await refusalOf(dispatch('none.yml', {}))).toMatchObject({ status: 404 });
  });
});
