import type { ReportPosition } from '../../core/load/load-reading.ts';
import type { LoadRun } from '../../core/load/load-run.ts';

/** Why a report is no run, and where that shows. */
export interface ReportProblem {
  readonly position: ReportPosition;
  readonly expected: string;
  readonly seen: string;
}

export type RunOrProblem = LoadRun | ReportProblem;

const LONGEST_EXCERPT = 80;

export function isProblem(outcome: object): outcome is ReportProblem {
  return 'expected' in outcome && 'position' in outcome;
}

export function problemAt(line: number, expected: string, seen: string, column = 1): ReportProblem {
  return { position: { line, column }, expected, seen: excerpt(seen) };
}

export function problemAtByte(byte: number, expected: string, seen: string): ReportProblem {
  return { position: { byte }, expected, seen: excerpt(seen) };
}

/** One line of it, short enough to print, without what could move a terminal's cursor. */
export function excerpt(text: string): string {
  const plain = text
    .slice(0, 2 * LONGEST_EXCERPT)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return plain.length > LONGEST_EXCERPT ? `${plain.slice(0, LONGEST_EXCERPT)}…` : plain;
}
