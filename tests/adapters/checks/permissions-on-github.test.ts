import { describe, expect, it } from 'vitest';
import { findingOf } from '../../support/check-context.ts';
import type { Access } from '../../support/github/permissions.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { stageOnGitHub } from './on-github.ts';

/** What docs/guide/preflight.md says that each check needs. */
const NEEDS: readonly (readonly [string, object, readonly string[]])[] = [
  ['ci-status', { require: ['unit'] }, ['checks', 'statuses']],
  ['ci-status', { require: 'required' }, ['checks', 'statuses', 'contents']],
  ['review', { 'code-owners': 'always' }, ['pull-requests', 'contents']],
  ['approval', { from: 'environment' }, ['actions']],
  ['approval', { from: 'review' }, ['pull-requests']],
  ['approval', { from: 'comment', people: ['bob'], issue: 1 }, ['issues']],
  ['approval', { from: 'review', team: 'shine/release' }, ['pull-requests', 'members']],
  ['deployed', {}, ['deployments']],
  ['e2e', {}, ['statuses']],
  ['load-test', {}, ['statuses']],
  ['security-scan', { sources: ['code-scanning'] }, ['security-events']],
  ['security-scan', { sources: ['dependabot'] }, ['vulnerability-alerts']],
  ['security-scan', { sources: ['secret-scanning'] }, ['secret-scanning-alerts']],
  ['freeze', { 'incident-label': 'incident' }, ['issues']],
  ['checkbox', { text: 'Rollback tested' }, ['pull-requests']],
  ['checkbox', { text: 'Rollback tested', issue: 1 }, ['issues']],
  ['checkbox', { text: 'Rollback tested', 'allow-self': false }, ['pull-requests']],
  ['checkbox', { text: 'Rollback tested', team: 'shine/qa' }, ['pull-requests', 'members']],
  ['checkbox', { text: 'Rollback tested', 'since-commit': true }, ['pull-requests', 'checks']],
];

const read = (names: readonly string[]): Record<string, Access> =>
  Object.fromEntries(names.map((name) => [name, 'read']));

/** A repository in which every check finds something to look at. */
async function inhabited() {
  const stage = await stageOnGitHub();
  const { github } = stage;
  const sha = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' } });
  const pull = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada', body: '- [x] Rollback tested' });
  github.seed.checkRun(REPOSITORY, { commit: sha, name: 'unit' });
  github.seed.review(REPOSITORY, pull, { author: 'bob', state: 'APPROVED' });
  const runId = github.seed.workflowRun(REPOSITORY, { commit: sha });
  return { ...stage, subject: { ...stage.subject, sha, runId } };
}

describe('the permissions that a check needs', () => {
  it.each(NEEDS)('%s %j: %j are enough', async (check, more, names) => {
    const { context, subject } = await inhabited();
    const finding = await findingOf({ check, ...more }, context(read(names)), subject);
    expect(finding.code).not.toBe('unauthorized');
    expect(finding.status).not.toBe('error');
  });

  it.each(NEEDS)('%s %j: without one of %j it is an error that names it', async (check, more, names) => {
    const { context, subject } = await inhabited();
    for (const gone of names) {
      const left = names.filter((name) => name !== gone);
      const finding = await findingOf({ check, ...more }, context(read(left)), subject);
      expect(finding, gone).toMatchObject({ status: 'error', code: 'unauthorized' });
      expect(finding.observed).toContain(gone);
    }
  });
});
