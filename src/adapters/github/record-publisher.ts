import { createHash } from 'node:crypto';
import type { Kpi } from '../../core/analysis/kpi.ts';
import { clip } from '../../core/report/plain-text.ts';
import { DESCRIPTION_LENGTH, type RecordView, viewOf } from '../../core/view/record-view.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Forge } from '../../ports/forge.ts';
import type { RecordPublisher } from '../../ports/record-publisher.ts';
import { postCommitStatus, setCommitStatus } from './commit-status.ts';
import { addStatus, createDeployment, type Deployment, latestStatus, listDeployments } from './deployment.ts';
import { failed } from './failure.ts';
import { recordIncident } from './incident.ts';

export interface PublisherOptions {
  readonly forge: Forge;
  readonly kpis: readonly Kpi[];
  readonly deployments: boolean;
  readonly statuses: boolean;
  /** Labels of incident issues; null for no issues. */
  readonly incidents: readonly string[] | null;
  /** Where the service is reached in this environment. */
  readonly environmentUrl: string | null;
  /** A commit to show a version by that is none itself: the run's own. */
  readonly runCommit: string | null;
}

/** What GitHub shows of one rollout, as far as this process is sure of it. */
interface Shown {
  readonly rollout: string;
  /** The newest ones of the environment, as they were when the rollout was first looked for. */
  readonly others: readonly Deployment[];
  /** Null when there can be none. */
  readonly deployment: Deployment | null;
  /** `state: description`; null before the first. */
  deploymentStatus: string | null;
  /** Undefined when it must be asked. */
  commitStatus: string | null | undefined;
  incident: string | null;
}

/** Below this, GitHub's allowance is left to the ledger. */
const RESERVE = 60;

/**
 * Deployments, commit statuses and incident issues of one environment. The deployment's own status is written last:
 * whoever finds it as it should be knows that all the rest was shown too.
 */
export function recordPublisher(options: PublisherOptions): RecordPublisher {
  let shown: Shown | null = null;
  /** What kept the deployment from being found or made: as long as it is so, it is said. */
  let lacking: readonly string[] = [];
  return {
    name: 'GitHub',
    publish: async (record, signal) => {
      const view = viewOf(record, options.kpis);
      if (view === null) return;
      const { remaining } = options.forge.usage();
      if (remaining !== null && remaining < RESERVE) throw nearlyUsedUp(remaining);
      const known = shown?.rollout === view.rollout ? shown : null;
      const missed: string[] = known === null ? [] : [...lacking];
      // Until it has worked, what is there must be looked for again.
      shown = null;
      const now = known ?? (await look(options, view, missed, signal));
      if (known === null) lacking = [...missed];
      await bring(options, view, now, missed, signal);
      shown = now;
      if (missed.length > 0) throw failed('refused', false, missed.join('; '));
    },
  };
}

/** Finds the deployment of the rollout, or makes it. */
async function look(
  { forge, deployments, runCommit }: PublisherOptions,
  view: RecordView,
  missed: string[],
  signal: AbortSignal,
): Promise<Shown> {
  const blank = { rollout: view.rollout, others: [], deployment: null, deploymentStatus: null };
  const shown: Shown = { ...blank, commitStatus: undefined, incident: null };
  if (!deployments) return shown;
  const seen = await tolerated(missed, async (): Promise<Shown> => {
    const others = await listDeployments(forge, view.environment, signal);
    const found = others.find(({ payload }) => payload?.rollout === view.rollout);
    if (found !== undefined) {
      const latest = await latestStatus(forge, found.id, signal);
      const deploymentStatus = latest === null ? null : `${latest.state}: ${latest.description}`;
      return { ...shown, others, deployment: found, deploymentStatus };
    }
    const created = await firstOf(forge, view, runCommit, signal);
    return { ...shown, others, deployment: created, commitStatus: null };
  });
  return seen ?? shown;
}

