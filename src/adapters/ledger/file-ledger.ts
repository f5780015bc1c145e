import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Registered } from '../../ports/adapter-context.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { Append, Ledger, LedgerEntry } from '../../ports/ledger.ts';
import { readEntry, writeEntry } from './entry-text.ts';
import {
  claim,
  codeOf,
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

const PROVIDER = 'file-ledger';
/** A fast writer may sweep an entry between our look and our reading, but hardly so often. */
const LOOKS = 5;
/** These pass by themselves, or when somebody makes room. */
const PASSING = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ESTALE'];

export interface FileLedgerOptions {
  /** Absolute; the ledger makes a directory for its environment and service in it. */
  readonly path: string;
  readonly environment: string;
  readonly service: string;
  /** How many of the newest entries are kept; at least 2. */
  readonly keep: number;
}

/**
 * One JSON file for each revision. An entry gets its final name by link(2) once it is whole and on the disk,
 * so that of many processes exactly one writes a revision, and none is ever seen half. The directory must be
 * on one machine's own file system.
 */
export function fileLedger(options: FileLedgerOptions): Ledger {
  const directory = join(options.path, safeName(options.environment), safeName(options.service));
  const within = <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
    untilAborted(signal, () => work().catch((error: unknown) => fail(error, directory)));
  return {
    name: PROVIDER,
    newest: (signal) => within(signal, () => newest(directory, options)),
    append: (expected, entry, signal) =>
      within(signal, () => append(directory, options, expected, entry, signal)),
    history: (limit, signal) => within(signal, () => history(directory, options, limit)),
  };
}

async function newest(directory: string, options: FileLedgerOptions): Promise<LedgerEntry | null> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const { entries } = await list(directory);
    const revision = entries.at(-1);
    if (revision === undefined) return null;
    const entry = await read(directory, revision, options);
    if (entry !== null) return entry;
  }
  throw broken(`the entries of ${directory} keep vanishing; make sure that nothing else deletes them`);
}

async function history(
  directory: string,
  options: FileLedgerOptions,
  limit: number,
): Promise<readonly LedgerEntry[]> {
  const { entries } = await list(directory);
  const found: LedgerEntry[] = [];
  for (const revision of entries.toReversed().slice(0, limit)) {
    const entry = await read(directory, revision, options);
    if (entry !== null) found.push(entry);
  }
  return found;
}

async function append(
  directory: string,
  options: FileLedgerOptions,
  expected: number,
  entry: Omit<LedgerEntry, 'revision'>,
  signal: AbortSignal,
): Promise<Append> {
  const next: LedgerEntry = { revision: expected + 1, ...entry };
  const text = writeEntry(PROVIDER, next);
  await makeDirectory(directory);
  const draft = await writeDraft(directory, next.revision, text);
  try {
    // Not before the draft is there: see sweep.
    const free = await isNewest(directory, expected);
    if (signal.aborted) throw stopped();
    if (!free || !(await claim(draft, directory, next.revision))) {
      return await conflict(directory, options, expected);
    }
  } finally {
    await discard(draft);
  }
  await syncDirectory(directory);
  await sweep(directory, next.revision, options.keep).catch(() => undefined);
  return { kind: 'appended', entry: next };
}

async function isNewest(directory: string, expected: number): Promise<boolean> {
  const { entries } = await list(directory);
  return (entries.at(-1) ?? 0) === expected;
}

async function conflict(directory: string, options: FileLedgerOptions, expected: number): Promise<Append> {
  const entry = await newest(directory, options);
  if (entry !== null) return { kind: 'conflict', newest: entry };
  throw broken(
    `expected entry ${expected} in ${directory}, saw none; somebody has deleted the ledger: restore it, or check the traffic by hand and start anew`,
  );
}

/** Null when the entry has gone since it was listed. */
async function read(
  directory: string,
  revision: number,
  { service, environment }: FileLedgerOptions,
): Promise<LedgerEntry | null> {
  const text = await readText(directory, revision);
  if (text === null) return null;
  const file = join(directory, entryName(revision));
  const result = readEntry(text);
  if (!result.ok)
    throw broken(`expected a whole entry in ${file}, saw something else: ${result.why}. ${CURE}`);
  const { entry } = result;
  if (entry.revision !== revision) {
    throw broken(`expected revision ${revision} in ${file}, saw revision ${entry.revision}. ${CURE}`);
  }
  if (entry.record.service !== service || entry.record.environment !== environment) {
    const seen = `${entry.record.service} in ${entry.record.environment}`;
    throw broken(`expected an entry of ${service} in ${environment} in ${file}, saw one of ${seen}. ${CURE}`);
  }
  return entry;
}

const CURE =
  'Restore the file from a backup. If there is none, check by hand where traffic goes, then move the file out of the directory: the entry before it counts again';

function broken(message: string): AdapterError {
  return new AdapterError(PROVIDER, 'invalid-answer', message, { retryable: false });
}

function stopped(): AdapterError {
  const message = 'expected an answer from the disk in time, saw none before the call was stopped';
  return new AdapterError(PROVIDER, 'timeout', message, { retryable: true });
}

/** Settles as soon as the signal aborts, even when the disk does not answer. */
function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(stopped());
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(stopped());
    signal.addEventListener('abort', stop, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

function fail(error: unknown, directory: string): never {
  if (error instanceof AdapterError) throw error;
  const code = codeOf(error);
  const message = `expected to read and write ${directory}, saw ${messageOf(error)}; ${cureOf(code)}`;
  throw new AdapterError(PROVIDER, 'io', message, { retryable: PASSING.includes(code), cause: error });
}

function cureOf(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room on its disk';
  if (code === 'EROFS') return 'put `path` on a disk that can be written';
  if (code === 'EACCES' || code === 'EPERM')
    return 'give this user the right to read, write and hard-link there';
  if (code === 'ENOTSUP' || code === 'ENOSYS') return 'put `path` on a file system that knows hard links';
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return 'a file stands where a directory is needed: move it away';
  return 'check the disk';
}

export const fileLedgerSchema = z
  .strictObject({
    type: z.literal('file').describe('Keeps the record in files, on a disk that outlives the job.'),
    path: z
      .string()
      .min(1)
      .default('.deploy-canary/ledger')
      .describe(
        'Directory of the ledger, on a local disk. Every service and environment gets its own in it.',
      ),
    keep: z
      .int()
      .min(10)
      .max(100_000)
      .default(200)
      .describe('How many of the newest entries are kept for each service and environment.'),
  })
  .describe('A ledger in files, for one machine.')
  .transform(
    ({ path, keep }): Registered<Ledger> => ({
      type: 'file',
      create: ({ baseDir, environment, service }) =>
        fileLedger({ path: resolve(baseDir, path), environment, service, keep }),
    }),
  );
