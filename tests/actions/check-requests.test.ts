import { describe, expect, it } from 'vitest';
import { askingsOf, CHECKS } from '../../src/adapters/github/permission-table.ts';
import { HOUR, NOW, type Stage, stageOnGitHub } from '../adapters/checks/on-github.ts';
import { REPOSITORY } from '../support/on-github.ts';
import { operationOf } from '../support/operations.ts';

/** Each check with settings that make it ask, and what there must be to be asked about. */
const ASKED: readonly (readonly [check: string, settings: object])[] = [
  ['ci-status', { require: ['unit'] }],
  ['ci-status', { require: 'required' }],
  ['review', { 'code-owners': 'never' }],
  ['review', { 'code-owners': 'always' }],
  ['approval', { from: 'environment' }],
  ['approval', { from: 'review' }],
  ['approval', { from: 'review', people: ['bob'] }],
  ['approval', { from: 'comment', people: ['bob'] }],
  ['approval', { from: 'review', team: 'shine/release' }],
  ['deployed', {}],
  ['e2e', {}],
  ['load-test', {}],
  ['security-scan', { sources: ['code-scanning'] }],
  ['security-scan', { sources: ['dependabot'] }],
  ['security-scan', { sources: ['secret-scanning'] }],
  ['freeze', { 'incident-label': 'incident' }],
  ['checkbox', { text: 'Rollback tested' }],
  ['checkbox', { text: 'Rollback tested', 'since-commit': true, team: 'shine/release' }],
  ['checkbox', { text: 'Rollback tested', issue: 1 }],
];

/** Listed, and not met by these settings: why it is listed all the same. */
const RARE: Readonly<Record<string, string>> = {
  'review: pulls/get': 'only for a commit that waits in a merge queue',
  'approval: pulls/get': 'only for a commit that waits in a merge queue',
  'checkbox: pulls/get': 'only for a commit that waits in a merge queue',
  'security-scan: repos/get': 'only for a run that is of no branch',
};
/** They ask what the ledger asks, which least-permissions.test.ts measures, and for a tag. */
const BY_THE_LEDGER = ['rollback-plan', 'version'];
/** It needs a clone, which least-permissions-preflight.test.ts has. */
const IN_A_CLONE = ['migrations'];

/** A repository in which every check finds something to look at. */
async function inhabited(): Promise<Stage & { readonly runId: number }> {
  const stage = await stageOnGitHub();
  const { github, octokit, here } = stage;
  for (const login of ['ada', 'bob']) github.seed.collaborator(REPOSITORY, login, 'write');
  github.seed.team('shine/release', { bob: 'member' });
  github.seed.commit(REPOSITORY, { files: { CODEOWNERS: '* @bob @shine/release\n' } });
  const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' }, author: 'ada' });
  const pull = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada', body: '- [ ] Rollback tested' });
  const at = new Date(NOW - HOUR / 2).toISOString().replace(/\.\d+Z$/, 'Z');
  github.seed.edit(REPOSITORY, pull, { by: 'bob', body: '- [x] Rollback tested', at });
  github.seed.review(REPOSITORY, pull, { author: 'bob', state: 'APPROVED' });
  await octokit.rest.issues.createComment({ ...here, issue_number: pull, body: `/approve ${sha}` });
  const options = { ...here, ref: sha, environment: 'staging', auto_merge: false, required_contexts: [] };
  const { data } = await octokit.rest.repos.createDeployment(options);
  if ('id' in data)
    await octokit.rest.repos.createDeploymentStatus({ ...here, deployment_id: data.id, state: 'success' });
  github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
  github.seed.codeScanningAnalysis(REPOSITORY, { sha });
  const runId = github.seed.workflowRun(REPOSITORY, { commit: sha });
  return { ...stage, sha, subject: { ...stage.subject, sha, runId }, runId };
}

const met = new Map<string, Set<string>>();

describe('what a check really asks of GitHub', () => {
  it.each(ASKED)('%s %j: nothing that its table has not', async (check, settings) => {
    const { github, ask, subject } = await inhabited();
    const before = github.requests().length;
    const finding = await ask({ check, ...settings }, subject);
    expect(finding.status, finding.observed).not.toBe('error');
    const asked = github
      .requests()
      .slice(before)
      .map(({ operationId }) => operationId ?? 'none');
    expect(asked.length).toBeGreaterThan(0);
    const askings = askingsOf({ ...settings, check, ledger: 'file' });
    const listed = new Set(askings.flatMap(({ routes }) => routes.map(operationOf)));
    expect([...new Set(asked)].filter((one) => !listed.has(one))).toEqual([]);
    met.set(check, new Set([...(met.get(check) ?? []), ...asked]));
  });

  it.each(CHECKS.filter(({ name }) => ![...BY_THE_LEDGER, ...IN_A_CLONE].includes(name)))(
    '$name, $when: nothing is listed in vain',
    ({ name, routes }) => {
      const seen = met.get(name) ?? new Set();
      const unmet = routes
        .map(operationOf)
        .filter((one) => !seen.has(one) && RARE[`${name}: ${one}`] === undefined);
      expect(unmet).toEqual([]);
    },
  );
});