/** A version that is no commit of the repository is shown at the commit of the run. */
async function firstOf(
  forge: Forge,
  view: RecordView,
  runCommit: string | null,
  signal: AbortSignal,
): Promise<Deployment> {
  const { task, environment, service, rollout, stable, version, plan } = view;
  const digest = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
  const payload = { schema: 1, rollout, service, plan: digest, stable, canary: version } as const;
  const description = clip(`${service} ${version}`, DESCRIPTION_LENGTH);
  for (const ref of runCommit === null ? [version] : [version, runCommit]) {
    const wanted = { ref, task, environment, description, payload };
    const created = await createDeployment(forge, wanted, signal);
    if (created !== null) return created;
  }
  const message = `expected a commit, tag or branch named ${version} to show the deployment of, saw none; name versions by what the repository has`;
  throw failed('refused', false, message);
}

/** Brings everything to what the view says. What was meant for people last comes last here too. */
async function bring(
  options: PublisherOptions,
  view: RecordView,
  shown: Shown,
  missed: string[],
  signal: AbortSignal,
): Promise<void> {
  const { forge, incidents, environmentUrl } = options;
  const { deployment } = shown;
  const wanted = `${view.state}: ${view.description}`;
  if (deployment !== null && shown.deploymentStatus === wanted) return;
  const { incident } = view;
  if (incident !== null && incidents !== null && shown.incident !== incident.body) {
    await tolerated(missed, async () => {
      const { rollout, startedAt: since } = view;
      await recordIncident(forge, { ...incident, rollout, since, labels: incidents }, signal);
      shown.incident = incident.body;
    });
  }
  await tolerated(missed, () => bringCommitStatus(options, view, shown, signal));
  if (deployment === null) return;
  await tolerated(missed, () => retire(forge, view, shown.others, signal));
  await tolerated(missed, async () => {
    const links = { log: view.runUrl, environment: environmentUrl };
    await addStatus(
      forge,
      deployment.id,
      { state: view.state, description: view.description },
      links,
      signal,
    );
    shown.deploymentStatus = wanted;
  });
}

async function bringCommitStatus(
  { forge, statuses, runCommit }: PublisherOptions,
  view: RecordView,
  shown: Shown,
  signal: AbortSignal,
): Promise<void> {
  const sha = shown.deployment?.sha ?? (COMMIT.test(view.version) ? view.version : runCommit);
  if (!statuses || sha === null) return;
  const pending = view.state === 'in_progress';
  const state = view.state === 'in_progress' ? 'pending' : view.state;
  const description = pending ? `Being rolled out to ${view.environment}` : view.description;
  const wanted = `${state}: ${description}`;
  if (shown.commitStatus === wanted) return;
  const context = `deploy-canary/${view.environment}`;
  const put = shown.commitStatus === undefined ? setCommitStatus : postCommitStatus;
  await put(forge, sha, { state, context, description, url: view.runUrl }, signal);
  shown.commitStatus = wanted;
}

/** The deployment of the version that no longer serves is no longer active. */
async function retire(
  forge: Forge,
  { superseded, service, rollout, version }: RecordView,
  others: readonly Deployment[],
  signal: AbortSignal,
): Promise<void> {
  if (superseded === null) return;
  const old = others.find(
    ({ payload }) =>
      payload?.service === service && payload.canary === superseded && payload.rollout !== rollout,
  );
  if (old === undefined || (await latestStatus(forge, old.id, signal))?.state !== 'success') return;
  const description = clip(`Replaced by ${version}`, DESCRIPTION_LENGTH);
  await addStatus(
    forge,
    old.id,
    { state: 'inactive', description },
    { log: null, environment: null },
    signal,
  );
}

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** What GitHub refuses for good, such as for a missing permission, keeps nothing else from being shown. */
async function tolerated<T>(missed: string[], action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof AdapterError) || error.retryable) throw error;
    missed.push(error.message);
    return null;
  }
}

function nearlyUsedUp(remaining: number): AdapterError {
  const message = `only ${remaining} requests are left of this hour's allowance, and they belong to the ledger; let fewer jobs use it`;
  return failed('refused', false, message);
}
