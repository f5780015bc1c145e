import type { EpochMs } from '../units.ts';

/* What the checks know of GitHub, in plain data. */

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  /** Id of the app that made it; two apps may use one name. */
  readonly app: number;
  readonly status: string;
  readonly conclusion: string | null;
  readonly url: string | null;
  /** The workflow run that it belongs to, where its link tells. */
  readonly workflowRun: number | null;
}

export interface CommitStatus {
  readonly id: number;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly url: string | null;
  readonly creator: string;
  readonly at: EpochMs;
}

export interface RequiredCheck {
  readonly name: string;
  /** Only this app's run counts; null for any. */
  readonly app: number | null;
}

/** What a branch asks of a change, by classic protection and rulesets together. */
export interface BranchRules {
  readonly checks: readonly RequiredCheck[];
  /** Null where no reviews are required. */
  readonly reviews: { readonly approvals: number; readonly codeOwners: boolean } | null;
}

export interface PullRequest {
  readonly number: number;
  readonly author: string;
  readonly base: string;
  readonly head: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  /** The commit that the merge made. */
  readonly mergeCommit: string | null;
  readonly body: string;
  readonly url: string;
}

export interface Review {
  readonly id: number;
  readonly author: string;
  readonly state: string;
  /** The head of the pull request when it was written. */
  readonly commit: string | null;
  readonly at: EpochMs;
  readonly url: string;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
}

export interface DeploymentStatus {
  readonly state: string;
  readonly at: EpochMs;
  readonly url: string | null;
}

export interface Alert {
  readonly kind: 'code-scanning' | 'dependabot' | 'secret-scanning';
  readonly severity: AlertSeverity;
  readonly title: string;
  /** Null where nobody knows: then it is old enough to count. */
  readonly at: EpochMs | null;
  readonly url: string;
}

export const ALERT_SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export interface RunApproval {
  readonly state: string;
  readonly by: string;
  readonly environments: readonly string[];
  readonly comment: string;
}

export interface Comment {
  readonly author: string;
  readonly body: string;
  readonly at: EpochMs;
  /** Since it was written, by whomever: its words may be another's. */
  readonly edited: boolean;
  readonly url: string;
}

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
}

export interface Tag {
  readonly commit: string;
  /** Null for a lightweight tag, which cannot be signed. */
  readonly signature: { readonly verified: boolean; readonly reason: string } | null;
}

/** A body as somebody left it. */
export interface BodyEdit {
  readonly by: string;
  readonly at: EpochMs;
  /** Null where nobody kept it, or somebody took it out of the history. */
  readonly body: string | null;
}

export interface BodyHistory {
  readonly author: string;
  readonly body: string;
  /** Oldest first; there is always one. */
  readonly edits: readonly BodyEdit[];
  /** Whether the first of them made it. */
  readonly isWhole: boolean;
}
