import { flag, optionalText, text, texts } from '../json.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Deployment, DeploymentStatus } from '../state/deployments.ts';
import { ancestorsOf, findCommit } from '../state/git.ts';
import { put, type Repository } from '../state/world.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  nodeId,
  numbered,
  pick,
  repositoryOf,
  repositoryUrl,
  user,
} from './call.ts';
import { latestStatuses } from './commit-statuses.ts';
import { mergeDefaultInto } from './merge.ts';

const deploymentUrl = (call: Call, id: number): string => `${repositoryUrl(call)}/deployments/${id}`;

function deploymentBody(call: Call, deployment: Deployment): unknown {
  const { id, sha, ref, task, payload, environment, description } = deployment;
  return {
    ...{ id, sha, ref, task, payload, environment, description, node_id: nodeId('DE', id) },
    url: deploymentUrl(call, id),
    original_environment: environment,
    creator: user(call, deployment.creator),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${deploymentUrl(call, id)}/statuses`,
    repository_url: repositoryUrl(call),
    transient_environment: deployment.transient,
    production_environment: deployment.production,
  };
}

function statusBody(call: Call, deployment: Deployment, status: DeploymentStatus): unknown {
  const { id, state, description, environment } = status;
  return {
    ...{ id, state, description, environment, node_id: nodeId('DES', id) },
    url: `${deploymentUrl(call, deployment.id)}/statuses/${id}`,
    creator: user(call, status.creator),
    target_url: status.logUrl,
    log_url: status.logUrl,
    environment_url: status.environmentUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: deploymentUrl(call, deployment.id),
    repository_url: repositoryUrl(call),
  };
}

/**
 * Every context named, or every one that was ever submitted, must be green.
 * https://docs.github.com/rest/deployments/deployments#create-a-deployment
 */
function checkContexts(call: Call, repository: Repository, sha: string): void {
  const latest = new Map(latestStatuses(repository, sha).map((status) => [status.context, status.state]));
  const required =
    call.body.required_contexts === undefined ? [...latest.keys()] : texts(call.body.required_contexts);
  if (required.every((context) => latest.get(context) === 'success')) return;
  const error = { resource: 'Deployment', field: 'required_contexts', code: 'invalid' };
  throw new Refusal(409, `Conflict: Commit status checks failed for ${text(call.body, 'ref')}.`, [error]);
}

function createDeployment(call: Call): Answer {
  const before = repositoryOf(call);
  const ref = text(call.body, 'ref');
  const commit = findCommit(before, ref);
  if (commit === undefined) throw new Refusal(422, `No ref found for: ${ref}`);
  const head = findCommit(before, before.defaultBranch);
  const isBehind =
    before.refs.has(`refs/heads/${ref}`) &&
    head !== undefined &&
    !ancestorsOf(before, commit.sha).has(head.sha);
  if (flag(call.body, 'auto_merge', true) && isBehind) return mergeDefaultInto(call, before, ref);
  checkContexts(call, before, commit.sha);
  const { id, repository } = numbered(before);
  const environment = text(call.body, 'environment');
  const deployment: Deployment = {
    ...{
      id,
      ref,
      sha: commit.sha,
      environment,
      task: text(call.body, 'task'),
      payload: call.body.payload ?? '',
    },
    description: optionalText(call.body, 'description') ?? null,
    transient: flag(call.body, 'transient_environment', false),
    production: flag(call.body, 'production_environment', environment === 'production'),
    creator: call.token.login,
    createdAt: call.now,
    updatedAt: call.now,
    statuses: [],
  };
  const deployments = put(repository.deployments, id, deployment);
  return { status: 201, body: deploymentBody(call, deployment), repository: { ...repository, deployments } };
}

/** A success retires what it replaces: not in production, not in a transient environment. https://docs.github.com/rest/deployments/statuses#create-a-deployment-status */
function retire(call: Call, before: Repository, chosen: Deployment): Repository {
  const prior = [...before.deployments.values()].filter(
    (other) =>
      other.id !== chosen.id &&
      other.environment === chosen.environment &&
      !other.transient &&
      !other.production &&
      other.statuses.at(-1)?.state === 'success',
  );
  return prior.reduce((at, other) => {
    const { id, repository } = numbered(at);
    const last = other.statuses.at(-1);
    const status = { environmentUrl: '', logUrl: '', ...last, id, state: 'inactive', description: '' };
    const inactive = {
      ...status,
      environment: other.environment,
      creator: call.token.login,
      createdAt: call.now,
    };
    const retired = { ...other, updatedAt: call.now, statuses: [...other.statuses, inactive] };
    return { ...repository, deployments: put(repository.deployments, other.id, retired) };
  }, before);
}

function createStatus(call: Call): Answer {
  const before = repositoryOf(call);
  const deployment = pick(before.deployments, call.path, 'deployment_id');
  const description = text(call.body, 'description');
  // https://docs.github.com/rest/deployments/statuses#create-a-deployment-status: at most 140 characters.
  if (description.length > 140) {
    const message = 'description is too long (maximum is 140 characters)';
    throw invalid({ resource: 'DeploymentStatus', field: 'description', code: 'custom', message });
  }
  const { id, repository } = numbered(before);
  const environment = optionalText(call.body, 'environment') ?? deployment.environment;
  const status: DeploymentStatus = {
    ...{ id, description, environment, state: text(call.body, 'state') },
    environmentUrl: text(call.body, 'environment_url'),
    logUrl: text(call.body, 'log_url') || text(call.body, 'target_url'),
    creator: call.token.login,
    createdAt: call.now,
  };
  const changed = {
    ...deployment,
    environment,
    updatedAt: call.now,
    statuses: [...deployment.statuses, status],
  };
  const after = { ...repository, deployments: put(repository.deployments, deployment.id, changed) };
  const retires = status.state === 'success' && flag(call.body, 'auto_inactive', true);
  const body = statusBody(call, changed, status);
  return { status: 201, body, repository: retires ? retire(call, after, changed) : after };
}

export const deployments: Handlers = {
  'repos/create-deployment': createDeployment,
  'repos/get-deployment': (call) => {
    const deployment = pick(repositoryOf(call).deployments, call.path, 'deployment_id');
    return { status: 200, body: deploymentBody(call, deployment) };
  },
  'repos/list-deployments': (call) => {
    const { sha, ref, task, environment } = call.query;
    const wanted = (asked: unknown, value: string) =>
      asked === undefined || asked === 'none' || asked === value;
    const found = [...repositoryOf(call).deployments.values()].filter(
      (one) =>
        wanted(sha, one.sha) &&
        wanted(ref, one.ref) &&
        wanted(task, one.task) &&
        wanted(environment, one.environment),
    );
    return { status: 200, list: { items: found.reverse().map((one) => deploymentBody(call, one)) } };
  },
  'repos/create-deployment-status': createStatus,
  'repos/list-deployment-statuses': (call) => {
    const deployment = pick(repositoryOf(call).deployments, call.path, 'deployment_id');
    const items = deployment.statuses.map((status) => statusBody(call, deployment, status)).reverse();
    return { status: 200, list: { items } };
  },
};
