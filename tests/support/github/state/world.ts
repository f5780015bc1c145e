import type { CommitStatus, Deployment } from './deployments.ts';
import type { GitCommit, TreeEntry } from './git.ts';
import type { Comment, Issue, IssueEvent } from './issues.ts';

/** Never changed, only replaced: an earlier world stays whole, so that a stale answer can be given from it. */
export interface World {
  readonly repositories: ReadonlyMap<string, Repository>;
}

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  /** The last id and the last issue or pull request number given out. */
  readonly lastId: number;
  readonly lastNumber: number;
  /** Base64 by SHA. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly trees: ReadonlyMap<string, readonly TreeEntry[]>;
  readonly commits: ReadonlyMap<string, GitCommit>;
  /** SHA by full name: `refs/heads/main`. */
  readonly refs: ReadonlyMap<string, string>;
  readonly statuses: readonly CommitStatus[];
  readonly deployments: ReadonlyMap<number, Deployment>;
  readonly issues: ReadonlyMap<number, Issue>;
  readonly comments: ReadonlyMap<number, Comment>;
  readonly issueEvents: readonly IssueEvent[];
}

export const emptyWorld: World = { repositories: new Map() };

export const fullName = (repository: { readonly owner: string; readonly name: string }): string =>
  `${repository.owner}/${repository.name}`;

/** GitHub takes no notice of case in names of owners and repositories. */
const keyOf = (name: string): string => name.toLowerCase();

export function findRepository(world: World, name: string): Repository | undefined {
  return world.repositories.get(keyOf(name));
}

export function withRepository(world: World, repository: Repository): World {
  return { ...world, repositories: put(world.repositories, keyOf(fullName(repository)), repository) };
}

export function put<Key, Value>(
  map: ReadonlyMap<Key, Value>,
  key: Key,
  value: Value,
): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}

export function without<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  return new Map([...map].filter(([known]) => known !== key));
}
