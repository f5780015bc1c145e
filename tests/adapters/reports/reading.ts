import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ParsedReport } from '../../../src/adapters/reports/draft.ts';
import { readReport } from '../../../src/adapters/reports/read-report.ts';
import { ReportFlaw } from '../../../src/adapters/reports/report-flaw.ts';
import type { TestCase } from '../../../src/core/e2e/test-case.ts';

const FOLDER = resolve(import.meta.dirname, '../../fixtures/reports');

/** What the tools wrote, by file name. */
export const FIXTURES: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name !== 'README.md')
    .map((name) => [name, readFileSync(join(FOLDER, name))]),
);

export type Reading = { readonly report: ParsedReport } | { readonly flaw: ReportFlaw };

/** The report in these bytes, in chunks of a size; anything but a report or a flaw of it is a bug, and thrown. */
export async function readingOf(bytes: Uint8Array | string, chunk = 65_536): Promise<Reading> {
  try {
    return { report: await readReport(chunksOf(Buffer.from(bytes), chunk)) };
  } catch (error) {
    if (error instanceof ReportFlaw) return { flaw: error };
    throw error;
  }
}

export async function reportIn(bytes: Uint8Array | string, chunk?: number): Promise<ParsedReport> {
  const reading = await readingOf(bytes, chunk);
  if ('flaw' in reading) throw reading.flaw;
  return reading.report;
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** A test as a line: what decides, and nothing else. */
export function lineOf({ outcome, suites, name, variant }: TestCase): string {
  return `${outcome} ${[...suites, name].join(' › ')}${variant === null ? '' : ` [${variant}]`}`;
}
