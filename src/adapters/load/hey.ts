import { disorderOf, toldPercentiles } from './percentiles.ts';
import type { RunOrProblem } from './report-problem.ts';
import { type TextReport, textReport } from './text-report.ts';

const TOTAL = /^ {2}Total:\t(\d+\.\d+) secs$/;
const RATE = /^ {2}Requests\/sec:\t(\d+\.\d+)$/;
const SLOWEST = /^ {2}Slowest:\t(\d+\.\d+) secs$/;
const PERCENTILE = /^ {2}(\d+)%+ in (\d+\.\d+) secs$/;
const CODES = /^Status code distribution:$/;
const CODE = /^ {2}\[(\d{3})\]\t(\d+) responses$/;
const ERROR = /^ {2}\[(\d+)\]\t(?!\d+ responses$)(.*)$/;

/** What hey prints for people. Its percentiles are of the requests that were answered. */
export function readHey(text: string, source: string): RunOrProblem {
  const report = textReport(text);
  const [total, rate, slowest] = [report.find(TOTAL), report.find(RATE), report.find(SLOWEST)];
  if (total === null || rate === null || slowest === null || report.find(CODES) === null || !report.isWhole) {
    return report.problem(CODES, 'the text of hey up to its status codes; the text was cut');
  }
  const codes = report.findAll(CODE).map(([code, times]) => ({ code: Number(code), times: Number(times) }));
  const errors = report
    .findAll(ERROR)
    .map(([times, message]) => ({ kind: message ?? '', times: Number(times) }));
  const answered = sum(codes);
  const requests = answered + sum(errors);
  const seconds = Number(total[0]);
  if (!agree(requests, seconds, Number(rate[0]))) {
    return report.problem(
      CODES,
      `status codes and errors of ${total[0]} s at ${rate[0]} requests/s`,
      `${requests} of them`,
    );
  }
  const latency = toldPercentiles(percentilesOf(report), answered > 0 ? Number(slowest[0]) * 1_000 : null);
  const wrong = disorderOf(latency, 0.02);
  if (wrong !== null) return report.problem(SLOWEST, 'latencies that rise with their percentile', wrong);
  const refused = codes
    .filter(({ code }) => code >= 400)
    .map(({ code, times }) => ({ kind: `HTTP ${code}`, times }));
  return {
    tool: 'hey',
    source,
    startedAt: null,
    duration: seconds * 1_000,
    requests,
    failed: sum([...refused, ...errors]),
    errors: Object.fromEntries([...refused, ...errors].map(({ kind, times }) => [kind, times])),
    offeredRate: null,
    dropped: null,
    series: [],
    latency,
    checks: [],
    version: null,
  };
}

function sum(counted: readonly { readonly times: number }[]): number {
  return counted.reduce((all, { times }) => all + times, 0);
}

/** Both are printed to four digits; the count of requests is printed nowhere. */
function agree(requests: number, seconds: number, rate: number): boolean {
  return requests > 0 && Math.abs(rate * seconds - requests) <= 0.5 + rate * 0.00006 + seconds * 0.0001;
}

function percentilesOf(report: TextReport): { quantile: number; ms: number }[] {
  return report
    .findAll(PERCENTILE)
    .map(([percent, seconds]) => ({ quantile: Number(percent) / 100, ms: Number(seconds) * 1_000 }));
}
