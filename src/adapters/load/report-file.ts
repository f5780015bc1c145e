import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

const CHUNK = 256 * 1_024;
const HEAD = 64 * 1_024;
/** Reports that are one document have a few kilobytes; one of this size is something else. */
const LARGEST_DOCUMENT = 64 * 1_024 * 1_024;

/** A report where it lies. Every failure to read it is an AdapterError; none of them is worth a second try. */
export interface ReportFile {
  readonly path: string;
  readonly signal: AbortSignal;
  /** Its first 64 KiB, or all of it. */
  readonly head: Buffer;
}

export async function openReport(path: string, signal: AbortSignal): Promise<ReportFile> {
  signal.throwIfAborted();
  return reading(path, async () => {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return { path, signal, head: buffer.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  });
}

export async function readWhole({ path, signal, head }: ReportFile): Promise<string | ReportProblem> {
  if (head.length < HEAD) return head.toString('utf8');
  const { size } = await reading(path, () => stat(path));
  if (size > LARGEST_DOCUMENT) {
    return problemAt(1, 'one document of at most 64 MB', `${Math.round(size / 1e6)} MB`);
  }
  return reading(path, () => readFile(path, { encoding: 'utf8', signal }));
}

/** Hands over the file piece by piece until it ends, or until one of the pieces is a problem. */
export async function eachChunk(
  { path, signal, head }: ReportFile,
  onChunk: (chunk: Buffer) => ReportProblem | null,
): Promise<ReportProblem | null> {
  if (head.length < HEAD) return head.length === 0 ? null : onChunk(head);
  return reading(path, async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK, signal })) {
      const problem = onChunk(chunk);
      if (problem !== null) return problem;
    }
    return null;
  });
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AbortError' || !('syscall' in error)) throw error;
    const message = `${path} cannot be read: ${messageOf(error)}`;
    throw new AdapterError('load-report', 'io', message, { retryable: false, cause: error });
  }
}
