import type { Verdict } from '../checks/finding.ts';
import { type GateLine, renderGates } from './gate-board.ts';
import { joinLines, type Markdown, md } from './markdown.ts';
import { asSentence, clip } from './plain-text.ts';

/** How showing a gate came out. The list is closed. */
export type ShownReason = 'shown' | 'superseded' | 'read-only-token' | 'not-shown';

/** Why a token can only read, whatever the workflow asks for. */
export type ReadOnlyCause = 'fork' | 'dependabot';

export interface MissedPart {
  readonly what: 'status' | 'comment';
  readonly code: string;
  readonly why: string;
}

export interface ShownFacts {
  readonly line: GateLine;
  readonly pull: number | null;
  readonly status: boolean;
  readonly comment: boolean;
  readonly superseded: boolean;
  readonly missed: readonly MissedPart[];
  /** Null when the workflow itself says what its token may do. */
  readonly readOnly: ReadOnlyCause | null;
}

/** What `pr-status` answers with: versioned, machine-readable. */
export interface ShownResult {
  readonly schemaVersion: 1;
  readonly operation: 'pr-status';
  /** Of the showing, not of the gate. */
  readonly verdict: Verdict;
  readonly reasonCode: ShownReason;
  readonly message: string;
  readonly gate: GateLine;
  readonly pullRequest: number | null;
  readonly status: boolean;
  readonly comment: boolean;
  /** What could not be shown, and why. */
  readonly missed: readonly string[];
}

const SOURCES: Readonly<Record<ReadOnlyCause, string>> = {
  fork: 'a pull request from a fork',
  dependabot: 'a run of Dependabot',
};

/** A token that GitHub made read-only is nobody's mistake here, and fails no job; everything else that was missed does. */
export function toShownResult(facts: ShownFacts): ShownResult {
  const { line, pull: pullRequest, status, comment, missed, readOnly } = facts;
  const isExcused = readOnly !== null && missed.every(({ code }) => code === 'unauthorized');
  const reasonCode = reasonOf(facts, isExcused);
  return {
    schemaVersion: 1,
    operation: 'pr-status',
    verdict: reasonCode === 'not-shown' ? 'fail' : 'pass',
    reasonCode,
    message: messageOf(facts, reasonCode),
    gate: line,
    pullRequest,
    status,
    comment,
    missed: missed.map(sayMissed),
  };
}

/** What it takes at the end, even if less than that was missed first. */
const NEEDED = { status: 'statuses: write', comment: 'pull-requests: write' } as const;

function sayMissed({ what, code, why }: MissedPart): string {
  const takes = code === 'unauthorized' ? ` (it takes \`permissions: { ${NEEDED[what]} }\`)` : '';
  return `the ${what} was not written${takes}: ${why}`;
}

function reasonOf({ missed, superseded }: ShownFacts, isExcused: boolean): ShownReason {
  if (missed.length > 0) return isExcused ? 'read-only-token' : 'not-shown';
  return superseded ? 'superseded' : 'shown';
}

function messageOf({ line, pull, readOnly, missed }: ShownFacts, reason: ShownReason): string {
  const what = `${line.gate}: ${line.state}`;
  const parts = [...new Set(missed.map((one) => one.what))].join(' and ');
  switch (reason) {
    case 'shown':
      return `${what} is shown at ${line.sha.slice(0, 7)}${pull === null ? '' : ` and on #${pull}`}`;
    case 'superseded':
      return `${what} is shown at ${line.sha.slice(0, 7)}; #${pull} has gone on to another commit, and its comment tells of that`;
    case 'read-only-token':
      return `${what} is told here only, without ${parts}: the token of ${SOURCES[readOnly ?? 'fork']} can only read, whatever \`permissions:\` say; to write, run pr-status in a workflow on \`workflow_run\``;
    case 'not-shown':
      return `${what} is told here only, without ${parts}: see why below`;
  }
}

/** For the job summary: what the gate says, and what people will not find where they look for it. */
export function renderShown(result: ShownResult): string {
  const missed: readonly Markdown[] = result.missed.map((why) => md`- ${clip(asSentence(why), 1_000)}`);
  const rest = missed.length === 0 ? [] : [md``, md`${asSentence(result.message)}`, md``, ...missed, md``];
  return `${renderGates([result.gate])}${joinLines(rest).markdown}`;
}
