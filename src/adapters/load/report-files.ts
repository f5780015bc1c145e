import { realpath, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { glob } from 'tinyglobby';
import type { UnreadableLoadReport } from '../../core/load/load-reading.ts';
import type { FoundRun } from '../../core/load/load-test.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { LoadReports } from '../../ports/load-reports.ts';
import { readLoadReport } from './read-report.ts';

/** More reports than any load test has generators: the pattern is wrong. */
const MOST = 200;

/** Every file that one of the patterns matches, in the order of their names. */
export function reportFiles(patterns: readonly string[], baseDir: string): LoadReports {
  const place = patterns.join(', ');
  return {
    place,
    read: async (signal) => {
      const byPattern = await Promise.all(patterns.map((pattern) => filesOf(pattern, baseDir)));
      const files = [...new Set(byPattern.flat())];
      if (files.length > MOST) throw tooMany(place, files.length);
      const found: FoundRun[] = [];
      const unreadable: UnreadableLoadReport[] = [];
      for (const file of files.toSorted()) {
        const shown = relative(baseDir, file);
        const reading = await readLoadReport(file, signal);
        if (reading.kind === 'unreadable') unreadable.push({ ...reading, file: shown });
        else found.push(...(await withTime(file, shown, reading.runs)));
      }
      return { found, unreadable, unmatched: patterns.filter((_, index) => byPattern[index]?.length === 0) };
    },
  };
}

/** By their real paths, so that no link makes two generators of one. */
async function filesOf(pattern: string, baseDir: string): Promise<string[]> {
  const files = await glob(pattern, {
    cwd: baseDir,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
  });
  return Promise.all(files.map((file) => realpath(file)));
}

async function withTime(file: string, shown: string, runs: readonly FoundRun['run'][]): Promise<FoundRun[]> {
  const { mtimeMs } = await stat(file).catch((error: unknown) => {
    const message = `expected to read ${shown}, saw ${messageOf(error)}; keep it until the gate has read it`;
    throw new AdapterError('load-reports', 'io', message, { retryable: false, cause: error });
  });
  return runs.map((run) => ({ run: { ...run, source: shown }, writtenAt: mtimeMs }));
}

function tooMany(place: string, count: number): AdapterError {
  const message = `expected at most ${MOST} reports at ${place}, saw ${count}; narrow the pattern`;
  return new AdapterError('load-reports', 'refused', message, { retryable: false });
}
