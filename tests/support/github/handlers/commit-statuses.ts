import { optionalText, text } from '../json.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { CommitStatus } from '../state/deployments.ts';
import { findCommit } from '../state/git.ts';
import { fullName, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';

const MOST_PER_CONTEXT = 1000;

function statusBody(call: Call, status: CommitStatus): Record<string, unknown> {
  const { id, state, description, context } = status;
  return {
    ...{ id, state, description, context, node_id: nodeId('SC', id), avatar_url: null },
    url: `${repositoryUrl(call)}/statuses/${status.sha}`,
    target_url: status.targetUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
  };
}

const withCreator = (call: Call, status: CommitStatus): unknown => ({
  ...statusBody(call, status),
  creator: user(call, status.creator),
});

/** Newest first. */
const statusesOf = (repository: Repository, sha: string): readonly CommitStatus[] =>
  repository.statuses.filter((status) => status.sha === sha).reverse();

/** https://docs.github.com/rest/commits/statuses#create-a-commit-status: case does not matter. */
const sameContext = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The newest of each context. */
export function latestStatuses(repository: Repository, sha: string): readonly CommitStatus[] {
  const latest = new Map<string, CommitStatus>();
  for (const status of statusesOf(repository, sha)) {
    const key = status.context.toLowerCase();
    if (!latest.has(key)) latest.set(key, status);
  }
  return [...latest.values()];
}

/** https://docs.github.com/rest/commits/statuses#create-a-commit-status */
function createStatus(call: Call): Answer {
  const before = repositoryOf(call);
  const sha = text(call.path, 'sha');
  if (!before.commits.has(sha)) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  const context = text(call.body, 'context');
  const description = optionalText(call.body, 'description') ?? null;
  const tooLong = (field: string, most: number) =>
    invalid({
      resource: 'Status',
      field,
      code: 'custom',
      message: `${field} is too long (maximum is ${most} characters)`,
    });
  if ((description ?? '').length > 140) throw tooLong('description', 140);
  if (context.length > 255) throw tooLong('context', 255);
  const same = before.statuses.filter((one) => one.sha === sha && sameContext(one.context, context));
  if (same.length >= MOST_PER_CONTEXT) {
    const message = 'This SHA and context has reached the maximum number of statuses.';
    throw invalid({ resource: 'Status', code: 'custom', message });
  }
  const { id, repository } = numbered(before);
  const status: CommitStatus = {
    ...{ id, sha, context, description, state: text(call.body, 'state') },
    targetUrl: optionalText(call.body, 'target_url') ?? null,
    creator: call.token.login,
    createdAt: call.now,
  };
  const after = { ...repository, statuses: [...repository.statuses, status] };
  return { status: 201, body: withCreator(call, status), repository: after };
}

function commitOf(call: Call, repository: Repository): string {
  const ref = text(call.path, 'ref');
  const commit = findCommit(repository, ref);
  if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  return commit.sha;
}

/** https://docs.github.com/rest/commits/statuses#get-the-combined-status-for-a-specific-reference */
function combinedState(statuses: readonly CommitStatus[]): string {
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure';
  if (statuses.length === 0 || statuses.some(({ state }) => state === 'pending')) return 'pending';
  return 'success';
}

export const commitStatuses: Handlers = {
  'repos/create-commit-status': createStatus,
  'repos/list-commit-statuses-for-ref': (call) => {
    const repository = repositoryOf(call);
    const found = statusesOf(repository, commitOf(call, repository));
    return { status: 200, list: { items: found.map((status) => withCreator(call, status)) } };
  },
  'repos/get-combined-status-for-ref': (call) => {
    const repository = repositoryOf(call);
    const sha = commitOf(call, repository);
    const latest = latestStatuses(repository, sha);
    const url = `${repositoryUrl(call)}/commits/${sha}`;
    const { name } = repository;
    return {
      status: 200,
      body: {
        ...{
          sha,
          state: combinedState(latest),
          total_count: latest.length,
          url: `${url}/status`,
          commit_url: url,
        },
        repository: {
          id: repository.id,
          name,
          full_name: fullName(repository),
          owner: user(call, repository.owner),
        },
      },
      list: { items: latest.map((status) => statusBody(call, status)), under: 'statuses' },
    };
  },
};
