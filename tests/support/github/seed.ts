import type { Token } from './permissions.ts';
import type { Memory } from './service.ts';
import { filesOf, findCommit, storeBlob, storeCommit, storeFiles } from './state/git.ts';
import { findRepository, put, type Repository, withRepository } from './state/world.ts';

export interface RepositorySeed {
  readonly owner: string;
  readonly name: string;
  readonly private?: boolean;
  readonly defaultBranch?: string;
}

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

/** Puts a repository into a state that GitHub can be in; says `owner/name` wherever one is meant. */
export interface Seed {
  /** With one commit on its default branch. */
  repository(seed: RepositorySeed): Repository;
  /** Returns the SHA. */
  commit(repository: string, seed?: CommitSeed): string;
  tag(repository: string, name: string, commit: string): void;
  token(value: string, token: Token): void;
  /** This many statuses of one context. */
  statuses(repository: string, commit: string, context: string, count: number): void;
}

const FIRST_DAY = Date.parse('2026-01-01T00:00:00Z');

export function newSeed(memory: Memory, clock: () => number): Seed {
  let repositories = 0;
  const known = (name: string): Repository => {
    const found = findRepository(memory.world, name);
    if (found === undefined) throw new Error(`expected a seeded repository, saw ${name}; seed it first`);
    return found;
  };
  const keep = (repository: Repository): void => {
    memory.world = withRepository(memory.world, repository);
  };
  const commit = (name: string, seed: CommitSeed = {}): string => {
    const { repository, sha } = withCommit(known(name), seed, clock());
    keep(repository);
    return sha;
  };
  return {
    repository: (seed) => {
      repositories += 1;
      keep(emptyRepository(seed, repositories));
      commit(`${seed.owner}/${seed.name}`, {
        files: { 'README.md': `# ${seed.name}\n` },
        message: 'Initial commit',
      });
      return known(`${seed.owner}/${seed.name}`);
    },
    commit,
    tag: (name, tag, target) => {
      const repository = known(name);
      keep({ ...repository, refs: put(repository.refs, `refs/tags/${tag}`, shaOf(repository, target)) });
    },
    token: (value, token) => {
      memory.tokens.set(value, token);
    },
    statuses: (name, target, context, count) => {
      const repository = known(name);
      const sha = shaOf(repository, target);
      const createdAt = `${new Date(clock()).toISOString().slice(0, 19)}Z`;
      const status = {
        sha,
        context,
        state: 'pending',
        description: null,
        targetUrl: null,
        creator: 'octocat',
        createdAt,
      };
      const added = Array.from({ length: count }, (_, n) => ({ ...status, id: repository.lastId + n + 1 }));
      keep({
        ...repository,
        lastId: repository.lastId + count,
        statuses: [...repository.statuses, ...added],
      });
    },
  };
}

function emptyRepository(seed: RepositorySeed, id: number): Repository {
  return {
    id,
    owner: seed.owner,
    name: seed.name,
    private: seed.private ?? false,
    defaultBranch: seed.defaultBranch ?? 'main',
    lastId: id * 1_000_000,
    lastNumber: 0,
    blobs: new Map(),
    trees: new Map(),
    commits: new Map(),
    refs: new Map(),
    statuses: [],
    deployments: new Map(),
    issues: new Map(),
    comments: new Map(),
    issueEvents: [],
  };
}

export function shaOf(repository: Repository, name: string): string {
  const commit = findCommit(repository, name);
  if (commit === undefined) throw new Error(`expected a branch, tag or commit, saw ${name}; seed it first`);
  return commit.sha;
}

function withCommit(
  before: Repository,
  seed: CommitSeed,
  now: number,
): { repository: Repository; sha: string } {
  const branch = seed.branch ?? before.defaultBranch;
  const onto = seed.parent ?? (before.refs.has(`refs/heads/${branch}`) ? branch : before.defaultBranch);
  const parent = findCommit(before, onto);
  let repository = before;
  const files = new Map(
    (parent === undefined ? [] : filesOf(before, parent.tree)).map((file) => [file.path, file]),
  );
  for (const [path, content] of Object.entries(seed.files ?? {})) {
    const blob = storeBlob(repository, Buffer.from(content));
    repository = blob.repository;
    files.set(path, { path, mode: '100644', type: 'blob', sha: blob.sha });
  }
  const tree = storeFiles(repository, [...files.values()]);
  const name = seed.author ?? 'octocat';
  const date = new Date(parent === undefined ? FIRST_DAY : now).toISOString().replace(/\.\d+Z$/, 'Z');
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
  return { repository: { ...stored.repository, refs }, sha: stored.sha };
}
