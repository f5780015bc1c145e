import { describe, expect, it } from 'vitest';
import { findingOf } from '../../support/check-context.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { READ_ALL, stageOnGitHub } from './on-github.ts';

const ENTRY = { check: 'ci-status' };

describe('ci-status on GitHub', () => {
  it('says no while nothing has reported, and yes when all is green', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'lint', conclusion: 'skipped' });
    expect(await ask(ENTRY)).toMatchObject({ status: 'pass', observed: '2 checks green' });
  });

  it('looks at no other commit', async () => {
    const { github, ask } = await stageOnGitHub();
    const newer = github.seed.commit(REPOSITORY, { files: { 'a.txt': 'b' } });
    github.seed.checkRun(REPOSITORY, { commit: newer, name: 'unit' });
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
  });

  it('sees commit statuses beside check runs, and the newest of each', async () => {
    const { github, octokit, here, sha, ask } = await stageOnGitHub();
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    const context = 'external/ci';
    await octokit.rest.repos.createCommitStatus({ ...here, sha, context, state: 'failure' });
    expect(await ask(ENTRY)).toMatchObject({
      status: 'fail',
      observed: 'failed: external/ci; 1 check green',
    });
    await octokit.rest.repos.createCommitStatus({ ...here, sha, context, state: 'success' });
    expect(await ask(ENTRY)).toMatchObject({ status: 'pass' });
  });

  it('does not wait for the job that asks', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    const own = github.seed.checkRun(REPOSITORY, { commit: sha, name: 'gate', status: 'in_progress' });
    expect(await ask(ENTRY, { checkRunId: own })).toMatchObject({ status: 'pass' });
    expect(await ask(ENTRY)).toMatchObject({
      status: 'no-data',
      observed: 'pending: gate (in_progress); 1 check green',
    });
  });

  it('reads every page: a failure among hundreds of checks and statuses is found', async () => {
    const { github, octokit, here, sha, ask } = await stageOnGitHub();
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'first', conclusion: 'failure' });
    for (let n = 0; n < 230; n += 1) github.seed.checkRun(REPOSITORY, { commit: sha, name: `unit ${n}` });
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', observed: 'failed: first; 230 checks green' });
    await octokit.rest.repos.createCommitStatus({ ...here, sha, context: 'old', state: 'failure' });
    github.seed.statuses(REPOSITORY, sha, 'busy', 150);
    expect(await ask(ENTRY)).toMatchObject({
      observed: 'failed: first, old; pending: busy; 230 checks green',
    });
  });

  it('asks for what the branch requires, by protection and by rulesets', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    const entry = { ...ENTRY, require: 'required' };
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    expect(await ask(entry)).toMatchObject({ status: 'fail', observed: 'main requires no checks' });
    github.seed.protection(REPOSITORY, { branch: 'main', requiredChecks: ['unit'] });
    expect(await ask(entry)).toMatchObject({ status: 'pass' });
    const parameters = {
      required_status_checks: [{ context: 'e2e', integration_id: 15_368 }],
      strict_required_status_checks_policy: false,
    };
    github.seed.branchRule(REPOSITORY, { branch: 'main', type: 'required_status_checks', parameters });
    expect(await ask(entry)).toMatchObject({
      status: 'fail',
      code: 'missing',
      observed: 'missing: e2e; 1 check green',
    });
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'e2e', app: 'somebody-else' });
    expect(await ask(entry)).toMatchObject({ status: 'fail', code: 'missing' });
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'e2e' });
    expect(await ask(entry)).toMatchObject({ status: 'pass', observed: '2 checks green' });
  });

  it('asks for no check twice that protection tells of in two ways', async () => {
    const { github, sha, ask } = await stageOnGitHub();
    github.seed.protection(REPOSITORY, { branch: 'main', requiredChecks: ['unit', 'lint'] });
    github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
    const finding = await ask({ ...ENTRY, require: 'required' });
    expect(finding).toMatchObject({ status: 'fail', observed: 'missing: lint; 1 check green' });
  });

  it('is an error, never green, while GitHub does not answer', async () => {
    const { github, ask } = await stageOnGitHub();
    await github.down();
    expect(await ask(ENTRY)).toMatchObject({ status: 'error', code: 'unavailable' });
  });

  it.each(['checks', 'statuses'])('says which permission it lacks: %s', async (name) => {
    const { context, subject } = await stageOnGitHub();
    const { [name]: _gone, ...left } = READ_ALL;
    const finding = await findingOf(ENTRY, context(left), subject);
    expect(finding).toMatchObject({ status: 'error', code: 'unauthorized' });
    expect(finding.observed).toContain(`permissions: { ${name}: read }`);
  });
});
