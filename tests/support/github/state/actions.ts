export interface Workflow {
  readonly id: number;
  readonly name: string;
  /** `.github/workflows/deploy.yml` */
  readonly path: string;
  /** Null when it has no `workflow_dispatch`; else whether each input is required. */
  readonly dispatchInputs: Readonly<Record<string, { readonly required: boolean }>> | null;
}

export interface WorkflowRun {
  readonly id: number;
  readonly workflow: number;
  readonly name: string;
  readonly path: string;
  readonly title: string;
  readonly number: number;
  readonly attempt: number;
  readonly event: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly sha: string;
  readonly branch: string | null;
  readonly actor: string;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly updatedAt: string;
}

/** What starts the workflows on `repository_dispatch`. */
export interface Dispatch {
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Job {
  readonly id: number;
  readonly run: number;
  readonly attempt: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly startedAt: string;
  readonly completedAt: string | null;
}

/** A person's yes or no to a run that waits for an environment. */
export interface Approval {
  readonly run: number;
  readonly environments: readonly string[];
  readonly state: 'approved' | 'rejected' | 'pending';
  readonly user: string;
  readonly comment: string;
}

export interface PendingDeployment {
  readonly run: number;
  readonly environment: string;
  /** Minutes. */
  readonly waitTimer: number;
  readonly reviewers: readonly string[];
}
