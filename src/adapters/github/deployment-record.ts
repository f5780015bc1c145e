import { z } from 'zod';
import { clip } from '../../core/report/plain-text.ts';
import { DESCRIPTION_LENGTH } from '../../core/view/record-view.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { AdapterError } from '../../ports/adapter-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  DeploymentLinks,
  DeploymentRecord,
  DeploymentState,
  NewDeployment,
  RecordedDeployment,
  RegisteredRecord,
} from '../../ports/deployment-record.ts';
import type { Forge } from '../../ports/forge.ts';
import { addStatus, createDeployment, deploymentAnswers, latestStatus } from './deployment.ts';
import { failed } from './failure.ts';

const owner = z.object({
  id: z.string(),
  kind: z.enum(['process', 'github-run']),
  runId: z.string(),
  host: z.string(),
  pid: z.number(),
  processStart: z.string(),
  name: z.string(),
  url: z.string().exactOptional(),
});

/** What the deployment of a service carries. */
const payload = z.object({
  schema: z.literal(1),
  kind: z.literal('deploy'),
  service: z.string(),
  version: z.string(),
  migrations: z.string().nullable(),
  owner,
});
type Payload = z.output<typeof payload>;

const NEWEST = 100;
const LOOKED_AT = 10;
/** After an answer was lost: GitHub may not show at once what it has taken. */
const LOOKS = 3;
const PAUSE = 1_000;

export interface GitHubRecordOptions {
  readonly forge: () => Forge;
  readonly service: string;
  readonly environment: string;
  readonly links: DeploymentLinks;
  readonly clock: Clock;
}

/** One GitHub Deployment for each attempt to deploy a service. */
export function githubRecord(options: GitHubRecordOptions): DeploymentRecord {
  const { links, forge } = options;
  return {
    name: 'GitHub',
    history: (signal) => history(options, signal),
    begin: async (deployment, signal) => (await findOrMake(options, deployment, signal)).toString(),
    mark: async (id, status, signal) => {
      const written = { ...status, description: clip(status.description, DESCRIPTION_LENGTH) };
      const write = (): Promise<void> => addStatus(forge(), Number(id), written, links, signal);
      await write().catch(async (error: unknown) => {
        if (!(error instanceof AdapterError && error.retryable)) throw error;
        const latest = await latestStatus(forge(), Number(id), signal);
        if (latest?.state !== written.state) await write();
      });
    },
  };
}

const type = z.literal('github').describe('GitHub Deployments of the repository.');

export const githubRecordSchema = z
  .strictObject({ type })
  .describe('GitHub Deployments of the repository. `record: github` says the same.')
  .transform(({ type }): RegisteredRecord => ({ type, create }));

/** It has nothing to set: its name says it all. */
export const githubRecordWord = type.transform((type): RegisteredRecord => ({ type, create }));

function create(context: AdapterContext, links: DeploymentLinks): DeploymentRecord {
  const { service, environment, clock } = context;
  const forge = (): Forge => {
    if (context.forge !== undefined) return context.forge();
    throw failed('refused', false, 'expected a repository on GitHub, saw none; use `record: { type: file }`');
  };
  return githubRecord({ forge, service, environment, links, clock });
}

interface Found {
  readonly id: number;
  readonly sha: string;
  readonly at: number;
  readonly payload: Payload;
}

async function own(
  { forge, environment, service }: GitHubRecordOptions,
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const all = await deploymentAnswers(forge(), environment, NEWEST, signal);
  return all.flatMap(({ id, sha, created_at: at, payload: carried }) => {
    const parsed = payload.safeParse(carried);
    const isOurs = parsed.success && parsed.data.service === service;
    return isOurs ? [{ id, sha, at: Date.parse(at), payload: parsed.data }] : [];
  });
}

async function history(
  options: GitHubRecordOptions,
  signal: AbortSignal,
): Promise<readonly RecordedDeployment[]> {
  const found: RecordedDeployment[] = [];
  for (const { id, sha, at, payload: carried } of (await own(options, signal)).slice(0, LOOKED_AT)) {
    const latest = await latestStatus(options.forge(), id, signal);
    const { version, migrations, owner: by } = carried;
    const state = stateOf(latest?.state);
    found.push({ id: String(id), sha, at, version, migrations, owner: by, state, url: by.url ?? null });
    if (state === 'success') break;
  }
  return found;
}

/** One that has no status yet was only just begun. */
function stateOf(state: string | undefined): DeploymentState {
  if (state === 'success' || state === 'inactive') return state;
  if (state === 'failure' || state === 'error') return 'failure';
  return 'in_progress';
}

async function findOrMake(
  options: GitHubRecordOptions,
  wanted: NewDeployment,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await make(options, wanted, signal);
  } catch (error) {
    if (!(error instanceof AdapterError && error.retryable)) throw error;
    const found = await lookFor(options, wanted.owner.id, signal);
    if (found !== null) return found;
    throw error;
  }
}

async function make(
  { forge, environment, service }: GitHubRecordOptions,
  { version, sha, migrations, owner: by }: NewDeployment,
  signal: AbortSignal,
): Promise<number> {
  const carried: Payload = { schema: 1, kind: 'deploy', service, version, migrations, owner: by };
  const description = clip(`${service} ${version}`, DESCRIPTION_LENGTH);
  const made = await createDeployment(
    forge(),
    { ref: sha, task: 'deploy', environment, description, payload: carried },
    signal,
  );
  if (made !== null) return made.id;
  const message = `expected the repository to know the commit ${sha.slice(0, 7)}, saw that it does not; push it first`;
  throw failed('refused', false, message);
}

/** It may have been made although nobody said so; a second one is never made. */
async function lookFor(
  options: GitHubRecordOptions,
  key: string,
  signal: AbortSignal,
): Promise<number | null> {
  for (let look = 1; look <= LOOKS; look += 1) {
    await options.clock.sleep(PAUSE, signal);
    const found = (await own(options, signal)).find((one) => one.payload.owner.id === key);
    if (found !== undefined) return found.id;
  }
  return null;
}
