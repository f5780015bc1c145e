import { type Fields, fields, flag, integer, text } from '../json.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Job, Workflow, WorkflowRun } from '../state/actions.ts';
import { findCommit } from '../state/git.ts';
import { fullName, put, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  numberFrom,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';

const runUrl = (call: Call, run: number): string => `${repositoryUrl(call)}/actions/runs/${run}`;

function repositoryBody(call: Call, repository: Repository): unknown {
  const { id, name, private: isPrivate, owner } = repository;
  const full_name = fullName(repository);
  return { id, name, full_name, private: isPrivate, owner: user(call, owner), url: repositoryUrl(call) };
}

function runBody(call: Call, repository: Repository, run: WorkflowRun): unknown {
  const { id, name, path, event, status, conclusion } = run;
  const url = runUrl(call, id);
  const commit = repository.commits.get(run.sha);
  return {
    ...{ id, name, path, event, status, conclusion, url, html_url: url, node_id: nodeId('WFR', id) },
    ...{
      run_number: run.number,
      run_attempt: run.attempt,
      display_title: run.title,
      workflow_id: run.workflow,
    },
    ...{ head_sha: run.sha, head_branch: run.branch, pull_requests: [] },
    ...{ created_at: run.createdAt, updated_at: run.updatedAt, run_started_at: run.startedAt },
    actor: user(call, run.actor),
    triggering_actor: user(call, run.actor),
    ...{ jobs_url: `${url}/jobs`, logs_url: `${url}/logs`, artifacts_url: `${url}/artifacts` },
    ...{ cancel_url: `${url}/cancel`, rerun_url: `${url}/rerun` },
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${repositoryUrl(call)}/actions/workflows/${run.workflow}`,
    head_commit:
      commit === undefined
        ? null
        : { id: commit.sha, tree_id: commit.tree, message: commit.message, timestamp: commit.committer.date },
    repository: repositoryBody(call, repository),
    head_repository: repositoryBody(call, repository),
  };
}

function attemptsOf(call: Call): readonly WorkflowRun[] {
  const found = repositoryOf(call).runs.get(integer(call.path, 'run_id'));
  if (found === undefined) throw notFound();
  return found;
}

function jobBody(call: Call, run: WorkflowRun, job: Job): unknown {
  const { id, name, status, conclusion } = job;
  const url = `${repositoryUrl(call)}/actions/jobs/${id}`;
  return {
    ...{ id, name, status, conclusion, url, html_url: url, node_id: nodeId('CR', id) },
    ...{ run_id: run.id, run_url: runUrl(call, run.id), run_attempt: job.attempt, workflow_name: run.name },
    ...{ head_sha: run.sha, head_branch: run.branch, created_at: job.startedAt },
    ...{ started_at: job.startedAt, completed_at: job.completedAt, steps: [], labels: ['ubuntu-latest'] },
    check_run_url: `${repositoryUrl(call)}/check-runs/${id}`,
  };
}

function listRuns(call: Call): Answer {
  const repository = repositoryOf(call);
  const { actor, branch, event, status, head_sha: sha } = call.query;
  const fits = (asked: unknown, ...values: readonly unknown[]) =>
    asked === undefined || values.includes(asked);
  const found = [...repository.runs.values()]
    .flatMap((attempts) => attempts.at(-1) ?? [])
    .filter((run) => fits(actor, run.actor) && fits(branch, run.branch) && fits(event, run.event))
    .filter((run) => fits(status, run.status, run.conclusion) && fits(sha, run.sha))
    .reverse();
  const items = found.map((run) => runBody(call, repository, run));
  return { status: 200, body: { total_count: items.length }, list: { items, under: 'workflow_runs' } };
}

function listJobs(call: Call): Answer {
  const attempts = attemptsOf(call);
  const last = attempts.at(-1);
  if (last === undefined) throw notFound();
  const found = repositoryOf(call).jobs.filter(
    (job) => job.run === last.id && (call.query.filter === 'all' || job.attempt === last.attempt),
  );
  const items = found.map((job) => jobBody(call, last, job));
  return { status: 200, body: { total_count: items.length }, list: { items, under: 'jobs' } };
}

function environmentBody(call: Call, repository: Repository, name: string): Fields {
  const known = repository.environments.get(name);
  const url = `${repositoryUrl(call)}/environments/${encodeURIComponent(name)}`;
  const since = known?.createdAt ?? call.now;
  return {
    id: known?.id ?? numberFrom(name),
    node_id: nodeId('EN', name),
    name,
    url,
    html_url: url,
    created_at: since,
    updated_at: since,
  };
}

/** https://docs.github.com/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run */
function approvals(call: Call): Answer {
  const run = integer(call.path, 'run_id');
  attemptsOf(call);
  const repository = repositoryOf(call);
  const found = repository.approvals.filter((approval) => approval.run === run);
  const body = found.map(({ environments, state, comment, user: login }) => {
    const named = environments.map((name) => environmentBody(call, repository, name));
    return { state, comment, user: user(call, login), environments: named };
  });
  return { status: 200, body };
}

function pendingDeployments(call: Call): Answer {
  const run = integer(call.path, 'run_id');
  attemptsOf(call);
  const repository = repositoryOf(call);
  const body = repository.pending
    .filter((pending) => pending.run === run)
    .map(({ environment, waitTimer, reviewers }) => {
      const { id, node_id, name, url, html_url } = environmentBody(call, repository, environment);
      return {
        environment: { id, node_id, name, url, html_url },
        wait_timer: waitTimer,
        wait_timer_started_at: call.now,
        current_user_can_approve: reviewers.includes(call.token.login),
        reviewers: reviewers.map((login) => ({ type: 'User', reviewer: user(call, login) })),
      };
    });
  return { status: 200, body };
}

/** https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event; the workflow file of `ref` must listen to it. */
function dispatch(call: Call): Answer {
  const before = repositoryOf(call);
  const { workflow_id: asked } = call.path;
  const isMeant = ({ id, path }: Workflow) => id === Number(asked) || path.split('/').at(-1) === asked;
  const workflow = [...before.workflows.values()].find(isMeant);
  if (workflow === undefined) throw notFound();
  const ref = text(call.body, 'ref');
  const commit = findCommit(before, ref);
  if (commit === undefined) throw new Refusal(422, `No ref found for: ${ref}`);
  checkInputs(workflow, fields(call.body.inputs));
  const { id, repository } = numbered(before);
  const run: WorkflowRun = {
    ...{ id, workflow: workflow.id, name: workflow.name, path: workflow.path, title: workflow.name },
    ...{
      number: before.runs.size + 1,
      attempt: 1,
      event: 'workflow_dispatch',
      status: 'queued',
      conclusion: null,
    },
    ...{ sha: commit.sha, branch: ref.replace(/^refs\/heads\//, ''), actor: call.token.login },
    ...{ createdAt: call.now, startedAt: call.now, updatedAt: call.now },
  };
  const after = { ...repository, runs: put(repository.runs, id, [run]) };
  if (!flag(call.body, 'return_run_details', false)) return { status: 204, repository: after };
  const url = runUrl(call, id);
  return { status: 200, body: { workflow_run_id: id, run_url: url, html_url: url }, repository: after };
}

function checkInputs(workflow: Workflow, inputs: Fields): void {
  const known = workflow.dispatchInputs;
  if (known === null) throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  const strange = Object.keys(inputs).filter((name) => known[name] === undefined);
  if (strange.length > 0) throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(strange)}`);
  const missing = Object.entries(known).find(
    ([name, { required }]) => required && inputs[name] === undefined,
  );
  if (missing !== undefined) throw new Refusal(422, `Required input '${missing[0]}' not provided`);
}

/** https://docs.github.com/rest/deployments/environments#get-an-environment */
function getEnvironment(call: Call): Answer {
  const repository = repositoryOf(call);
  const known = repository.environments.get(text(call.path, 'environment_name'));
  if (known === undefined) throw notFound();
  const { waitTimer, reviewers, preventSelfReview, protectedBranchesOnly } = known;
  const rule = (type: string) => ({
    id: numberFrom(`${known.id}${type}`),
    node_id: nodeId('GA', `${known.id}${type}`),
    type,
  });
  const people = reviewers.map((login) => ({ type: 'User', reviewer: user(call, login) }));
  const protection_rules = [
    ...(waitTimer > 0 ? [{ ...rule('wait_timer'), wait_timer: waitTimer }] : []),
    ...(people.length > 0
      ? [{ ...rule('required_reviewers'), prevent_self_review: preventSelfReview, reviewers: people }]
      : []),
    ...(protectedBranchesOnly ? [rule('branch_policy')] : []),
  ];
  const policy = protectedBranchesOnly ? { protected_branches: true, custom_branch_policies: false } : null;
  const body = {
    ...environmentBody(call, repository, known.name),
    protection_rules,
    deployment_branch_policy: policy,
  };
  return { status: 200, body };
}

/** https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event */
function dispatchEvent(call: Call): Answer {
  const before = repositoryOf(call);
  const payload = fields(call.body.client_payload);
  const properties = Object.keys(payload).length;
  if (properties > 10)
    throw new Refusal(422, `No more than 10 properties are allowed; ${properties} were supplied.`);
  const sent = { type: text(call.body, 'event_type'), payload };
  return { status: 204, repository: { ...before, dispatches: [...before.dispatches, sent] } };
}

export const actions: Handlers = {
  'actions/get-workflow-run': (call) => {
    const last = attemptsOf(call).at(-1);
    if (last === undefined) throw notFound();
    return { status: 200, body: runBody(call, repositoryOf(call), last) };
  },
  'actions/get-workflow-run-attempt': (call) => {
    const number = integer(call.path, 'attempt_number');
    const run = attemptsOf(call).find(({ attempt }) => attempt === number);
    if (run === undefined) throw notFound();
    return { status: 200, body: runBody(call, repositoryOf(call), run) };
  },
  'actions/list-workflow-runs-for-repo': listRuns,
  'actions/list-jobs-for-workflow-run': listJobs,
  'actions/get-reviews-for-run': approvals,
  'actions/get-pending-deployments-for-run': pendingDeployments,
  'actions/create-workflow-dispatch': dispatch,
  'repos/create-dispatch-event': dispatchEvent,
  'repos/get-environment': getEnvironment,
};
