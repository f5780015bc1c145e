import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readLoadReport } from '../../src/adapters/load/read-report.ts';
import type { LoadReading, UnreadableLoadReport } from '../../src/core/load/load-reading.ts';
import type { LoadRun } from '../../src/core/load/load-run.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/load/', import.meta.url));

export const fixture = (name: string): string => join(FIXTURES, name);

export function read(path: string): Promise<LoadReading> {
  return readLoadReport(path, new AbortController().signal);
}

/** The only run of a report that must be readable. */
export function runOf(reading: LoadReading): LoadRun {
  if (reading.kind === 'unreadable') throw new Error(`expected a run, saw ${JSON.stringify(reading)}`);
  const [run] = reading.runs;
  if (run === undefined || reading.runs.length !== 1)
    throw new Error(`expected one run, saw ${reading.runs.length}`);
  return run;
}

export function problemOf(reading: LoadReading): UnreadableLoadReport {
  if (reading.kind === 'read') throw new Error(`expected a problem, saw ${JSON.stringify(reading.runs)}`);
  return reading;
}

/** A folder for the reports of a test; `close` removes it. */
export function reportFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'load-reports-'));
  const write = (content: string | Uint8Array, name = 'report'): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  return { folder, write, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What is true of every run that is told, of whatever report. */
export function expectConsistent(run: LoadRun): void {
  const { requests, failed, duration, series, latency } = run;
  expect(requests).toBeGreaterThan(0);
  expect(Number.isInteger(requests) && Number.isInteger(failed)).toBe(true);
  expect(failed).toBeGreaterThanOrEqual(0);
  expect(failed).toBeLessThanOrEqual(requests);
  expect(duration >= 0 && Number.isFinite(duration)).toBe(true);
  let reached = series[0]?.at ?? 0;
  const gaps = series.filter((point) => {
    const isGap = Math.abs(point.at - reached) > 0.1 || point.failed > point.requests;
    reached = point.at + point.span;
    return isGap;
  });
  expect(gaps).toEqual([]);
  expect(series.reduce((sum, one) => sum + one.requests, 0)).toBeLessThanOrEqual(requests);
  if (latency.kind === 'histogram') expect(latency.histogram.count).toBeLessThanOrEqual(requests);
  else for (const { ms } of latency.percentiles) expect(ms >= 0 && Number.isFinite(ms)).toBe(true);
}
