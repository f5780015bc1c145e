import { describe, expect, it } from 'vitest';
import { checksOf, findingOf } from '../../support/check-context.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { HOUR, NOW, READ_ALL, stageOnGitHub } from './on-github.ts';

describe('approval by reviewers of the environment', () => {
  const ENTRY = { check: 'approval' };

  async function withRun() {
    const stage = await stageOnGitHub();
    const runId = stage.github.seed.workflowRun(REPOSITORY, { commit: stage.sha });
    const approve = (user: string, state: 'approved' | 'rejected', environment = 'production') =>
      stage.github.seed.approval(REPOSITORY, {
        run: runId,
        environments: [environment],
        state,
        user,
        comment: '',
      });
    return { ...stage, runId, approve };
  }

  it('is there when one of them approved this run', async () => {
    const { ask, runId, approve } = await withRun();
    expect(await ask(ENTRY, { runId })).toMatchObject({ status: 'fail', code: 'unapproved' });
    approve('bob', 'approved', 'staging');
    expect(await ask(ENTRY, { runId })).toMatchObject({ status: 'fail', code: 'unapproved' });
    approve('bob', 'approved');
    expect(await ask(ENTRY, { runId })).toMatchObject({ status: 'pass', observed: 'approved by bob' });
  });

  it('is not there when it was the one who started the run, or when one rejected it', async () => {
    const { ask, runId, approve } = await withRun();
    approve('ada', 'approved');
    expect(await ask(ENTRY, { runId })).toMatchObject({ status: 'fail', code: 'unapproved' });
    expect(await ask({ ...ENTRY, 'allow-self': true }, { runId })).toMatchObject({ status: 'pass' });
    approve('bob', 'rejected');
    expect(await ask({ ...ENTRY, 'allow-self': true }, { runId })).toMatchObject({
      status: 'fail',
      code: 'refused',
    });
  });

  it('is of the commit of the run, and of no other', async () => {
    const { github, ask, runId, approve } = await withRun();
    approve('bob', 'approved');
    const other = github.seed.commit(REPOSITORY, { files: { 'x.txt': 'x' } });
    const finding = await ask(ENTRY, { runId, sha: other });
    expect(finding).toMatchObject({
      status: 'fail',
      observed: 'nobody approved it; bob approved another commit',
    });
  });

  it('outside of a run cannot be asked for', async () => {
    const { ask } = await stageOnGitHub();
    expect(await ask(ENTRY, { runId: null })).toMatchObject({ status: 'error' });
  });
});

describe('approval in a comment', () => {
  const ENTRY = { check: 'approval', from: 'comment', team: 'shine/release' };

  it('counts of a member of the team, for the commit that it names', async () => {
    const { github, octokit, here, sha, ask } = await stageOnGitHub();
    github.seed.team('shine/release', { 'github-actions[bot]': 'member' });
    const { data: issue } = await octokit.rest.issues.create({ ...here, title: 'Release 1.4' });
    const entry = { ...ENTRY, issue: issue.number };
    const say = (body: string) =>
      octokit.rest.issues.createComment({ ...here, issue_number: issue.number, body });
    await say('/approve 1234567');
    expect(await ask(entry)).toMatchObject({ status: 'fail', code: 'unapproved' });
    await say(`/approve ${sha.slice(0, 10)}`);
    expect(await ask(entry)).toMatchObject({ status: 'pass', observed: 'approved by github-actions[bot]' });
    const people = { check: 'approval', from: 'comment', people: ['bob'], issue: issue.number };
    expect(await ask(people)).toMatchObject({
      status: 'fail',
      observed: 'nobody approved it; github-actions[bot] may not approve',
    });
  });

  it('does not count once it was edited, by whomever', async () => {
    const { github, octokit, here, sha, ask, at } = await stageOnGitHub();
    github.seed.team('shine/release', { 'github-actions[bot]': 'member' });
    const issue = github.seed.issue(REPOSITORY);
    const { data } = await octokit.rest.issues.createComment({
      ...here,
      issue_number: issue,
      body: 'Looks good',
    });
    at(NOW - HOUR / 2);
    const body = `/approve ${sha}`;
    await octokit.rest.issues.updateComment({ ...here, comment_id: data.id, body });
    expect(await ask({ ...ENTRY, issue })).toMatchObject({
      status: 'fail',
      observed: 'nobody approved it; the comment of github-actions[bot] was edited',
    });
  });

  it('of just anybody is not configured', () => {
    expect(() => checksOf({ check: 'approval', from: 'comment' })).toThrow('anybody can comment');
    expect(() => checksOf({ ...ENTRY, people: ['bob'] })).toThrow('either a team or people');
    expect(() => checksOf({ ...ENTRY, team: 'release' })).toThrow();
  });
});

describe('approval in a review', () => {
  it('counts of the newest commit of the pull request', async () => {
    const { github, ask } = await stageOnGitHub();
    for (const login of ['bob', 'kim'])
      github.seed.collaborator(REPOSITORY, login, login === 'bob' ? 'write' : 'read');
    const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' } });
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    const entry = { check: 'approval', from: 'review' };
    github.seed.review(REPOSITORY, number, { author: 'kim', state: 'APPROVED' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED', commit: 'main' });
    expect(await ask(entry, { sha })).toMatchObject({
      status: 'fail',
      observed: 'nobody approved it; bob approved another commit; kim may not approve',
    });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    expect(await ask(entry, { sha })).toMatchObject({ status: 'pass' });
  });

  it('by a team says which permission it lacks', async () => {
    const { github, context, subject } = await stageOnGitHub();
    const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' } });
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    const { members: _gone, ...left } = READ_ALL;
    const entry = { check: 'approval', from: 'review', team: 'shine/release' };
    const finding = await findingOf(entry, context(left), { ...subject, sha });
    expect(finding).toMatchObject({ status: 'error', code: 'unauthorized' });
    expect(finding.observed).toContain('members');
  });
});
