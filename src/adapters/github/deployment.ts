import { z } from 'zod';
import type { Forge } from '../../ports/forge.ts';
import { failed } from './failure.ts';

/** What a deployment carries, so that anybody can tell which rollout it is of. */
const payload = z.object({
  schema: z.literal(1),
  rollout: z.string(),
  service: z.string(),
  /** SHA-256 of the plan, as JSON. */
  plan: z.string(),
  stable: z.string().nullable(),
  canary: z.string(),
});

export type DeploymentPayload = z.output<typeof payload>;

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  /** Null when it is not one of ours. */
  readonly payload: DeploymentPayload | null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** GitHub gives back what it was given, or the same as JSON in a text. */
const carried = z.unknown().transform((value): DeploymentPayload | null => {
  const parsed = payload.safeParse(typeof value === 'string' ? jsonIn(value) : value);
  return parsed.success ? parsed.data : null;
});

const deployment = z.object({ id: z.number(), sha: z.string(), payload: carried });
const statusAnswer = z.object({ id: z.number(), state: z.string(), description: z.string() });

/** More are hardly ever open at once in one environment; what is older is left as it is. */
const NEWEST = 100;

/** The newest deployments to an environment, newest first. */
export function listDeployments(
  forge: Forge,
  environment: string,
  signal: AbortSignal,
): Promise<readonly Deployment[]> {
  const route = 'GET /repos/{owner}/{repo}/deployments';
  return forge.paginate(
    { route, params: { environment }, answer: z.array(deployment).readonly() },
    NEWEST,
    signal,
  );
}

const bare = z.object({
  id: z.number(),
  sha: z.string(),
  created_at: z.string(),
  payload: z.unknown().transform((value) => (typeof value === 'string' ? jsonIn(value) : value)),
});

/** The newest deployments to an environment as GitHub tells them, newest first, whoever made them. */
export function deploymentAnswers(
  forge: Forge,
  environment: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly z.output<typeof bare>[]> {
  const route = 'GET /repos/{owner}/{repo}/deployments';
  return forge.paginate({ route, params: { environment }, answer: z.array(bare).readonly() }, limit, signal);
}

export interface NewDeployment {
  /** A commit SHA, a tag or a branch. */
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string;
  readonly payload: object;
}

/** Null when the repository knows no such ref. GitHub must neither merge anything for it nor wait for checks. */
export async function createDeployment(
  forge: Forge,
  wanted: NewDeployment,
  signal: AbortSignal,
): Promise<Deployment | null> {
  const call = {
    route: 'POST /repos/{owner}/{repo}/deployments',
    params: {
      ...wanted,
      auto_merge: false,
      required_contexts: [],
      production_environment: wanted.environment === 'production',
      transient_environment: false,
    },
    answer: deployment,
  };
  const answer = await forge.attempt(call, signal);
  if (answer.kind === 'done') return answer.data;
  if (answer.status === 422 && answer.message.includes('No ref found')) return null;
  const message = `expected GitHub to take a deployment of ${wanted.ref}, saw ${answer.status} (${answer.message}); check the rules of the environment`;
  throw failed('refused', false, message);
}

export interface DeploymentStatus {
  readonly state: 'in_progress' | 'success' | 'failure' | 'inactive';
  /** At most 140 characters. */
  readonly description: string;
}

/** Null when it has none yet. */
export async function latestStatus(
  forge: Forge,
  id: number,
  signal: AbortSignal,
): Promise<{ readonly state: string; readonly description: string } | null> {
  const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const call = { route, params: { deployment_id: id }, answer: z.array(statusAnswer).readonly() };
  const all = await forge.paginate(call, NEWEST, signal);
  return all.toSorted((one, other) => other.id - one.id)[0] ?? null;
}

/** GitHub is kept from retiring others: in one environment there may be several services. */
export async function addStatus(
  forge: Forge,
  id: number,
  status: DeploymentStatus,
  links: { readonly log: string | null; readonly environment: string | null },
  signal: AbortSignal,
): Promise<void> {
  const params = {
    ...status,
    deployment_id: id,
    auto_inactive: false,
    ...(links.log === null ? {} : { log_url: links.log }),
    ...(links.environment === null ? {} : { environment_url: links.environment }),
  };
  const route = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  await forge.request({ route, params, answer: statusAnswer }, signal);
}
