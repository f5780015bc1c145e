import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import type { Lease, Shares } from '../../../ports/traffic-router.ts';
import { PROVIDER } from './options.ts';
import { leaseSchema, sharesSchema } from './wire.ts';

/** What outlives a restart of the router. */
export interface StoredState {
  readonly shares: Shares;
  readonly lease: Lease | null;
  readonly lapsed: string | null;
  readonly token: number;
}

export interface StateFile {
  /** Null when there is no file yet. Rejects with an AdapterError when it cannot be understood. */
  load(): Promise<StoredState | null>;
  /** Whole or not at all, and on the disk when it resolves. Calls are carried out one after the other. */
  save(state: StoredState): Promise<void>;
}

const storedSchema = z.object({
  schema: z.literal(1),
  shares: sharesSchema,
  lease: leaseSchema.nullable(),
  lapsed: z.string().nullable(),
  token: z.int().min(0),
});

/** Forgets everything: the router then starts with its initial shares. */
export const noStateFile: StateFile = {
  load: () => Promise.resolve(null),
  save: () => Promise.resolve(),
};

export function stateFile(path: string): StateFile {
  let last: Promise<void> = Promise.resolve();
  return {
    load: () => load(path),
    save(state) {
      const saved = last.then(() => write(path, state));
      last = saved.catch(() => undefined);
      return saved;
    },
  };
}

async function load(path: string): Promise<StoredState | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw broken(path, messageOf(cause), cause);
  }
  const parsed = storedSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) throw broken(path, z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function broken(path: string, seen: string, cause: unknown): AdapterError {
  return new AdapterError(
    PROVIDER,
    'io',
    `expected the router's own state in ${path}, but: ${seen}. ` +
      'Delete the file to start with the initial shares, after making sure which slot is stable',
    { retryable: false, cause },
  );
}

async function write(path: string, state: StoredState): Promise<void> {
  const { shares, lapsed, token } = state;
  const lease =
    state.lease === null
      ? null
      : { holder: state.lease.holder, ttl: state.lease.ttl, fallback: state.lease.fallback };
  const folder = dirname(path);
  const fresh = `${path}.${process.pid}.tmp`;
  await mkdir(folder, { recursive: true });
  await writeThrough(fresh, `${JSON.stringify({ schema: 1, shares, lease, lapsed, token })}\n`);
  await rename(fresh, path);
  await syncFolder(folder);
}

async function writeThrough(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The rename itself is only safe once the folder is on the disk too; not every system lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  try {
    await handle?.sync().catch(() => undefined);
  } finally {
    await handle?.close();
  }
}
