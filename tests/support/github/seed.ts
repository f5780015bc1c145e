import type { Token } from './permissions.ts';
import * as actions from './seeds/actions.ts';
import * as alerts from './seeds/alerts.ts';
import { type CommitSeed, withCommit, withStatuses, withTag } from './seeds/commits.ts';
import { groundOf } from './seeds/grow.ts';
import * as policies from './seeds/policies.ts';
import * as reviewing from './seeds/reviewing.ts';
import * as supply from './seeds/supply.ts';
import type { Memory } from './service.ts';
import type { Approval, PendingDeployment } from './state/actions.ts';
import type { Scanner } from './state/alerts.ts';
import type { BranchRule } from './state/policies.ts';
import { emptyRepository, fullName, put, type Repository, withRepository } from './state/world.ts';

export interface RepositorySeed {
  readonly owner: string;
  readonly name: string;
  readonly private?: boolean;
  readonly defaultBranch?: string;
  /** Left out: all are on, and have found nothing. */
  readonly scannersOff?: readonly Scanner[];
}

export type Seed = ReturnType<typeof newSeed>;

/** Puts a repository, always named as `owner/name`, into a state that GitHub can be in. Times are those of `clock`. */
export function newSeed(memory: Memory, clock: () => number) {
  const { known, grow } = groundOf(memory, clock);
  return {
    /** With one commit on its default branch. */
    repository: (seed: RepositorySeed): Repository => {
      const { owner, name, private: isPrivate = false, defaultBranch = 'main', scannersOff = [] } = seed;
      const facts = {
        owner,
        name,
        private: isPrivate,
        defaultBranch,
        scannersOff,
        id: memory.world.repositories.size + 1,
      };
      memory.world = withRepository(memory.world, emptyRepository(facts));
      const first = { files: { 'README.md': `# ${name}\n` }, message: 'Initial commit' };
      grow(fullName(seed), (before) => withCommit(before, first, '2026-01-01T00:00:00Z'));
      return known(fullName(seed));
    },
    /** Returns the SHA. */
    commit: (repository: string, seed: CommitSeed = {}): string =>
      grow(repository, (before, now) => withCommit(before, seed, now)).sha,
    tag: (repository: string, tag: string, target: string): void => {
      grow(repository, (before) => withTag(before, tag, target));
    },
    /** With an object of its own, signed if so said. */
    annotatedTag: (repository: string, tag: string, target: string, seed: supply.TagSeed = {}): void => {
      grow(repository, (before, now) => supply.withAnnotatedTag(before, tag, target, seed, now));
    },
    attestation: (repository: string, seed: supply.AttestationSeed): void => {
      grow(repository, (before) => supply.withAttestation(before, seed));
    },
    token: (value: string, token: Token): void => {
      memory.tokens.set(value, token);
    },
    /** As when its job ends or its six hours are over. */
    revokeToken: (value: string): void => {
      memory.tokens.delete(value);
    },
    team: (name: `${string}/${string}`, members: Readonly<Record<string, 'member' | 'maintainer'>>): void => {
      memory.world = {
        ...memory.world,
        teams: put(memory.world.teams, name, new Map(Object.entries(members))),
      };
    },
    /** This many statuses of one context. */
    statuses: (repository: string, commit: string, context: string, count: number): void => {
      grow(repository, (before, now) => withStatuses(before, commit, context, count, now));
    },
    /** Returns the id. */
    checkRun: (repository: string, seed: reviewing.CheckRunSeed): number =>
      grow(repository, (before, now) => reviewing.withCheckRun(before, seed, now)).id,
    /** Returns the number. */
    pull: (repository: string, seed: reviewing.PullSeed): number =>
      grow(repository, (before, now) => reviewing.withPull(before, seed, now)).number,
    /** Returns the number. */
    issue: (repository: string, seed: reviewing.IssueSeed = {}): number =>
      grow(repository, (before, now) => reviewing.withNewIssue(before, seed, now)).number,
    /** Of the body of an issue or a pull request. */
    edit: (repository: string, number: number, seed: reviewing.EditSeed): void => {
      grow(repository, (before, now) => reviewing.withEdit(before, number, seed, now));
    },
    /** Of the nth edit, the making being 0, nobody knows the body any more. */
    editBodyGone: (repository: string, number: number, nth: number, deletedBy?: string): void => {
      grow(repository, (before) => reviewing.withoutEditBody(before, number, nth, deletedBy));
    },
    review: (repository: string, pull: number, seed: reviewing.ReviewSeed): void => {
      grow(repository, (before, now) => reviewing.withReview(before, pull, seed, now));
    },
    workflow: (repository: string, seed: actions.WorkflowSeed): void => {
      memory.world = withRepository(memory.world, actions.withWorkflow(known(repository), seed).repository);
    },
    /** Returns the id. */
    workflowRun: (repository: string, seed: actions.WorkflowRunSeed = {}): number =>
      grow(repository, (before, now) => actions.withRun(before, seed, now)).id,
    workflowRunState: (
      repository: string,
      run: number,
      status: actions.RunStatus,
      conclusion: actions.RunConclusion | null = null,
    ): void => {
      grow(repository, (before, now) => actions.withRunState(before, run, status, conclusion, now));
    },
    job: (repository: string, run: number, seed: actions.JobSeed): number =>
      grow(repository, (before, now) => actions.withJob(before, run, seed, now)).id,
    approval: (repository: string, approval: Approval): void => {
      grow(repository, (before) => actions.withApproval(before, approval));
    },
    pendingDeployment: (repository: string, pending: PendingDeployment): void => {
      grow(repository, (before) => actions.withPending(before, pending));
    },
    environment: (repository: string, seed: policies.EnvironmentSeed): void => {
      grow(repository, (before, now) => policies.withEnvironment(before, seed, now));
    },
    protection: (repository: string, seed: policies.ProtectionSeed): void => {
      grow(repository, (before) => policies.withProtection(before, seed));
    },
    branchRule: (repository: string, rule: BranchRule): void => {
      grow(repository, (before) => policies.withBranchRule(before, rule));
    },
    collaborator: (
      repository: string,
      login: string,
      role: 'admin' | 'maintain' | 'write' | 'triage' | 'read',
    ): void => {
      grow(repository, (before) => policies.withCollaborator(before, login, role));
    },
    release: (repository: string, seed: policies.ReleaseSeed): void => {
      grow(repository, (before, now) => policies.withRelease(before, seed, now));
    },
    codeScanningAlert: (repository: string, seed: alerts.CodeScanningAlertSeed = {}): void => {
      grow(repository, (before, now) => alerts.withCodeScanningAlert(before, seed, now));
    },
    codeScanningAnalysis: (repository: string, seed: alerts.AnalysisSeed = {}): void => {
      grow(repository, (before, now) => alerts.withAnalysis(before, seed, now));
    },
    dependabotAlert: (repository: string, seed: alerts.DependabotAlertSeed = {}): void => {
      grow(repository, (before, now) => alerts.withDependabotAlert(before, seed, now));
    },
    secretAlert: (repository: string, seed: alerts.SecretAlertSeed = {}): void => {
      grow(repository, (before, now) => alerts.withSecretAlert(before, seed, now));
    },
  } as const;
}
