import type { AttestationFacts } from '../core/checks/attestation.ts';
import type {
  Alert,
  AlertSeverity,
  BodyHistory,
  BranchRules,
  CheckRun,
  Comment,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Issue,
  PullRequest,
  Review,
  RunApproval,
  Tag,
} from '../core/checks/forge-facts.ts';
import type { EpochMs } from '../core/units.ts';

/** What a rollout and its rollback write to GitHub, by the permission that it takes. */
export type RecordWrite = 'contents' | 'deployments' | 'statuses' | 'issues';

export type Attested = Pick<AttestationFacts, 'statements' | 'repository'>;

export type WriteProof =
  /** It was done. */
  | { readonly kind: 'written' }
  /** It was refused for what it said, not for who said it. */
  | { readonly kind: 'let-through' }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * The facts that checks need from GitHub, for one run of a checklist: what was asked once is not asked again.
 * Lists are whole, however many pages they have. Every call ends with the signal that the forge was made with;
 * failures are AdapterErrors.
 */
export interface ForgeFacts {
  readonly defaultBranch: () => Promise<string>;
  readonly checkRuns: (sha: string) => Promise<readonly CheckRun[]>;
  readonly commitStatuses: (sha: string) => Promise<readonly CommitStatus[]>;
  readonly branchRules: (branch: string) => Promise<BranchRules>;
  readonly pullsOfCommit: (sha: string) => Promise<readonly PullRequest[]>;
  readonly pull: (number: number) => Promise<PullRequest>;
  /** In the order in which they were written. */
  readonly reviews: (pull: number) => Promise<readonly Review[]>;
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. */
  readonly permission: (login: string) => Promise<string>;
  /** Both names of a file that was renamed. */
  readonly changedFiles: (pull: number) => Promise<readonly string[]>;
  /** Null when there is no such file. */
  readonly fileAt: (path: string, ref: string) => Promise<string | null>;
  /** The newest thirty, newest first; without their statuses, which are asked for one by one. */
  readonly deployments: (environment: string) => Promise<readonly Deployment[]>;
  /** Newest first. */
  readonly deploymentStatuses: (deployment: number) => Promise<readonly DeploymentStatus[]>;
  /** Those that are open, on this ref. */
  readonly codeScanningAlerts: (ref: string) => Promise<readonly Alert[]>;
  /** Names of the tools that analysed this commit, of the newest hundred analyses of the ref. */
  readonly analyses: (ref: string, sha: string) => Promise<readonly string[]>;
  /** Of one severity, the oldest hundred. */
  readonly dependabotAlerts: (severity: AlertSeverity) => Promise<readonly Alert[]>;
  readonly secretScanningAlerts: () => Promise<readonly Alert[]>;
  /** The commit that the run was started for. */
  readonly runCommit: (run: number) => Promise<string>;
  readonly runApprovals: (run: number) => Promise<readonly RunApproval[]>;
  /** `team` is `organisation/team`. */
  readonly isTeamMember: (team: string, login: string) => Promise<boolean>;
  /** Of an issue or a pull request. */
  readonly comments: (number: number) => Promise<readonly Comment[]>;
  readonly issue: (number: number) => Promise<Issue>;
  /** Of an issue or a pull request; which of them it is says what the token must be allowed. */
  readonly bodyHistory: (kind: 'issue' | 'pull', number: number) => Promise<BodyHistory>;
  /** When GitHub first heard of a commit, as its check suites tell; null where it has none. */
  readonly pushedAt: (sha: string) => Promise<EpochMs | null>;
  readonly openIssues: (label: string) => Promise<readonly Issue[]>;
  /** What was attested of an artefact, `sha256:…`; none where GitHub knows of nothing. Its signatures are not verified. */
  readonly attestations: (digest: string, predicate: string) => Promise<Attested>;
  /** Proves it by a write that leaves nothing behind. */
  readonly mayWrite: (what: RecordWrite) => Promise<WriteProof>;
  readonly tag: (name: string) => Promise<Tag | null>;
}
