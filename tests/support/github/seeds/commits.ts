import { filesOf, findCommit, storeBlob, storeCommit, storeFiles } from '../state/git.ts';
import { put, type Repository } from '../state/world.ts';
import type { Grown } from './grow.ts';

export interface CommitSeed {
  /** Moved to the new commit, and made if it is new; left out: the default branch. */
  readonly branch?: string;
  /** Text by path, on top of the parent's files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** A branch, tag or SHA; left out: where the branch is, else where the default branch is. */
  readonly parent?: string;
  readonly author?: string;
}

export function shaOf(repository: Repository, name: string): string {
  const commit = findCommit(repository, name);
  if (commit === undefined) throw new Error(`expected a branch, tag or commit, saw ${name}; seed it first`);
  return commit.sha;
}

export function withCommit(
  before: Repository,
  seed: CommitSeed,
  date: string,
): Grown & { readonly sha: string } {
  const branch = seed.branch ?? before.defaultBranch;
  const onto = seed.parent ?? (before.refs.has(`refs/heads/${branch}`) ? branch : before.defaultBranch);
  const parent = findCommit(before, onto);
  let repository = before;
  const inherited = parent === undefined ? [] : filesOf(before, parent.tree);
  const files = new Map(inherited.map((file) => [file.path, file]));
  for (const [path, content] of Object.entries(seed.files ?? {})) {
    const blob = storeBlob(repository, Buffer.from(content));
    repository = blob.repository;
    files.set(path, { path, mode: '100644', type: 'blob', sha: blob.sha });
  }
  const tree = storeFiles(repository, [...files.values()]);
  const name = seed.author ?? 'octocat';
  const author = { name, email: `${name}@users.noreply.github.com`, date };
  const message = seed.message ?? `Change ${repository.commits.size}`;
  const parents = parent === undefined ? [] : [parent.sha];
  const stored = storeCommit(tree.repository, {
    tree: tree.sha,
    parents,
    author,
    committer: author,
    message,
  });
  const refs = put(stored.repository.refs, `refs/heads/${branch}`, stored.sha);
  const told = { operationId: 'git/get-commit', path: { commit_sha: stored.sha } };
  return { repository: { ...stored.repository, refs }, sha: stored.sha, told };
}

export function withTag(before: Repository, tag: string, target: string): Grown {
  const refs = put(before.refs, `refs/tags/${tag}`, shaOf(before, target));
  return {
    repository: { ...before, refs },
    told: { operationId: 'git/get-ref', path: { ref: `tags/${tag}` } },
  };
}

/** This many statuses of one context. */
export function withStatuses(
  before: Repository,
  commit: string,
  context: string,
  count: number,
  createdAt: string,
): Grown {
  const sha = shaOf(before, commit);
  const status = {
    sha,
    context,
    state: 'pending',
    description: null,
    targetUrl: null,
    creator: 'octocat',
    createdAt,
  };
  const added = Array.from({ length: count }, (_, n) => ({ ...status, id: before.lastId + n + 1 }));
  const statuses = [...before.statuses, ...added];
  const told = { operationId: 'repos/list-commit-statuses-for-ref', path: { ref: sha } };
  return { repository: { ...before, lastId: before.lastId + count, statuses }, told };
}
