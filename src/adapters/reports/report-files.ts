import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { type GlobOptions, glob } from 'tinyglobby';
import type { Report, TestCase } from '../../core/e2e/test-case.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { FileRead, FoundReports, ReportFile, ReportSource } from '../../ports/report-source.ts';
import { readReport } from './read-report.ts';
import { ReportFlaw } from './report-flaw.ts';

/** What a reader of a file takes at once. */
const CHUNK = 256 * 1024;
/** More files are the wrong pattern. */
const MOST_FILES = 2_000;

/** Reports in the folder `baseDir` of this machine. */
export function reportFiles(baseDir: string): ReportSource {
  return {
    find: (patterns, signal) => find(baseDir, patterns, signal),
    read: (file, signal) => read(baseDir, file, signal),
    locate: (file) => locate(baseDir, file),
  };
}

async function find(
  baseDir: string,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<FoundReports> {
  const files = new Map<string, ReportFile>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const found = await filesOf(baseDir, pattern, signal);
    if (found.length === 0) unmatched.push(await whyUnmatched(baseDir, pattern));
    for (const [real, file] of found) files.set(real, file);
    if (files.size > MOST_FILES) {
      const message = `expected at most ${MOST_FILES} reports, saw more with '${pattern}'; name only reports`;
      throw new AdapterError('reports', 'refused', message, { retryable: false });
    }
  }
  const sorted = [...files.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return { files: sorted, unmatched };
}

/** Each by its real path, so that no link makes two of one. */
async function filesOf(
  baseDir: string,
  pattern: string,
  signal: AbortSignal,
): Promise<[string, ReportFile][]> {
  const options = { cwd: baseDir, absolute: true, onlyFiles: true, expandDirectories: false, signal };
  const paths = await matching(pattern, options);
  const files = paths.slice(0, MOST_FILES + 1).map(async (path): Promise<[string, ReportFile]> => {
    const real = await realpath(path);
    const { mtimeMs, ctimeMs, size, ino } = await stat(real);
    const stamp = [mtimeMs, ctimeMs, size, ino].join(' ');
    return [real, { path: fromBase(baseDir, path), modifiedAt: mtimeMs, stamp }];
  });
  return Promise.all(files);
}

async function matching(pattern: string, options: GlobOptions): Promise<string[]> {
  try {
    return await glob([pattern], options);
  } catch (error) {
    throw new AdapterError('reports', 'io', messageOf(error), { retryable: false, cause: error });
  }
}

async function whyUnmatched(baseDir: string, pattern: string): Promise<string> {
  const found = await stat(resolve(baseDir, pattern)).catch(() => null);
  if (found?.isDirectory() === true)
    return `'${pattern}' is a folder, not a report; write '${pattern}/**/*.xml'`;
  return `no file matches '${pattern}'`;
}

async function read(baseDir: string, file: ReportFile, signal: AbortSignal): Promise<FileRead> {
  const { path } = file;
  try {
    const stream = createReadStream(resolve(baseDir, path), { highWaterMark: CHUNK, signal });
    const report = await readReport(stream);
    return { kind: 'read', report: withPaths({ path, ...report }, baseDir) };
  } catch (error) {
    if (signal.aborted)
      return { kind: 'unreadable', path, position: '', why: 'not read before the run was stopped' };
    if (error instanceof ReportFlaw) {
      return { kind: 'unreadable', path, position: error.position, why: error.message };
    }
    if (error instanceof Error && 'code' in error && 'syscall' in error) {
      return { kind: 'unreadable', path, position: '', why: error.message };
    }
    throw error;
  }
}

/** Files as people know them: from the root of the workspace where they are in there. */
function withPaths(report: Report, baseDir: string): Report {
  const shown = (test: TestCase): TestCase =>
    test.file === null || !isAbsolute(test.file) ? test : { ...test, file: fromBase(baseDir, test.file) };
  return { ...report, tests: report.tests.map(shown) };
}

function fromBase(baseDir: string, path: string): string {
  const inside = relative(baseDir, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside.split(sep).join('/');
}

/** A report may count from elsewhere, or be of another machine: the longest end of the path that is here is meant. */
async function locate(baseDir: string, file: string): Promise<string | null> {
  const parts = file
    .replace(/^file:\/\//, '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return null;
  for (let from = 0; from < Math.min(parts.length, 20); from += 1) {
    const path = parts.slice(from).join('/');
    const found = await stat(resolve(baseDir, path)).catch(() => null);
    if (found?.isFile() === true) return path;
  }
  return null;
}
