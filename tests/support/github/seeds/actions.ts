import { numbered } from '../handlers/call.ts';
import type { Approval, Job, PendingDeployment, Workflow, WorkflowRun } from '../state/actions.ts';
import { put, type Repository } from '../state/world.ts';
import { shaOf } from './commits.ts';
import type { Grown } from './grow.ts';

export interface WorkflowSeed {
  /** `deploy.yml` */
  readonly file: string;
  readonly name?: string;
  /** Left out: the workflow has no `workflow_dispatch`. */
  readonly dispatchInputs?: Readonly<Record<string, { readonly required: boolean }>>;
}

export type RunStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';
export type RunConclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required';

export interface WorkflowRunSeed {
  /** A run that there is gets another attempt; left out: a new run. */
  readonly again?: number;
  /** Its file; left out: `deploy.yml`, seeded here if it is not there. */
  readonly workflow?: string;
  /** A branch, tag or SHA; left out: the default branch. */
  readonly commit?: string;
  readonly branch?: string;
  readonly event?: string;
  /** Left out: `in_progress`. */
  readonly status?: RunStatus;
  readonly conclusion?: RunConclusion;
  readonly actor?: string;
}

export interface JobSeed {
  readonly name: string;
  readonly attempt?: number;
  readonly status?: RunStatus;
  readonly conclusion?: RunConclusion;
}

export function withWorkflow(
  before: Repository,
  seed: WorkflowSeed,
): { repository: Repository; workflow: Workflow } {
  const path = `.github/workflows/${seed.file}`;
  const known = [...before.workflows.values()].find((one) => one.path === path);
  const { id, repository } = known === undefined ? numbered(before) : { id: known.id, repository: before };
  const workflow = {
    id,
    path,
    name: seed.name ?? seed.file,
    dispatchInputs: seed.dispatchInputs ?? known?.dispatchInputs ?? null,
  };
  return { workflow, repository: { ...repository, workflows: put(repository.workflows, id, workflow) } };
}

export function withRun(
  before: Repository,
  seed: WorkflowRunSeed,
  now: string,
): Grown & { readonly id: number } {
  const { workflow, repository: at } = withWorkflow(before, { file: seed.workflow ?? 'deploy.yml' });
  const next = numbered(at);
  const id = seed.again ?? next.id;
  const earlier = at.runs.get(id) ?? [];
  const branch = seed.branch ?? before.defaultBranch;
  const status = seed.status ?? 'in_progress';
  const run: WorkflowRun = {
    ...{
      id,
      branch,
      status,
      workflow: workflow.id,
      name: workflow.name,
      path: workflow.path,
      title: workflow.name,
    },
    ...{
      number: earlier[0]?.number ?? at.runs.size + 1,
      attempt: earlier.length + 1,
      event: seed.event ?? 'push',
    },
    conclusion: status === 'completed' ? (seed.conclusion ?? 'success') : null,
    sha: shaOf(before, seed.commit ?? branch),
    actor: seed.actor ?? 'octocat',
    ...{ createdAt: earlier[0]?.createdAt ?? now, startedAt: now, updatedAt: now },
  };
  const repository = { ...next.repository, runs: put(at.runs, id, [...earlier, run]) };
  return { id, repository, told: { operationId: 'actions/get-workflow-run', path: { run_id: id } } };
}

/** The last attempt of a run goes on, or ends. */
export function withRunState(
  before: Repository,
  id: number,
  status: RunStatus,
  conclusion: RunConclusion | null,
  now: string,
): Grown {
  const attempts = before.runs.get(id) ?? [];
  const last = attempts.at(-1);
  if (last === undefined) throw new Error(`expected a workflow run, saw ${id}; seed it first`);
  const runs = put(before.runs, id, [
    ...attempts.slice(0, -1),
    { ...last, status, conclusion, updatedAt: now },
  ]);
  return {
    repository: { ...before, runs },
    told: { operationId: 'actions/get-workflow-run', path: { run_id: id } },
  };
}

export function withJob(
  before: Repository,
  run: number,
  seed: JobSeed,
  now: string,
): Grown & { readonly id: number } {
  const { id, repository } = numbered(before);
  const status = seed.status ?? 'in_progress';
  const isDone = status === 'completed';
  const job: Job = {
    ...{ id, run, status, name: seed.name, attempt: seed.attempt ?? before.runs.get(run)?.length ?? 1 },
    ...{
      conclusion: isDone ? (seed.conclusion ?? 'success') : null,
      startedAt: now,
      completedAt: isDone ? now : null,
    },
  };
  const told = { operationId: 'actions/list-jobs-for-workflow-run', path: { run_id: run } };
  return { id, repository: { ...repository, jobs: [...repository.jobs, job] }, told };
}

export function withApproval(before: Repository, approval: Approval): Grown {
  const told = { operationId: 'actions/get-reviews-for-run', path: { run_id: approval.run } };
  return { repository: { ...before, approvals: [...before.approvals, approval] }, told };
}

export function withPending(before: Repository, pending: PendingDeployment): Grown {
  const told = { operationId: 'actions/get-pending-deployments-for-run', path: { run_id: pending.run } };
  return { repository: { ...before, pending: [...before.pending, pending] }, told };
}
