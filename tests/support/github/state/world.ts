import type { Approval, Dispatch, Job, PendingDeployment, Workflow, WorkflowRun } from './actions.ts';
import type {
  CodeScanningAlert,
  CodeScanningAnalysis,
  DependabotAlert,
  Scanner,
  SecretAlert,
} from './alerts.ts';
import type { CheckRun } from './checks.ts';
import type { CommitStatus, Deployment } from './deployments.ts';
import type { GitCommit, TreeEntry } from './git.ts';
import type { Comment, Issue, IssueEvent } from './issues.ts';
import type { BranchRule, Environment, Protection, Release } from './policies.ts';
import type { Pull, Review } from './pulls.ts';
import type { Attestation, TagObject } from './supply.ts';

/** Never changed, only replaced: an earlier world stays whole, so that a stale answer can be given from it. */
export interface World {
  readonly repositories: ReadonlyMap<string, Repository>;
  /** `organization/team` to its members and their roles. */
  readonly teams: ReadonlyMap<string, ReadonlyMap<string, 'member' | 'maintainer'>>;
}

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  /** Scanners that nobody switched on. */
  readonly scannersOff: readonly Scanner[];
  /** The last id and the last issue or pull request number given out. */
  readonly lastId: number;
  readonly lastNumber: number;
  /** Base64 by SHA. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly trees: ReadonlyMap<string, readonly TreeEntry[]>;
  readonly commits: ReadonlyMap<string, GitCommit>;
  /** Annotated tags by the SHA of their own object. */
  readonly tags: ReadonlyMap<string, TagObject>;
  /** SHA by full name: `refs/heads/main`. */
  readonly refs: ReadonlyMap<string, string>;
  readonly statuses: readonly CommitStatus[];
  readonly checkRuns: ReadonlyMap<number, CheckRun>;
  readonly deployments: ReadonlyMap<number, Deployment>;
  readonly issues: ReadonlyMap<number, Issue>;
  readonly comments: ReadonlyMap<number, Comment>;
  readonly issueEvents: readonly IssueEvent[];
  readonly pulls: ReadonlyMap<number, Pull>;
  readonly reviews: readonly Review[];
  readonly workflows: ReadonlyMap<number, Workflow>;
  /** All attempts of a run, the first one first. */
  /** Events that somebody outside has sent, oldest first. */
  readonly dispatches: readonly Dispatch[];
  readonly runs: ReadonlyMap<number, readonly WorkflowRun[]>;
  readonly jobs: readonly Job[];
  readonly approvals: readonly Approval[];
  readonly pending: readonly PendingDeployment[];
  readonly environments: ReadonlyMap<string, Environment>;
  readonly protections: ReadonlyMap<string, Protection>;
  readonly branchRules: readonly BranchRule[];
  /** By login: `admin`, `maintain`, `write`, `triage` or `read`. */
  readonly collaborators: ReadonlyMap<string, string>;
  readonly releases: readonly Release[];
  readonly codeScanningAlerts: readonly CodeScanningAlert[];
  readonly analyses: readonly CodeScanningAnalysis[];
  readonly dependabotAlerts: readonly DependabotAlert[];
  readonly secretAlerts: readonly SecretAlert[];
  readonly attestations: readonly Attestation[];
}

export const emptyWorld: World = { repositories: new Map(), teams: new Map() };

type Facts = Pick<Repository, 'id' | 'owner' | 'name' | 'private' | 'defaultBranch' | 'scannersOff'>;

export function emptyRepository(facts: Facts): Repository {
  return {
    ...facts,
    ...{ lastId: facts.id * 1_000_000, lastNumber: 0 },
    ...{ blobs: new Map(), trees: new Map(), commits: new Map(), tags: new Map(), refs: new Map() },
    ...{ statuses: [], checkRuns: new Map(), deployments: new Map() },
    ...{ issues: new Map(), comments: new Map(), issueEvents: [], pulls: new Map(), reviews: [] },
    ...{ workflows: new Map(), dispatches: [], runs: new Map(), jobs: [], approvals: [], pending: [] },
    ...{
      environments: new Map(),
      protections: new Map(),
      branchRules: [],
      collaborators: new Map(),
      releases: [],
    },
    ...{ codeScanningAlerts: [], analyses: [], dependabotAlerts: [], secretAlerts: [], attestations: [] },
  };
}

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
