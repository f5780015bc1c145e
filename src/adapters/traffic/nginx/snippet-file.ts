import { randomUUID } from 'node:crypto';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import { PROVIDER } from './snippet.ts';

export interface SnippetFile {
  readonly path: string;
  /** Null when there is none. */
  read(): Promise<string | null>;
  /** Whole or not at all, and down to the disk; null takes the file away. */
  write(text: string | null): Promise<void>;
}

export function snippetFile(path: string): SnippetFile {
  return {
    path,
    read: () =>
      readFile(path, 'utf8').catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return null;
        throw failure('read', path, error);
      }),
    async write(text) {
      try {
        await (text === null ? unlink(path) : replace(path, text));
      } catch (error) {
        throw failure('write', path, error);
      }
    },
  };
}

/** The draft's name ends so that `include conf.d/*.conf` does not find it. */
async function replace(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}.draft`);
  try {
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

function failure(what: 'read' | 'write', path: string, cause: unknown): AdapterError {
  const fix =
    what === 'write'
      ? 'the weights were not touched; let this job write in its folder, and see that the disk has room'
      : 'let this job read it';
  const message = `expected to ${what} the snippet ${path}, saw ${messageOf(cause)}; ${fix}`;
  return new AdapterError(PROVIDER, 'io', message, { retryable: true, cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
