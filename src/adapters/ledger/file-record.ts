import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  DeploymentRecord,
  DeploymentStatus,
  NewDeployment,
  RecordedDeployment,
  RegisteredRecord,
} from '../../ports/deployment-record.ts';
import { codeOf, discard, makeDirectory } from './file-store.ts';
import { safeName } from './safe-name.ts';

const PROVIDER = 'file-record';
const KEPT = 50;
const SHOWN = 10;

const recorded = z.object({
  id: z.string(),
  version: z.string(),
  sha: z.string(),
  migrations: z.string().nullable(),
  state: z.enum(['in_progress', 'success', 'failure', 'inactive']),
  description: z.string(),
  at: z.number(),
  url: z.string().nullable(),
  owner: z.object({
    id: z.string(),
    kind: z.enum(['process', 'github-run']),
    runId: z.string(),
    host: z.string(),
    pid: z.number(),
    processStart: z.string(),
    name: z.string(),
    url: z.string().exactOptional(),
  }),
});
const file = z.object({ schema: z.literal(1), deployments: z.array(recorded) });
type Recorded = z.output<typeof recorded>;

export interface FileRecordOptions {
  /** Absolute; the record makes a directory for its environment in it. */
  readonly path: string;
  readonly service: string;
  readonly environment: string;
  readonly clock: Clock;
}

/** One JSON file for each service of an environment, replaced whole. For one machine, and for trying things. */
export function fileRecord({ path, service, environment, clock }: FileRecordOptions): DeploymentRecord {
  const directory = join(path, safeName(environment));
  const place = join(directory, `${safeName(service)}.deployments.json`);
  const change = async (how: (all: readonly Recorded[]) => readonly Recorded[]): Promise<void> => {
    const next = how(await read(place)).slice(0, KEPT);
    await write(directory, place, next);
  };
  return {
    name: PROVIDER,
    history: async () => shown(await read(place)),
    begin: async (deployment) => {
      const id = deployment.owner.id;
      await change((all) => [begun(deployment, clock.now()), ...all.filter((one) => one.id !== id)]);
      return id;
    },
    mark: (id, status) => change((all) => all.map((one) => (one.id === id ? marked(one, status) : one))),
  };
}

function begun(deployment: NewDeployment, at: number): Recorded {
  const { owner } = deployment;
  return { ...deployment, id: owner.id, state: 'in_progress', description: '', at, url: owner.url ?? null };
}

function marked(one: Recorded, { state, description }: DeploymentStatus): Recorded {
  return { ...one, state, description };
}

function shown(all: readonly Recorded[]): readonly RecordedDeployment[] {
  const last = all.findIndex(({ state }) => state === 'success');
  return all.slice(0, Math.min(SHOWN, last < 0 ? SHOWN : last + 1));
}

async function read(place: string): Promise<readonly Recorded[]> {
  try {
    return file.parse(JSON.parse(await readFile(place, 'utf8'))).deployments;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    const message = `expected deployments in ${place}, saw ${messageOf(error).slice(0, 200)}; mend the file, or move it away`;
    throw new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false, cause: error });
  }
}

async function write(directory: string, place: string, deployments: readonly Recorded[]): Promise<void> {
  const draft = join(directory, `.draft-${randomUUID()}`);
  try {
    await makeDirectory(directory);
    await writeFile(draft, `${JSON.stringify({ schema: 1, deployments }, null, 2)}\n`, { flush: true });
    await rename(draft, place);
  } catch (error) {
    await discard(draft);
    const message = `expected to write ${place}, saw ${messageOf(error)}; check the path and its rights`;
    throw new AdapterError(PROVIDER, 'io', message, { retryable: false, cause: error });
  }
}

export const fileRecordSchema = z
  .strictObject({
    type: z.literal('file').describe('A file for each service, on this machine.'),
    path: z.string().min(1).describe('Directory of the files, from the root of the workspace.'),
  })
  .transform(
    ({ type, path }): RegisteredRecord => ({
      type,
      create: ({ service, environment, baseDir, clock }) =>
        fileRecord({ path: resolve(baseDir, path), service, environment, clock }),
    }),
  );
