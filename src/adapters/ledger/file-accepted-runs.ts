import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { AcceptedRuns, RegisteredAcceptedRuns } from '../../ports/accepted-runs.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import { type AcceptedKey, readAccepted, writeAccepted } from './accepted-text.ts';
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

const PROVIDER = 'accepted-runs';
const KEPT = 20;

/** One file for each accepted run, written by the same compare-and-set as the file ledger's. */
export function fileAcceptedRuns(path: string, key: AcceptedKey): AcceptedRuns {
  const { environment, service, test } = key;
  const directory = join(path, safeName(environment), safeName(service), safeName(test));
  return {
    newest: () => guarded(directory, () => newest(directory, key)),
    keep: (expected, run) =>
      guarded(directory, async () => {
        const revision = expected + 1;
        await makeDirectory(directory);
        const draft = await writeDraft(directory, revision, writeAccepted(key, revision, run));
        try {
          const { entries } = await list(directory);
          if ((entries.at(-1) ?? 0) !== expected) return 'superseded';
          if (!(await claim(draft, directory, revision))) return 'superseded';
        } finally {
          await discard(draft);
        }
        await syncDirectory(directory);
        await sweep(directory, revision, KEPT).catch(() => undefined);
        return 'kept';
      }),
  };
}

async function newest(directory: string, key: AcceptedKey) {
  const { entries } = await list(directory);
  const revision = entries.at(-1);
  if (revision === undefined) return null;
  const text = await readText(directory, revision);
  if (text === null) return null;
  return readAccepted(PROVIDER, text, join(directory, entryName(revision)), key);
}

async function guarded<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const message = `expected to read and write ${directory}, saw ${messageOf(error)}; check the disk and the rights`;
    throw new AdapterError(PROVIDER, 'io', message, { retryable: false, cause: error });
  }
}

export const fileAcceptedRunsSchema = z
  .strictObject({
    type: z.literal('file').describe('Keeps them in files, on a disk that outlives the job.'),
    path: z
      .string()
      .min(1)
      .prefault('.deploy-canary/load-tests')
      .describe('Directory, on a local disk. Every service, environment and test gets its own in it.'),
  })
  .describe('Accepted runs in files, for one machine.')
  .transform(
    ({ type, path }): RegisteredAcceptedRuns => ({
      type,
      create: ({ baseDir, environment, service }, test) =>
        fileAcceptedRuns(resolve(baseDir, path), { environment, service, test }),
    }),
  );
