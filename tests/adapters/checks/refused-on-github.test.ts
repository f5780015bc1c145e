import { describe, expect, it } from 'vitest';
import { findingOf } from '../../support/check-context.ts';
import type { FaultRule } from '../../support/github/faults.ts';
import { REPOSITORY } from '../../support/on-github.ts';
import { type Stage, stageOnGitHub } from './on-github.ts';

/** A change that everybody is content with: merged after a review, with an item that bob ticked. */
async function content(): Promise<Stage> {
  const stage = await stageOnGitHub();
  const { github } = stage;
  const head = github.seed.commit(REPOSITORY, { branch: 'change', files: { 'a.txt': 'a' } });
  github.seed.commit(REPOSITORY, { files: { CODEOWNERS: '* @bob\n' } });
  github.seed.collaborator(REPOSITORY, 'bob', 'write');
  github.seed.protection(REPOSITORY, {
    branch: 'main',
    approvals: 1,
    codeOwners: true,
    requiredChecks: ['unit'],
  });
  const pull = github.seed.pull(REPOSITORY, { head: 'change', author: 'ada', body: '- [ ] Rollback tested' });
  github.seed.edit(REPOSITORY, pull, { by: 'bob', body: '- [x] Rollback tested' });
  github.seed.review(REPOSITORY, pull, { author: 'bob', state: 'APPROVED' });
  github.seed.checkRun(REPOSITORY, { commit: head, name: 'unit' });
  github.seed.codeScanningAnalysis(REPOSITORY, { sha: head });
  const runId = github.seed.workflowRun(REPOSITORY, { commit: head });
  const approval = {
    run: runId,
    environments: ['production'],
    state: 'approved',
    user: 'bob',
    comment: '',
  } as const;
  github.seed.approval(REPOSITORY, approval);
  github.seed.team('shine/qa', { bob: 'member' });
  return { ...stage, subject: { ...stage.subject, sha: head, runId } };
}

const CHECKS: readonly object[] = [
  { check: 'ci-status', require: 'required' },
  { check: 'review' },
  { check: 'approval' },
  { check: 'approval', from: 'review', team: 'shine/qa' },
  { check: 'security-scan' },
  { check: 'freeze', 'incident-label': 'incident' },
  { check: 'checkbox', text: 'Rollback tested', team: 'shine/qa', 'allow-self': false },
];

/** Every request that the check sends when all is well. */
async function requestsOf(entry: object): Promise<string[]> {
  const { github, context, subject } = await content();
  expect(await findingOf(entry, context(), subject)).toMatchObject({ status: 'pass' });
  return [...new Set(github.requests().map(({ operationId }) => operationId ?? ''))];
}

describe('when GitHub answers all requests of a check but one', () => {
  it.each(CHECKS)(
    '%j is an error, never a pass',
    async (entry) => {
      for (const operation of await requestsOf(entry)) {
        const { github, context, subject } = await content();
        const fault = {
          do: 'refuse',
          status: 403,
          message: 'Resource not accessible by integration',
        } as const;
        const rule: FaultRule = { fault, operations: [operation], times: 'always' };
        github.fault(rule);
        const finding = await findingOf(entry, context(), subject);
        expect(finding, operation).toMatchObject({ status: 'error', code: 'unauthorized' });
      }
    },
    60_000,
  );
});
