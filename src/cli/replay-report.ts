import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Score } from '../core/replay/score.ts';
import {
  MOST_DETAILS,
  type OverviewDetail,
  type OverviewRow,
  overviewDetail,
  overviewRow,
  renderOverview,
} from '../core/report/replay-overview.ts';
import { type ReplayOrigin, type ReplayStory, renderReplayPage } from '../core/report/replay-page.ts';
import { totalsOf } from '../core/report/replay-totals.ts';
import { AdapterError, messageOf } from '../ports/adapter-error.ts';

/** Gathers replayed rollouts for a page, of which it keeps the rows of all and the whole of a few. */
export interface ReplayReport {
  readonly add: (story: ReplayStory) => void;
  /** Writes the page; answers with its full path. Fails with an AdapterError when it cannot be written. */
  readonly write: (path: string, score: Score | null) => Promise<string>;
}

interface Kept extends OverviewDetail {
  readonly isFalseAlarm: boolean;
}

export function replayReport(origin: ReplayOrigin): ReplayReport {
  const rows: OverviewRow[] = [];
  let details: readonly Kept[] = [];
  let only: ReplayStory | null = null;
  return {
    add: (story) => {
      only = rows.length === 0 ? story : null;
      details = withDetail(details, story, rows);
      rows.push(overviewRow(story));
    },
    write: async (path, score) => {
      const totals = totalsOf(rows.map((row) => row.replayed));
      const page =
        only === null
          ? renderOverview({ rows, details, totals, score }, origin)
          : renderReplayPage(only, origin);
      return written(path, page);
    },
  };
}

/**
 * False alarms come first, as they are what is worth reading; of others the first of each scenario, or each where no
 * scenario is known. No more than there is room for.
 */
function withDetail(
  kept: readonly Kept[],
  story: ReplayStory,
  rows: readonly OverviewRow[],
): readonly Kept[] {
  const { past, replayed } = story;
  if (replayed.decision !== 'abort') return kept;
  const isFalseAlarm = past.truth?.truth === 'benign';
  const scenario = past.truth?.scenario ?? null;
  const isKnown = rows.some((row) => row.replayed.decision === 'abort' && row.scenario === scenario);
  if (!isFalseAlarm && scenario !== null && isKnown) return kept;
  const room = withRoom(kept, isFalseAlarm);
  return room === null ? kept : [...room, { ...overviewDetail(story, rows.length), isFalseAlarm }];
}

/** What is kept with a place left for one more; null when there is none for it. */
function withRoom(kept: readonly Kept[], isFalseAlarm: boolean): readonly Kept[] | null {
  if (kept.length < MOST_DETAILS) return kept;
  const last = kept.findLast((one) => !one.isFalseAlarm);
  return !isFalseAlarm || last === undefined ? null : kept.filter((one) => one !== last);
}

async function written(path: string, page: string): Promise<string> {
  const file = resolve(path);
  try {
    await writeFile(file, page);
    return file;
  } catch (error) {
    const message = `expected to write the report to ${path}, but could not: ${messageOf(error)}; name a file in a folder that exists`;
    throw new AdapterError('report', 'io', message, { retryable: false, cause: error });
  }
}
