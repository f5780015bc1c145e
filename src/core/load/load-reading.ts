import type { LoadRun } from './load-run.ts';

/** What came of reading one report. */
export type LoadReading = { readonly kind: 'read'; readonly runs: readonly LoadRun[] } | UnreadableLoadReport;

/** Empty, cut short, contradicting itself, or of no tool that is known: never taken for a run. */
export interface UnreadableLoadReport {
  readonly kind: 'unreadable';
  readonly file: string;
  readonly position: ReportPosition;
  /** What should have stood there, and how to get it. */
  readonly expected: string;
  readonly seen: string;
}

/** Lines and columns count from 1; bytes, of a binary report, from 0. */
export type ReportPosition = { readonly line: number; readonly column: number } | { readonly byte: number };
