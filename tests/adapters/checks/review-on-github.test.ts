import { describe, expect, it } from 'vitest';
import { contextIn, findingOf } from '../../support/check-context.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { READ_ALL, type Stage, stageOnGitHub } from './on-github.ts';

const ENTRY = { check: 'review' };

/** A change of ada's on a branch, with bob and eve who may write. */
async function withChange(files: Readonly<Record<string, string>> = { 'api/a.ts': 'a' }) {
  const stage = await stageOnGitHub();
  const { github } = stage;
  for (const login of ['ada', 'bob', 'eve']) github.seed.collaborator(REPOSITORY, login, 'write');
  const head = github.seed.commit(REPOSITORY, { branch: 'change', files, author: 'ada' });
  return { ...stage, head };
}

function merged({ github }: Stage, head: string, by = 'bob'): { number: number; sha: string } {
  const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
  const open = github.repository(REPOSITORY).pulls.get(number);
  if (open?.head.sha !== head) throw new Error('the pull request has another head');
  const sha = github.seed.commit(REPOSITORY, {
    files: { 'api/a.ts': 'a' },
    message: `Merge #${number}`,
    author: by,
  });
  const again = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada', merged: { by, commit: sha } });
  return { number: again, sha };
}

describe('review on GitHub', () => {
  it('says no to a commit that no pull request has brought', async () => {
    const { ask } = await stageOnGitHub();
    expect(await ask(ENTRY)).toMatchObject({ status: 'fail', code: 'missing' });
  });

  it('says yes to a commit that a reviewed pull request has brought by its merge', async () => {
    const stage = await withChange();
    const { number, sha } = merged(stage, stage.head);
    expect(await stage.ask(ENTRY, { sha })).toMatchObject({ status: 'fail', code: 'unapproved' });
    stage.github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    expect(await stage.ask(ENTRY, { sha })).toMatchObject({
      status: 'pass',
      observed: `#${number} approved by bob`,
    });
  });

  it('of an open pull request counts what was said of its newest commit by people who may write', async () => {
    const { github, head, ask } = await withChange();
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    const say = (author: string, state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED', commit?: string) =>
      github.seed.review(REPOSITORY, number, { author, state, ...(commit === undefined ? {} : { commit }) });
    say('ada', 'APPROVED');
    say('stranger', 'APPROVED');
    say('bob', 'APPROVED', 'main');
    const finding = await ask(ENTRY, { sha: head });
    expect(finding).toMatchObject({ status: 'fail', code: 'stale' });
    expect(finding.observed).toBe(
      `0 approvals of #${number} that count; bob approved an older commit; stranger may not write here; ada is the author`,
    );
    say('bob', 'APPROVED');
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'pass' });
    say('eve', 'CHANGES_REQUESTED');
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'fail', code: 'refused' });
  });

  it('asks for as many approvals as a ruleset of the branch does', async () => {
    const { github, head, ask } = await withChange();
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    const parameters = {
      allowed_merge_methods: ['merge'],
      dismiss_stale_reviews_on_push: false,
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_approving_review_count: 2,
      required_review_thread_resolution: false,
    };
    github.seed.branchRule(REPOSITORY, { branch: 'main', type: 'pull_request', parameters });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({
      status: 'fail',
      observed: `1 approval of #${number} that count`,
      expected: '2 approvals of the newest commit',
    });
  });

  it('asks for what classic protection of the branch does, by a token that is no administrator’s', async () => {
    const { github, head, ask } = await withChange();
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'pass' });
    github.seed.protection(REPOSITORY, { branch: 'main', approvals: 2 });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({
      status: 'fail',
      expected: '2 approvals of the newest commit',
    });
    github.seed.review(REPOSITORY, number, { author: 'eve', state: 'APPROVED' });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'pass' });
    github.seed.commit(REPOSITORY, { files: { CODEOWNERS: '* @kim\n' } });
    github.seed.protection(REPOSITORY, { branch: 'main', approvals: 2, codeOwners: true });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({
      status: 'fail',
      observed: 'no code owner approved api/a.ts',
    });
  });

  it('is an error, never a yes, when GitHub leaves a hole where the protection should be', async () => {
    const { github, head, ask } = await withChange();
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    const fault = { do: 'refuse', status: 403, message: 'Resource not accessible by integration' } as const;
    github.fault({ fault, operations: ['graphql/BranchRules'] });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'error', code: 'unauthorized' });
  });

  it('asks code owners of each changed file, as people and as teams', async () => {
    const { github, ask } = await withChange();
    const owners = '* @bob\n/api/ @shine/api\n';
    github.seed.commit(REPOSITORY, { files: { '.github/CODEOWNERS': owners } });
    const head = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'web/b.ts': 'b' } });
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    const entry = { ...ENTRY, 'code-owners': 'always' };
    github.seed.team('shine/api', { eve: 'member' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    expect(await ask(entry, { sha: head })).toMatchObject({
      status: 'fail',
      observed: 'no code owner approved api/a.ts',
      fix: 'ask @shine/api for a review',
    });
    github.seed.review(REPOSITORY, number, { author: 'eve', state: 'APPROVED' });
    expect(await ask(entry, { sha: head })).toMatchObject({ status: 'pass' });
  });

  it('knows the pull request of a merge queue by the branch of the queue, for the commit of the run only', async () => {
    const { github, context, subject } = await withChange();
    const number = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    const branch = `gh-readonly-queue/main/pr-${number}-${subject.sha}`;
    const sha = github.seed.commit(REPOSITORY, { branch, files: { 'api/a.ts': 'a' } });
    const queued = { ...subject, sha, ref: `refs/heads/${branch}` };
    const run = context(READ_ALL, { env: { GITHUB_SHA: sha } });
    expect(await findingOf(ENTRY, run, queued)).toMatchObject({ status: 'pass' });
    const another = context(READ_ALL, { env: { GITHUB_SHA: subject.sha } });
    expect(await findingOf(ENTRY, another, queued)).toMatchObject({ status: 'fail', code: 'missing' });
  });

  it('counts no pull request into another branch', async () => {
    const { github, head, ask } = await withChange();
    github.seed.commit(REPOSITORY, { branch: 'side', parent: 'main' });
    const number = github.seed.pull(REPOSITORY, { head: 'change', base: 'side', author: 'ada' });
    github.seed.review(REPOSITORY, number, { author: 'bob', state: 'APPROVED' });
    expect(await ask(ENTRY, { sha: head })).toMatchObject({ status: 'fail', code: 'missing' });
  });

  it('says that it needs a token', async () => {
    expect(await findingOf(ENTRY, contextIn('.'))).toMatchObject({ status: 'error', code: 'unauthorized' });
  });
});
