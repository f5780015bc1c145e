import type { Milliseconds } from '../../core/units.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

/** A report for people: found line by line. */
export interface TextReport {
  /** The groups of the first line that matches; null where none does. */
  readonly find: (line: RegExp) => readonly string[] | null;
  readonly findAll: (line: RegExp) => readonly (readonly string[])[];
  readonly problem: (line: RegExp, expected: string, seen?: string) => ReportProblem;
  readonly isWhole: boolean;
}

export function textReport(text: string): TextReport {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const findAll = (pattern: RegExp): string[][] =>
    lines.flatMap((line) => {
      const found = pattern.exec(line);
      return found === null ? [] : [found.slice(1).map((group) => group ?? '')];
    });
  return {
    find: (pattern) => findAll(pattern)[0] ?? null,
    findAll,
    problem: (pattern, expected, seen) => {
      const at = lines.findIndex((line) => pattern.test(line));
      const line = at === -1 ? lines.length : at + 1;
      return problemAt(line, expected, seen ?? lines[line - 1] ?? 'end of file');
    },
    isWhole: lines.at(-1) === '',
  };
}

const UNITS: Readonly<Record<string, Milliseconds>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `635.91us`, `1.20s`, `2.00m` in milliseconds; NaN when it is none of them. */
export function spanOf(text: string): Milliseconds {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text) ?? [];
  return value === undefined ? Number.NaN : Number(value) * (UNITS[unit] ?? Number.NaN);
}
