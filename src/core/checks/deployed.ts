import type { EpochMs, Milliseconds } from '../units.ts';
import { formatAge } from './age.ts';
import type { Answer } from './answer.ts';
import type { Evidence } from './finding.ts';
import type { Deployment, DeploymentStatus } from './forge-facts.ts';

export interface DeploymentHistory extends Deployment {
  /** Newest first. */
  readonly statuses: readonly DeploymentStatus[];
}

export interface DeployedFacts {
  readonly sha: string;
  readonly environment: string;
  readonly now: EpochMs;
  /** Newest first, down to the newest one of the commit. */
  readonly deployments: readonly DeploymentHistory[];
}

const UNFINISHED = new Set(['pending', 'queued', 'in_progress', 'waiting']);

/** Whether a commit was deployed to an earlier environment, not too long ago, and is what is deployed there still. */
export function decideDeployed(facts: DeployedFacts, maxAge: Milliseconds): Answer {
  const { sha, environment, deployments, now } = facts;
  const expected = `${short(sha)} deployed to ${environment} within ${formatAge(maxAge)}, and still there`;
  const at = deployments.findIndex((one) => one.sha === sha);
  const own = deployments[at];
  if (own === undefined) {
    const [newest] = deployments;
    const instead = newest === undefined ? 'nothing ever was' : `${short(newest.sha)} was`;
    const observed = `${short(sha)} was never deployed to ${environment}; ${instead}`;
    return { status: 'fail', code: 'missing', observed, expected, fix: `deploy it to ${environment} first` };
  }
  const usurper = deployments.slice(0, at).find((one) => wasUp(one) !== null || UNFINISHED.has(stateOf(one)));
  if (usurper !== undefined) {
    const observed = `${short(usurper.sha)} has taken its place in ${environment} (${stateOf(usurper)})`;
    const fix = `deploy this commit to ${environment} again, or go on with the newer one`;
    const evidence = evidenceOf(usurper, environment);
    return { status: 'fail', code: 'superseded', observed, expected, evidence, fix };
  }
  return decideOwn(own, { expected, evidence: evidenceOf(own, environment) }, now, maxAge);
}

interface Base {
  readonly expected: string;
  readonly evidence: readonly Evidence[];
}

function decideOwn(own: DeploymentHistory, base: Base, now: EpochMs, maxAge: Milliseconds): Answer {
  const state = stateOf(own);
  const at = wasUp(own);
  if (state === 'success' && at !== null) {
    const age = now - at;
    const observed = `${short(own.sha)} deployed ${formatAge(age)} ago`;
    if (age <= maxAge) return { ...base, status: 'pass', code: 'met', observed };
    return { ...base, status: 'fail', code: 'stale', observed, fix: 'deploy it there again' };
  }
  if (UNFINISHED.has(state))
    return {
      ...base,
      status: 'no-data',
      code: 'pending',
      observed: `its deployment is ${state}`,
      fix: 'wait for it',
    };
  const code = state === 'inactive' ? 'superseded' : 'failed';
  const fix = 'see why, and deploy it there again';
  return { ...base, status: 'fail', code, observed: `its newest deployment there is ${state}`, fix };
}

function stateOf({ statuses }: DeploymentHistory): string {
  return statuses[0]?.state ?? 'pending';
}

/** When it was last said to be up; null when it never was. */
function wasUp({ statuses }: DeploymentHistory): EpochMs | null {
  return statuses.find(({ state }) => state === 'success')?.at ?? null;
}

function evidenceOf({ id, statuses }: DeploymentHistory, environment: string): readonly Evidence[] {
  const url = statuses.find((status) => status.url !== null)?.url ?? null;
  const label = `${environment} #${id}`;
  return [url === null ? { label } : { label, url }];
}

function short(sha: string): string {
  return sha.slice(0, 7);
}
