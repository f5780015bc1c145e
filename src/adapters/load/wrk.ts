import { disorderOf, toldPercentiles } from './percentiles.ts';
import type { RunOrProblem } from './report-problem.ts';
import { spanOf, type TextReport, textReport } from './text-report.ts';

const RUNNING = /^Running (\S+) test @ /;
const TOTAL = /^\s+(\d+) requests in (\S+), \S+ read$/;
const RATE = /^Requests\/sec:\s+(\d+(?:\.\d+)?)$/;
const TRANSFER = /^Transfer\/sec:\s+\S+$/;
const MAX = /^\s+Latency\s+\S+\s+\S+\s+(\S+)\s+\S+%$/;
const PERCENTILE = /^\s*(\d+(?:\.\d+)?)%\s+(\S+)$/;
const REFUSED = /^\s+Non-2xx or 3xx responses: (\d+)$/;
const SOCKETS = /^\s+Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$/;

/** What wrk and wrk2 print. Neither says when it began; wrk2 does not repeat the rate that it was given. */
export function readWrk(text: string, source: string): RunOrProblem {
  const report = textReport(text);
  const [total, rate, max] = [report.find(TOTAL), report.find(RATE), report.find(MAX)];
  if (report.findAll(RUNNING).length !== 1) return report.problem(RUNNING, 'one test in a file', 'several');
  if (total === null) return report.problem(TOTAL, 'a line "… requests in …, … read"; the text was cut');
  if (rate === null || max === null || report.find(TRANSFER) === null || !report.isWhole) {
    return report.problem(TRANSFER, 'the text of wrk up to its end, "Transfer/sec"');
  }
  const [requests, duration] = [Number(total[0]), spanOf(total[1] ?? '')];
  const unanswered = socketErrors(report);
  const answers = Number(report.find(REFUSED)?.[0] ?? 0);
  if (!agree(requests, duration, Number(rate[0])))
    return report.problem(RATE, 'Requests/sec as in the total');
  const latency = toldPercentiles(percentilesOf(report), spanOf(max[0] ?? ''));
  const wrong =
    disorderOf(latency, 0.02) ?? (answers > requests ? `${answers} refused of ${requests}` : null);
  if (wrong !== null) return report.problem(MAX, 'numbers that agree with each other', wrong);
  const failed = answers + Object.values(unanswered).reduce((sum, times) => sum + times, 0);
  if (requests + failed === 0) return report.problem(TOTAL, 'at least one request');
  return {
    tool: 'wrk',
    source,
    startedAt: null,
    duration: requests === 0 ? duration : (requests / Number(rate[0])) * 1_000,
    requests: requests + failed - answers,
    failed,
    errors: { ...(answers > 0 ? { 'non-2xx or 3xx': answers } : {}), ...unanswered },
    offeredRate: null,
    dropped: null,
    series: [],
    latency,
    checks: [],
    version: null,
  };
}

/** Its duration is printed to a hundredth of its unit. */
function agree(requests: number, duration: number, rate: number): boolean {
  const told = (requests / duration) * 1_000;
  return duration > 0 && Math.abs(told - rate) <= rate * 0.02 + 1;
}

function socketErrors(report: TextReport): Record<string, number> {
  const counts = report.find(SOCKETS)?.map(Number) ?? [];
  const kinds = ['connect error', 'read error', 'write error', 'timeout'];
  return Object.fromEntries(
    kinds.map((kind, at): [string, number] => [kind, counts[at] ?? 0]).filter(([, times]) => times > 0),
  );
}

/** Only with `--latency`. wrk2 prints its uncorrected latencies too, when asked, as a second block: the first counts. */
function percentilesOf(report: TextReport): { quantile: number; ms: number }[] {
  const told = new Map<number, number>();
  for (const [percent, ms] of report.findAll(PERCENTILE)) {
    const quantile = Number(percent) / 100;
    if (!told.has(quantile)) told.set(quantile, spanOf(ms ?? ''));
  }
  return [...told].map(([quantile, ms]) => ({ quantile, ms }));
}
