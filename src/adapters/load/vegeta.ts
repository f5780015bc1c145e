import { z } from 'zod';
import type { LoadRun } from '../../core/load/load-run.ts';
import { fieldsOf, problemIn } from './json-document.ts';
import { disorderOf, toldPercentiles } from './percentiles.ts';
import { isProblem, type RunOrProblem } from './report-problem.ts';

const NANOSECONDS = 1e6;

const count = z.number().int().nonnegative();
const nanoseconds = z.number().nonnegative();
const report = z.object({
  latencies: z.record(z.string(), nanoseconds).and(z.object({ max: nanoseconds })),
  earliest: z.iso.datetime({ offset: true }),
  duration: nanoseconds,
  wait: nanoseconds,
  requests: count.positive(),
  rate: z.number().nonnegative(),
  success: z.number().min(0).max(1),
  status_codes: z.record(z.string().regex(/^\d{1,3}$/), count),
  errors: z.array(z.string()).nullable(),
});
type Report = z.infer<typeof report>;

/** `vegeta report -type=json`. */
export function readVegetaReport(text: string, value: unknown, source: string): RunOrProblem {
  const read = fieldsOf(text, value, report);
  if (isProblem(read)) return read;
  const { fields: told } = read;
  const latency = toldPercentiles(percentilesOf(told), told.latencies.max / NANOSECONDS);
  const codes = Object.entries(told.status_codes);
  const answered = codes.reduce((sum, [, times]) => sum + times, 0);
  if (answered !== told.requests) {
    return problemIn(text, ['status_codes'], `codes of ${told.requests} requests`, `of ${answered}`);
  }
  const wrong = disorderOf(latency);
  if (wrong !== null)
    return problemIn(text, ['latencies'], 'latencies that rise with their percentile', wrong);
  const failed = told.requests - Math.round(told.success * told.requests);
  const refused = codes.filter(([code]) => !isSuccess(Number(code)));
  if (refused.reduce((sum, [, times]) => sum + times, 0) > failed) {
    return problemIn(
      text,
      ['success'],
      'a success ratio that agrees with the status codes',
      String(told.success),
    );
  }
  return runOf(
    told,
    failed,
    source,
    Object.fromEntries(refused.map(([code, times]) => [kindOfCode(code), times])),
  );
}

/** Vegeta calls it a success from 200 to 399. */
export const isSuccess = (code: number): boolean => code >= 200 && code < 400;

const kindOfCode = (code: string): string => (Number(code) === 0 ? 'no answer' : `HTTP ${code}`);

function runOf(told: Report, failed: number, source: string, errors: Record<string, number>): LoadRun {
  return {
    tool: 'vegeta',
    source,
    startedAt: Date.parse(told.earliest),
    duration: (told.duration + told.wait) / NANOSECONDS,
    requests: told.requests,
    failed,
    errors,
    offeredRate: told.rate,
    dropped: null,
    series: [],
    latency: toldPercentiles(percentilesOf(told), told.latencies.max / NANOSECONDS),
    checks: [],
    version: null,
  };
}

function percentilesOf({ latencies }: Report): { quantile: number; ms: number }[] {
  return Object.entries(latencies).flatMap(([name, value]) => {
    const percent = /^(\d+(?:\.\d+)?)th$/.exec(name)?.[1];
    return percent === undefined ? [] : [{ quantile: Number(percent) / 100, ms: value / NANOSECONDS }];
  });
}
