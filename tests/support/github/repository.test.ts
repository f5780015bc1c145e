import { getOctokit } from '@actions/github';
import { describe, expect, test } from 'vitest';
import { clientOf, refusalOf } from './client.ts';
import { githubForTest } from './in-test.ts';

const shop = { owner: 'shine', repo: 'shop' } as const;
const NAME = 'shine/shop';

async function start() {
  const github = await githubForTest();
  const { seed } = github;
  seed.repository({ owner: 'shine', name: 'shop' });
  const sha = seed.commit(NAME, { files: { 'app.js': 'one\n', 'src/lib/a.js': 'a\n' } });
  return { github, seed, sha, rest: clientOf(github).rest };
}

describe('the repository', () => {
  test('tells of commits, what lies between them, and contents', async () => {
    const { seed, sha, rest } = await start();
    const topic = seed.commit(NAME, { branch: 'topic', files: { 'app.js': 'one\ntwo\n' } });
    seed.commit(NAME, { files: { 'other.js': 'o\n' } });
    const { data: commit } = await rest.repos.getCommit({ ...shop, ref: 'topic' });
    expect(commit).toMatchObject({
      sha: topic,
      files: [{ filename: 'app.js', additions: 1 }],
      stats: { total: 1 },
    });
    const { data: apart } = await rest.repos.compareCommitsWithBasehead({
      ...shop,
      basehead: 'main...topic',
    });
    expect(apart).toMatchObject({
      status: 'diverged',
      ahead_by: 1,
      behind_by: 1,
      merge_base_commit: { sha },
    });
    const { data: same } = await rest.repos.compareCommits({ ...shop, base: sha, head: topic });
    expect(same).toMatchObject({ status: 'ahead', ahead_by: 1, behind_by: 0, commits: [{ sha: topic }] });
    const { data: file } = await rest.repos.getContent({ ...shop, path: 'app.js', ref: 'topic' });
    expect(file).toMatchObject({ type: 'file', content: Buffer.from('one\ntwo\n').toString('base64') });
    const { data: folder } = await rest.repos.getContent({ ...shop, path: 'src' });
    expect(folder).toMatchObject([{ type: 'dir', name: 'lib', path: 'src/lib' }]);
    expect(await refusalOf(rest.repos.getContent({ ...shop, path: 'none' }))).toMatchObject({ status: 404 });
  });

  test('tells of rules, people, tags and releases', async () => {
    const { github, seed, sha, rest } = await start();
    seed.protection(NAME, { branch: 'main', requiredChecks: ['ci'], approvals: 2, strict: true });
    const parameters = {
      required_status_checks: [{ context: 'ci' }],
      strict_required_status_checks_policy: true,
    };
    seed.branchRule(NAME, { branch: 'main', type: 'required_status_checks', parameters });
    seed.branchRule(NAME, { branch: 'main', type: 'non_fast_forward' });
    const { data: rules } = await rest.repos.getBranchRules({ ...shop, branch: 'main' });
    expect(rules).toMatchObject([
      { type: 'required_status_checks', parameters },
      { type: 'non_fast_forward' },
    ]);
    expect(await refusalOf(rest.repos.getBranchProtection({ ...shop, branch: 'main' }))).toMatchObject({
      status: 403,
    });
    const admin = clientOf(github, { administration: 'read' }).rest;
    const { data: protection } = await admin.repos.getBranchProtection({ ...shop, branch: 'main' });
    expect(protection.required_pull_request_reviews?.required_approving_review_count).toBe(2);
    const { data: required } = await admin.repos.getStatusChecksProtection({ ...shop, branch: 'main' });
    expect(required).toMatchObject({ strict: true, contexts: ['ci'] });
    seed.collaborator(NAME, 'ida', 'maintain');
    const level = await rest.repos.getCollaboratorPermissionLevel({ ...shop, username: 'ida' });
    expect(level.data).toMatchObject({ permission: 'write', role_name: 'maintain' });
    for (const name of ['v1.0.0', 'v1.1.0-rc.1']) seed.tag(NAME, name, sha);
    seed.release(NAME, { tag: 'v1.0.0' });
    seed.release(NAME, { tag: 'v1.1.0-rc.1', prerelease: true });
    const { data: tags } = await rest.repos.listTags({ ...shop });
    expect(tags.map(({ name }) => name)).toEqual(['v1.1.0-rc.1', 'v1.0.0']);
    expect((await rest.repos.getLatestRelease({ ...shop })).data.tag_name).toBe('v1.0.0');
    expect((await rest.repos.getReleaseByTag({ ...shop, tag: 'v1.1.0-rc.1' })).data.prerelease).toBe(true);
    expect((await rest.repos.get({ ...shop })).data).toMatchObject({
      default_branch: 'main',
      private: false,
    });
  });
});

