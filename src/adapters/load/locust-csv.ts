import { existsSync } from 'node:fs';
import type { Latency, LoadRun } from '../../core/load/load-run.ts';
import { eachRow, type Row } from './csv-table.ts';
import { errorKinds } from './error-kinds.ts';
import { type History, readHistory } from './locust-history.ts';
import { disorderOf, toldPercentiles } from './percentiles.ts';
import { openReport, type ReportFile } from './report-file.ts';
import { isProblem, problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';

/*
 * Locust `--csv`: `<prefix>_stats.csv`, and beside it the history and the failures of the same run, which are read
 * with it where they lie.
 */

const STATS = ['Type', 'Name', 'Request Count', 'Failure Count', 'Max Response Time', 'Requests/s'];
const FAILURES = ['Method', 'Name', 'Error', 'Occurrences'];
const SUFFIX = /_stats\.csv$/;

interface Totals {
  readonly requests: number;
  readonly failed: number;
}

interface Stats extends Totals {
  readonly line: number;
  readonly rate: number;
  readonly latency: Latency;
}

export async function readLocustStats(file: ReportFile): Promise<RunOrProblem> {
  const stats = await readStats(file);
  if (isProblem(stats)) return stats;
  const errors = await readFailures(await beside(file, '_failures.csv'), stats.failed);
  if (isProblem(errors)) return errors;
  const history = await readHistory(await beside(file, '_stats_history.csv'), stats.requests);
  if (isProblem(history)) return history;
  return runOf(stats, errors.counts, history, file.path);
}

/** A file of the same run; null where there is none. */
async function beside({ path, signal }: ReportFile, suffix: string): Promise<ReportFile | null> {
  const sibling = path.replace(SUFFIX, suffix);
  return SUFFIX.test(path) && existsSync(sibling) ? openReport(sibling, signal) : null;
}

async function readStats(file: ReportFile): Promise<Stats | ReportProblem> {
  const sum = { requests: 0, failed: 0 };
  const all: { stats: Stats | null } = { stats: null };
  const lines = await eachRow(file, STATS, (row) => {
    if (all.stats !== null) return problemAt(row.line, 'nothing after the row Aggregated', row.text('Name'));
    const [requests, failed] = [row.number('Request Count'), row.number('Failure Count')];
    if (!Number.isInteger(requests) || !Number.isInteger(failed) || failed > requests) {
      return problemAt(row.line, 'counts of requests, and of failures among them', `${requests}, ${failed}`);
    }
    if (row.text('Name') === 'Aggregated' && row.text('Type') === '') {
      all.stats = {
        requests,
        failed,
        line: row.line,
        rate: row.number('Requests/s'),
        latency: latencyOf(row),
      };
    } else {
      sum.requests += requests;
      sum.failed += failed;
    }
    return null;
  });
  if (typeof lines !== 'number') return lines;
  if (all.stats === null)
    return problemAt(lines, 'a row Aggregated; the report was cut', `${lines} lines without`);
  return disagreement(all.stats, sum) ?? all.stats;
}

function disagreement({ line, requests, failed, rate, latency }: Stats, sum: Totals): ReportProblem | null {
  if (sum.requests !== requests || sum.failed !== failed) {
    const expected = `the sum of the rows, ${sum.requests} requests and ${sum.failed} failures`;
    return problemAt(line, expected, `${requests} and ${failed}`);
  }
  if (requests === 0) return problemAt(line, 'at least one request', '0');
  if (!(rate > 0)) return problemAt(line, 'Requests/s above 0', String(rate));
  const wrong = disorderOf(latency, 0.05);
  return wrong === null ? null : problemAt(line, 'percentiles that rise', wrong);
}

/** Locust rounds latencies to two digits before it counts them, and so its percentiles. */
function latencyOf(row: Row): Latency {
  const percentiles = row.columns.flatMap((column) => {
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(column)?.[1];
    const told = percent !== undefined && percent !== '100' && row.text(column) !== 'N/A';
    return told ? [{ quantile: Number(percent) / 100, ms: row.number(column) }] : [];
  });
  return toldPercentiles(percentiles, row.number('Max Response Time'));
}

async function readFailures(
  file: ReportFile | null,
  failed: number,
): Promise<{ readonly counts: Readonly<Record<string, number>> } | ReportProblem> {
  if (file === null) return { counts: failed > 0 ? { 'failed requests': failed } : {} };
  const kinds = errorKinds();
  let sum = 0;
  const lines = await eachRow(file, FAILURES, (row) => {
    const times = row.number('Occurrences');
    if (!Number.isInteger(times))
      return problemAt(row.line, 'a count of occurrences', row.text('Occurrences'));
    kinds.add(kindOf(row.text('Error')), times);
    sum += times;
    return null;
  });
  if (typeof lines !== 'number') return lines;
  if (sum === failed) return { counts: kinds.counts() };
  return {
    ...problemAt(lines, `${failed} failures, as in the statistics`, `${sum} in the list of failures`),
  };
}

/** `HTTPError('503 Server Error: … for url: /quotes')` is `HTTP 503`. */
function kindOf(error: string): string {
  const code = /^(?:HTTPError\(')?(\d{3}) (?:Server|Client) Error/.exec(error)?.[1];
  return code === undefined ? error : `HTTP ${code}`;
}

function runOf(stats: Stats, errors: LoadRun['errors'], history: History, source: string): LoadRun {
  return {
    tool: 'locust',
    source,
    startedAt: history.startedAt,
    duration: (stats.requests / stats.rate) * 1_000,
    requests: stats.requests,
    failed: stats.failed,
    errors,
    offeredRate: null,
    dropped: null,
    series: history.series,
    latency: stats.latency,
    checks: [],
    version: null,
  };
}
