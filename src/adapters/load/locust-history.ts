import type { LoadPoint } from '../../core/load/load-run.ts';
import type { EpochMs } from '../../core/units.ts';
import { eachRow, type Row } from './csv-table.ts';
import type { ReportFile } from './report-file.ts';
import { problemAt, type ReportProblem } from './report-problem.ts';

const NEEDED = ['Timestamp', 'Name', 'Total Request Count', 'Total Failure Count'];
/** One row a second of a week. */
const MOST_POINTS = 7 * 86_400;

export interface History {
  readonly startedAt: EpochMs | null;
  readonly series: readonly LoadPoint[];
}

interface Moment {
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
}

/** What was counted from row to row. The rows of single requests (`--csv-full-history`) are passed over. */
export async function readHistory(
  file: ReportFile | null,
  requests: number,
): Promise<History | ReportProblem> {
  if (file === null) return { startedAt: null, series: [] };
  let moments: Moment[] = [];
  const lines = await eachRow(file, NEEDED, (row) => {
    if (row.text('Name') !== 'Aggregated') return null;
    const moment = momentOf(row);
    const before = moments.at(-1);
    if (moment === null || moment.seconds < (before?.seconds ?? 0)) {
      return problemAt(row.line, 'a later Timestamp, and counts', row.text('Timestamp'));
    }
    // `--reset-stats` begins to count anew once all users are there.
    if (before !== undefined && moment.requests < before.requests) moments = [];
    moments.push(moment);
    return moments.length > MOST_POINTS
      ? problemAt(row.line, 'a run of at most a week', 'a longer one')
      : null;
  });
  if (typeof lines !== 'number') return lines;
  const last = moments.at(-1);
  if (last !== undefined && last.requests > requests) {
    return problemAt(
      lines,
      `at most ${requests} requests, as in the statistics`,
      `${last.requests} in the history`,
    );
  }
  return {
    startedAt: moments[0] === undefined ? null : moments[0].seconds * 1_000,
    series: seriesOf(moments),
  };
}

function momentOf(row: Row): Moment | null {
  const moment = {
    seconds: row.number('Timestamp'),
    requests: row.number('Total Request Count'),
    failed: row.number('Total Failure Count'),
  };
  return Object.values(moment).every(Number.isInteger) ? moment : null;
}

function seriesOf(moments: readonly Moment[]): LoadPoint[] {
  const start = moments[0]?.seconds ?? 0;
  const points: LoadPoint[] = [];
  let before = moments[0];
  for (const moment of moments) {
    if (before === undefined || moment.seconds === before.seconds) continue;
    points.push({
      at: (before.seconds - start) * 1_000,
      span: (moment.seconds - before.seconds) * 1_000,
      requests: moment.requests - before.requests,
      failed: Math.max(0, moment.failed - before.failed),
      offered: null,
    });
    before = moment;
  }
  return points;
}
