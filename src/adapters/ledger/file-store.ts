import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ENTRY = /^(\d{12})\.json$/;
const DRAFT = /^\.draft-(\d{12})-/;

export function entryName(revision: number): string {
  return `${String(revision).padStart(12, '0')}.json`;
}

export interface Listing {
  /** Ascending. */
  readonly entries: readonly number[];
  readonly drafts: readonly { readonly revision: number; readonly name: string }[];
}

/** What the directory holds; other files in it are left alone. Empty when there is no directory yet. */
export async function list(directory: string): Promise<Listing> {
  const names = await readdir(directory).catch(noneIfMissing);
  const entries = names.flatMap((name) => revisionIn(name, ENTRY)).sort((a, b) => a - b);
  const drafts = names.flatMap((name) => revisionIn(name, DRAFT).map((revision) => ({ revision, name })));
  return { entries, drafts };
}

/** Null when there is no such entry. */
export async function readText(directory: string, revision: number): Promise<string | null> {
  try {
    return await readFile(join(directory, entryName(revision)), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Makes the directory so that it outlives a power cut, with every parent that was missing. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    await syncDirectory(dirname(made));
  }
}

/** Writes a whole entry beside its final name, down to the disk. Returns its path. */
export async function writeDraft(directory: string, revision: number, text: string): Promise<string> {
  const digits = String(revision).padStart(12, '0');
  const path = join(directory, `.draft-${digits}-${randomUUID()}`);
  try {
    const file = await open(path, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard(path);
    throw error;
  }
  return path;
}

/**
 * Gives a draft its final name, if that name is free: link(2) decides in one step, among all processes. False
 * when it is taken, or when the draft has been swept because its revision was written long ago.
 */
export async function claim(draft: string, directory: string, revision: number): Promise<boolean> {
  try {
    await link(draft, join(directory, entryName(revision)));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

export async function discard(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

/** Some file systems cannot do it for a directory and say so; they keep their names safe by themselves. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes(codeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Takes away what nobody needs once `written` is there: drafts that can never get their name, then all but the
 * newest `keep` entries, oldest first. Drafts go before entries: a writer that fell asleep between its last
 * look and its link must find its draft gone rather than an old name free again. Stops at the first failure.
 */
export async function sweep(directory: string, written: number, keep: number): Promise<void> {
  const { entries, drafts } = await list(directory);
  for (const draft of drafts) {
    if (draft.revision <= written) await unlink(join(directory, draft.name)).catch(ignoreMissing);
  }
  for (const revision of entries) {
    if (revision > written - keep) return;
    await unlink(join(directory, entryName(revision))).catch(ignoreMissing);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function revisionIn(name: string, pattern: RegExp): number[] {
  const digits = pattern.exec(name)?.[1];
  return digits === undefined ? [] : [Number(digits)];
}

function noneIfMissing(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
