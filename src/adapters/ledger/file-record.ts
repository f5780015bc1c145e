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
import {
  claim,
  discard,
  entryName,
  list,
  makeDirectory,
  readText,
  sweep,
  syncDirectory,
  writeDraft,
} from './file-store.ts';
import { safeName } from './safe-name.ts';

const PROVIDER = 'file-record';
const KEPT = 50;
const SHOWN = 10;
const KEPT_FILES = 5;
/** A fast writer may sweep a file between our look and our reading, but hardly so often. */
const LOOKS = 5;
const ATTEMPTS = 50;

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

/**
 * One JSON file for each change, of which the newest holds all. It gets its name by link(2), so that of many
 * processes none loses what another wrote. For one machine, and for trying things.
 */
export function fileRecord({ path, service, environment, clock }: FileRecordOptions): DeploymentRecord {
  const directory = join(path, safeName(environment), `${safeName(service)}.deployments`);
  return {
    name: PROVIDER,
    history: async () => shown((await newest(directory)).deployments),
    begin: async (deployment) => {
      const { id } = deployment.owner;
      await change(directory, (all) => [
        begun(deployment, clock.now()),
        ...all.filter((one) => one.id !== id),
      ]);
      return id;
    },
    mark: (id, status) =>
      change(directory, (all) => all.map((one) => (one.id === id ? marked(one, status) : one))),
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

interface Newest {
  /** 0 when there is none yet. */
  readonly revision: number;
  readonly deployments: readonly Recorded[];
}

async function newest(directory: string): Promise<Newest> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const revision = (await list(directory).catch(unreadable(directory))).entries.at(-1);
    if (revision === undefined) return { revision: 0, deployments: [] };
    const text = await readText(directory, revision).catch(unreadable(directory));
    if (text !== null) return { revision, deployments: parse(text, join(directory, entryName(revision))) };
  }
  throw broken(`expected ${directory} to keep its files, saw them vanish; let nothing else delete them`);
}

function parse(text: string, place: string): readonly Recorded[] {
  try {
    return file.parse(JSON.parse(text)).deployments;
  } catch (error) {
    const message = `expected deployments in ${place}, saw ${messageOf(error).slice(0, 200)}; mend the file, or move it away`;
    throw new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false, cause: error });
  }
}

/** Done anew on what another process has written in between. */
async function change(
  directory: string,
  how: (all: readonly Recorded[]) => readonly Recorded[],
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { revision, deployments } = await newest(directory);
    const next = how(deployments).slice(0, KEPT);
    const isWritten = await write(directory, revision, next).catch((error: unknown) => {
      const message = `expected to write into ${directory}, saw ${messageOf(error)}; check the path and its rights`;
      throw new AdapterError(PROVIDER, 'io', message, { retryable: false, cause: error });
    });
    if (isWritten) return;
  }
  throw broken(`expected to write into ${directory}, saw others write all the time; run it again`);
}

/** False when somebody else was faster. */
async function write(directory: string, before: number, deployments: readonly Recorded[]): Promise<boolean> {
  await makeDirectory(directory);
  const revision = before + 1;
  const text = `${JSON.stringify({ schema: 1, deployments }, null, 2)}\n`;
  const draft = await writeDraft(directory, revision, text);
  try {
    // Not before the draft is there: see sweep.
    const { entries } = await list(directory);
    if ((entries.at(-1) ?? 0) !== before || !(await claim(draft, directory, revision))) return false;
  } finally {
    await discard(draft);
  }
  await syncDirectory(directory);
  await sweep(directory, revision, KEPT_FILES).catch(() => undefined);
  return true;
}

function unreadable(directory: string) {
  return (error: unknown): never => {
    const message = `expected to read ${directory}, saw ${messageOf(error)}; check the path and its rights`;
    throw new AdapterError(PROVIDER, 'io', message, { retryable: false, cause: error });
  };
}

function broken(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'io', message, { retryable: true });
}

export const fileRecordSchema = z
  .strictObject({
    type: z.literal('file').describe('Files on this machine, a directory for each service.'),
    path: z.string().min(1).describe('Directory of the files, from the root of the workspace.'),
  })
  .transform(
    ({ type, path }): RegisteredRecord => ({
      type,
      create: ({ service, environment, baseDir, clock }) =>
        fileRecord({ path: resolve(baseDir, path), service, environment, clock }),
    }),
  );