describe('alerts', () => {
  test('are listed by state and severity', async () => {
    const { github, seed } = await start();
    const permissions = {
      'security-events': 'read',
      'vulnerability-alerts': 'read',
      'secret-scanning-alerts': 'read',
    } as const;
    const { rest } = clientOf(github, permissions);
    expect(await refusalOf(rest.codeScanning.listAlertsForRepo({ ...shop }))).toMatchObject({ status: 404 });
    seed.codeScanningAnalysis(NAME, { results: 2 });
    seed.codeScanningAlert(NAME, { securitySeverity: 'critical' });
    seed.codeScanningAlert(NAME, { state: 'fixed' });
    const { data: open } = await rest.codeScanning.listAlertsForRepo({ ...shop, state: 'open' });
    expect(open).toMatchObject([{ number: 1, rule: { security_severity_level: 'critical' } }]);
    const { data: analyses } = await rest.codeScanning.listRecentAnalyses({
      ...shop,
      ref: 'refs/heads/main',
    });
    expect(analyses).toMatchObject([{ results_count: 2, tool: { name: 'CodeQL' } }]);
    seed.dependabotAlert(NAME, { severity: 'critical' });
    seed.dependabotAlert(NAME, { severity: 'low' });
    const { data: critical } = await rest.dependabot.listAlertsForRepo({
      ...shop,
      severity: 'critical,high',
      per_page: 1,
    });
    expect(critical).toMatchObject([{ state: 'open', security_vulnerability: { severity: 'critical' } }]);
    seed.secretAlert(NAME);
    const { data: secrets } = await rest.secretScanning.listAlertsForRepo({ ...shop, state: 'open' });
    expect(secrets).toHaveLength(1);
  });

  test('are refused where a scanner is off', async () => {
    const { github } = await start();
    const scannersOff = ['code-scanning', 'dependabot', 'secret-scanning'] as const;
    github.seed.repository({ owner: 'shine', name: 'dark', scannersOff });
    const permissions = {
      'security-events': 'read',
      'vulnerability-alerts': 'read',
      'secret-scanning-alerts': 'read',
    } as const;
    const { rest } = clientOf(github, permissions);
    const dark = { owner: 'shine', repo: 'dark' };
    const refusals = await Promise.all([
      refusalOf(rest.codeScanning.listAlertsForRepo(dark)),
      refusalOf(rest.dependabot.listAlertsForRepo(dark)),
      refusalOf(rest.secretScanning.listAlertsForRepo(dark)),
    ]);
    expect(refusals.map(({ status }) => status)).toEqual([403, 403, 404]);
  });
});

describe('people', () => {
  test('are members of teams, or not', async () => {
    const { github, seed } = await start();
    seed.team('shine/deployers', { ida: 'maintainer', mara: 'member' });
    const { rest } = clientOf(github, { members: 'read' });
    const team = { org: 'shine', team_slug: 'deployers' };
    const { data: ida } = await rest.teams.getMembershipForUserInOrg({ ...team, username: 'ida' });
    expect(ida).toMatchObject({ role: 'maintainer', state: 'active' });
    expect(
      await refusalOf(rest.teams.getMembershipForUserInOrg({ ...team, username: 'guest' })),
    ).toMatchObject({ status: 404 });
    const { data: members } = await rest.teams.listMembersInOrg(team);
    expect(members.map(({ login }) => login)).toEqual(['ida', 'mara']);
  });

  test('have a name only when the token is a person’s', async () => {
    const { github, rest } = await start();
    expect(await refusalOf(rest.users.getAuthenticated())).toMatchObject({ status: 403 });
    github.seed.token('ghp_mara', { login: 'mara', type: 'user', permissions: {} });
    const person = getOctokit('ghp_mara', { baseUrl: github.url }).rest;
    expect((await person.users.getAuthenticated()).data.login).toBe('mara');
  });

  test('may ask for their limit without spending it', async () => {
    const { rest } = await start();
    await rest.meta.root();
    await rest.rateLimit.get();
    expect((await rest.rateLimit.get()).data.rate).toMatchObject({ limit: 1000, used: 1, remaining: 999 });
  });
});

test('nothing can be seeded that GitHub could not tell of', async () => {
  const { seed } = await start();
  expect(() => seed.branchRule(NAME, { branch: 'main', type: 'be_nice' })).toThrow(
    /nothing that GitHub can tell of/,
  );
  expect(() =>
    seed.approval(NAME, { run: 1, environments: [], state: 'approved', user: 'ida', comment: '' }),
  ).toThrow(/404/);
  expect(() => seed.review(NAME, 7, { author: 'ida', state: 'APPROVED' })).toThrow(/expected a pull request/);
});
