import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { LoadTestResult } from '../core/load/load-test-result.ts';
import { renderLoadPage } from '../core/report/load-page.ts';
import { loadSections } from '../core/report/load-sections.ts';
import type { GateExtras } from './gate-stage.ts';

interface Telling {
  /** Where the page goes, from `baseDir`; null for nowhere. */
  readonly report: string | null;
  readonly baseDir: string;
  readonly warn: (message: string) => void;
}

/** What a load test tells beyond what every gate tells. Its page is written on the way; that it could not be is a warning. */
export async function loadTestTold(
  result: LoadTestResult,
  { report, baseDir, warn }: Telling,
): Promise<GateExtras> {
  if (report !== null) await writePage(result, resolve(baseDir, report), warn);
  if (result.unkept !== null) warn(unkeptLine(result.unkept));
  const figure = (name: string): string => String(result.figures[name]?.value ?? '');
  const outputs = { rate: figure('rate'), p95: figure('p95'), 'error-rate': figure('error-rate') };
  return { outputs, sections: loadSections(result) };
}

/** The verdict stands all the same: only the next run has nothing newer to be held against. */
export function unkeptLine(why: string): string {
  return `this run was not kept as accepted: ${why}`;
}

export async function writePage(
  result: LoadTestResult,
  path: string,
  warn: (message: string) => void,
): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, renderLoadPage(result, Date.now()));
  } catch (error) {
    warn(`the report was not written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
