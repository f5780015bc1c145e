import { numbered } from '../handlers/call.ts';
import { suiteOf } from '../handlers/checks.ts';
import type { CheckRun } from '../state/checks.ts';
import { type BodyEdit, type Issue, withBody } from '../state/issues.ts';
import type { Pull, Review } from '../state/pulls.ts';
import { fullName, put, type Repository } from '../state/world.ts';
import { shaOf } from './commits.ts';
import type { Grown } from './grow.ts';

export interface PullSeed {
  /** A branch of this repository, or of a fork of it. */
  readonly head: string;
  /** The fork's `owner/name`; left out: this repository. */
  readonly fork?: string;
  /** Left out: the default branch. */
  readonly base?: string;
  readonly title?: string;
  readonly body?: string;
  readonly author?: string;
  readonly draft?: boolean;
  readonly mergeable?: boolean | null;
  readonly mergeableState?: string;
  readonly labels?: readonly string[];
  readonly merged?: { readonly by: string; readonly commit: string };
}

export interface ReviewSeed {
  readonly author: string;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  /** Left out: the head of the pull request. */
  readonly commit?: string;
  readonly body?: string;
  readonly association?: 'OWNER' | 'MEMBER' | 'COLLABORATOR' | 'CONTRIBUTOR' | 'NONE';
}

export interface CheckRunSeed {
  /** A branch, tag or SHA. */
  readonly commit: string;
  readonly name: string;
  readonly app?: string;
  readonly status?: 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';
  /** Left out: `success` for what is completed. */
  readonly conclusion?: NonNullable<CheckRun['conclusion']>;
  readonly title?: string;
  readonly summary?: string;
}

export function withPull(
  before: Repository,
  seed: PullSeed,
  now: string,
): Grown & { readonly number: number } {
  const { id, repository } = numbered(before);
  const number = before.lastNumber + 1;
  const base = seed.base ?? before.defaultBranch;
  const author = seed.author ?? 'octocat';
  const pull: Pull = {
    ...{
      id,
      number,
      author,
      title: seed.title ?? seed.head,
      body: seed.body ?? null,
      draft: seed.draft ?? false,
    },
    state: seed.merged === undefined ? 'open' : 'closed',
    head: { ref: seed.head, sha: shaOf(before, seed.head), repository: seed.fork ?? fullName(before) },
    base: { ref: base, sha: shaOf(before, base) },
    mergedAt: seed.merged === undefined ? null : now,
    mergedBy: seed.merged?.by ?? null,
    mergeCommit: seed.merged === undefined ? null : shaOf(before, seed.merged.commit),
    mergeable: seed.mergeable === undefined ? true : seed.mergeable,
    mergeableState: seed.mergeableState ?? 'clean',
    ...{ labels: seed.labels ?? [], createdAt: now, updatedAt: now },
  };
  const issue: Issue = {
    ...{
      id,
      number,
      title: pull.title,
      body: pull.body,
      state: pull.state,
      stateReason: null,
      isPull: true,
      edits: [],
    },
    ...{
      labels: pull.labels,
      assignees: [],
      creator: author,
      createdAt: now,
      updatedAt: now,
      closedAt: pull.mergedAt,
    },
  };
  const after = {
    ...repository,
    lastNumber: number,
    pulls: put(before.pulls, number, pull),
    issues: put(before.issues, number, issue),
  };
  return { number, repository: after, told: { operationId: 'pulls/get', path: { pull_number: number } } };
}

export interface EditSeed {
  readonly by: string | null;
  readonly body: string;
  /** ISO 8601, whole seconds; left out: now. */
  readonly at?: string;
}

/** Somebody writes another body into an issue or a pull request. */
export function withEdit(before: Repository, number: number, seed: EditSeed, now: string): Grown {
  const issue = before.issues.get(number);
  if (issue === undefined)
    throw new Error(`expected an issue or a pull request, saw ${number}; seed it first`);
  return withIssue(before, withBody(issue, seed.body, seed.by, seed.at ?? now));
}

/** An edit as GitHub keeps it when its content is deleted or, being older than the history, was never kept. */
export function withoutEditBody(before: Repository, number: number, nth: number, deletedBy?: string): Grown {
  const issue = before.issues.get(number);
  if (issue === undefined)
    throw new Error(`expected an issue or a pull request, saw ${number}; seed it first`);
  const edits = issue.edits.map(
    (edit, at): BodyEdit =>
      at === nth ? { ...edit, body: null, ...(deletedBy === undefined ? {} : { deletedBy }) } : edit,
  );
  return withIssue(before, { ...issue, edits });
}

function withIssue(before: Repository, issue: Issue): Grown {
  const { number, body } = issue;
  const pull = before.pulls.get(number);
  const pulls = pull === undefined ? before.pulls : put(before.pulls, number, { ...pull, body });
  const repository = { ...before, pulls, issues: put(before.issues, number, issue) };
  return { repository, told: { operationId: 'issues/get', path: { issue_number: number } } };
}

export interface IssueSeed {
  readonly title?: string;
  readonly body?: string;
  readonly author?: string;
  readonly labels?: readonly string[];
  /** ISO 8601, whole seconds; left out: now. */
  readonly at?: string;
}

export function withNewIssue(
  before: Repository,
  seed: IssueSeed,
  now: string,
): Grown & { readonly number: number } {
  const { id, repository } = numbered(before);
  const number = before.lastNumber + 1;
  const at = seed.at ?? now;
  const issue: Issue = {
    ...{ id, number, title: seed.title ?? 'An issue', body: seed.body ?? null, state: 'open' },
    ...{ stateReason: null, isPull: false, edits: [], labels: seed.labels ?? [], assignees: [] },
    ...{ creator: seed.author ?? 'octocat', createdAt: at, updatedAt: at, closedAt: null },
  };
  return { ...withIssue({ ...repository, lastNumber: number }, issue), number };
}

export function withReview(before: Repository, number: number, seed: ReviewSeed, submittedAt: string): Grown {
  const pull = before.pulls.get(number);
  if (pull === undefined) throw new Error(`expected a pull request, saw ${number}; seed it first`);
  const { id, repository } = numbered(before);
  const sha = seed.commit === undefined ? pull.head.sha : shaOf(before, seed.commit);
  const review: Review = {
    ...{ id, sha, submittedAt, pull: number, author: seed.author, state: seed.state, body: seed.body ?? '' },
    association: seed.association ?? 'MEMBER',
  };
  const told = { operationId: 'pulls/list-reviews', path: { pull_number: number } };
  return { repository: { ...repository, reviews: [...repository.reviews, review] }, told };
}

export function withCheckRun(
  before: Repository,
  seed: CheckRunSeed,
  now: string,
): Grown & { readonly id: number } {
  const { id, repository } = numbered(before);
  const sha = shaOf(before, seed.commit);
  const app = seed.app ?? 'github-actions';
  const status = seed.status ?? 'completed';
  const isDone = status === 'completed';
  const run: CheckRun = {
    ...{ id, sha, app, status, name: seed.name, suite: suiteOf(before, sha, app) ?? id },
    conclusion: isDone ? (seed.conclusion ?? 'success') : null,
    ...{ startedAt: now, completedAt: isDone ? now : null, externalId: '', detailsUrl: null },
    output: { title: seed.title ?? null, summary: seed.summary ?? null, text: null, annotations: 0 },
  };
  const told = { operationId: 'checks/list-for-ref', path: { ref: sha } };
  return { id, repository: { ...repository, checkRuns: put(before.checkRuns, id, run) }, told };
}
