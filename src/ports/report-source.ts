import type { UnreadableReport } from '../core/e2e/suite.ts';
import type { Report } from '../core/e2e/test-case.ts';
import type { EpochMs } from '../core/units.ts';

export interface ReportFile {
  /** From the root of the workspace where it is in there. */
  readonly path: string;
  readonly modifiedAt: EpochMs;
  /** Changes whenever the file is written. */
  readonly stamp: string;
}

export interface FoundReports {
  /** Each once, in the order of their paths. */
  readonly files: readonly ReportFile[];
  /** Patterns that no file matches, with what was seen instead. */
  readonly unmatched: readonly string[];
}

export type FileRead = { readonly kind: 'read'; readonly report: Report } | UnreadableReport;

/** Where test reports come from. */
export interface ReportSource {
  /** Files that match the globs. Rejects with an AdapterError when the folder cannot be read. */
  find(patterns: readonly string[], signal: AbortSignal): Promise<FoundReports>;
  /** Never rejects for what is in the file: a report that cannot be read is an answer. */
  read(file: ReportFile, signal: AbortSignal): Promise<FileRead>;
  /** The path of a source file from the root of the workspace, as a report names it; null when it is not there. */
  locate(file: string): Promise<string | null>;
}
