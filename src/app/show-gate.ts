import { type GateLine, mergeLines, readBoard, renderBoard } from '../core/report/gate-board.ts';
import { AdapterError, type AdapterErrorCode } from '../ports/adapter-error.ts';
import type { GateComment, GatePage, ToldStatus } from '../ports/gate-page.ts';

/** GitHub takes 65,536 characters; the adapter's own marker needs some of them. */
const COMMENT_LENGTH = 65_000;
/** So many times somebody else may write between our look and our word. */
const ROUNDS = 8;

export interface GateNews {
  readonly line: GateLine;
  /** The pull request to comment on; null for none. */
  readonly pull: number | null;
}

/** What was shown, and why the rest was not. */
export interface Shown {
  readonly status: boolean;
  readonly comment: boolean;
  /** The pull request has gone on to another commit, and its comment tells of that. */
  readonly superseded: boolean;
  readonly missed: readonly Missed[];
}

export interface Missed {
  readonly what: 'status' | 'comment';
  readonly code: AdapterErrorCode;
  readonly why: string;
}

/**
 * Shows what one gate says: as a commit status, and in the one comment that all gates of a pull request share.
 * What cannot be shown keeps nothing else from being shown.
 */
export async function showGate(
  page: GatePage,
  { line, pull }: GateNews,
  signal: AbortSignal,
): Promise<Shown> {
  const missed: Missed[] = [];
  const id = await tolerated(missed, 'status', () => page.postStatus(line, signal));
  const shown = { status: id !== null, comment: false, superseded: false, missed };
  if (pull === null) return shown;
  const done = await tolerated(missed, 'comment', async () => {
    const { head, isOpen } = await page.pull(pull, signal);
    if (isOpen && head !== line.sha) return 'superseded';
    const isCurrent = (known: GateLine): boolean => !isOpen || known.sha === head;
    await keepBoard(page, pull, { id, line, isCurrent }, signal);
    return 'kept';
  });
  return { ...shown, comment: done === 'kept', superseded: done === 'superseded' };
}

interface Own {
  /** Of our status; null when it could not be posted. */
  readonly id: number | null;
  readonly line: GateLine;
  /** Lines of earlier commits have had their time. */
  readonly isCurrent: (known: GateLine) => boolean;
}

/**
 * Writes the comment, looks again, and goes on until a look finds it as it should be. The statuses are what is true:
 * whoever writes last looks at them after writing, so no gate with a status is lost, however many write at once.
 * A gate whose token may comment but not set statuses is told by the comment alone, and another may overwrite it.
 */
async function keepBoard(page: GatePage, pull: number, own: Own, signal: AbortSignal): Promise<void> {
  let written: GateComment | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = withOurs(await page.comments(pull, signal), written);
    const told = own.id === null ? [] : await page.statuses(own.line.sha, signal);
    const body = renderBoard(linesOf(found, told, own), COMMENT_LENGTH);
    const [first, ...others] = found;
    if (first === undefined) written = await page.write(pull, body, signal);
    else if (first.body !== body && !(await page.rewrite(first.id, body, signal))) written = null;
    else if (first.body === body && others.length === 0) return;
    else if (first.body === body) {
      for (const other of others) await page.remove(other.id, signal);
      // Ours may have been among them, or have been removed by somebody else.
      written = null;
    }
  }
  const message = `expected to see the comment on #${pull} as it was written, saw others write it ${ROUNDS} times; run this again`;
  throw new AdapterError('github', 'fenced', message, { retryable: true });
}

/** A list may be older than what we wrote ourselves. */
function withOurs(found: readonly GateComment[], written: GateComment | null): readonly GateComment[] {
  return written === null || found.some(({ id }) => id === written.id) ? found : [...found, written];
}

function linesOf(
  found: readonly GateComment[],
  told: readonly ToldStatus[],
  { id, line, isCurrent }: Own,
): readonly GateLine[] {
  const known = found.flatMap(({ body }) => readBoard(body)).filter(isCurrent);
  const newer = told.some((one) => one.line.gate === line.gate && id !== null && one.id > id);
  const lines = told.map((one) => one.line);
  return newer ? mergeLines(known, lines) : mergeLines(known, lines, [line]);
}

async function tolerated<T>(
  missed: Missed[],
  what: Missed['what'],
  action: () => Promise<T>,
): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    missed.push({ what, code: error.code, why: error.message });
    return null;
  }
}
