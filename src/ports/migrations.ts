import type { Answered } from '../core/checks/checklist.ts';
import type { ParsedFile } from '../core/deploy/change.ts';
import type { MigrationWaiver } from '../core/deploy/guard.ts';
import type { Milliseconds } from '../core/units.ts';

export type Dialect = 'postgresql' | 'mysql' | 'sqlite';
/** How a tool marks the way back in the same file; without them all of a file is the way forward. */
export type Markers = 'dbmate' | 'goose' | 'sql-migrate';

/** How to judge the migrations of one service. */
export interface MigrationSpec {
  readonly name: string;
  /** Glob patterns, from the root of the workspace. */
  readonly files: readonly string[];
  /** Null for migrations that are programs. */
  readonly dialect: Dialect | null;
  readonly markers: Markers | null;
  /** Files up to this path ran before anybody judged them; null for none. */
  readonly baseline: string | null;
  readonly waivers: readonly MigrationWaiver[];
  /** A program that says with exit code 0 that the running version bears the migrations; null for none. */
  readonly compatible: CompatibleProgram | null;
}

export interface CompatibleProgram {
  readonly argv: readonly string[];
  readonly envFrom: readonly string[];
  readonly timeout: Milliseconds;
}

/** A file as it is in a commit. */
export interface CommittedFile {
  readonly path: string;
  /** Git's id of its content. */
  readonly blob: string;
}

/** Files of commits. Failures are AdapterErrors. */
export interface CommittedFiles {
  /** Those that match one of the patterns, by path; null when the commit is not here. */
  list(
    patterns: readonly string[],
    commit: string,
    signal: AbortSignal,
  ): Promise<readonly CommittedFile[] | null>;
  read(file: CommittedFile, signal: AbortSignal): Promise<string>;
  /** Git's id of the content at a commit that is not here, asked where the repository lives; null for no such file. */
  blobElsewhere(path: string, commit: string): Promise<string | null>;
  /** The commit that a tag or an abbreviation means; null when it means none here. */
  resolve(name: string, signal: AbortSignal): Promise<string | null>;
}

/** Reads SQL; what it cannot read is in the file as an unreadable statement. */
export type SqlReader = (
  file: { readonly path: string; readonly text: string },
  how: { readonly dialect: Dialect; readonly markers: Markers | null },
) => Promise<ParsedFile>;

/** What a commit has of migrations. */
export interface MigrationSet {
  /** SHA-256 over the paths and contents of all files. */
  readonly digest: string;
  readonly files: number;
}

/** The migrations of one service. */
export interface Migrations {
  readonly spec: MigrationSpec;
  at(commit: string, signal: AbortSignal): Promise<MigrationSet>;
  /** Whether a version at `running` bears what `commit` adds; all files when nothing runs. */
  judge(range: MigrationRange, signal: AbortSignal): Promise<readonly Answered[]>;
}

export interface MigrationRange {
  readonly commit: string;
  /** The commit of the running version; null when nothing runs, or nobody knows of which commit it is. */
  readonly running: string | null;
}
