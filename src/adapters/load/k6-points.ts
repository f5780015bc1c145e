import { z } from 'zod';
import type { LoadCheck, LoadPoint, LoadRun } from '../../core/load/load-run.ts';
import type { EpochMs } from '../../core/units.ts';
import { kindOf } from './error-kinds.ts';
import type { ReportFile } from './report-file.ts';
import { eachLine } from './report-lines.ts';
import { problemAt, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { type RequestTally, requestTally } from './request-tally.ts';

/*
 * k6 `--out json=…`: a line for every sample of every metric. Those of one request follow each other: http_reqs, then
 * its times, then http_req_failed; a report cut between two of them disagrees with itself.
 */

const point = z.object({
  data: z.object({
    time: z.string(),
    value: z.number(),
    tags: z.record(z.string(), z.string()).nullish(),
  }),
});
type Point = z.infer<typeof point>['data'];

const METRIC = /"metric":"([^"]*)"/;
const VALUE = /"value":([\d.]+)[,}]/;
const MOST_CHECKS = 1_000;

interface Counts {
  readonly tally: RequestTally;
  readonly checks: Map<string, { passes: number; fails: number }>;
  /** Times at which iterations were dropped. */
  readonly drops: { readonly at: EpochMs; readonly times: number }[];
  sent: number;
  judged: number;
  judgedFailed: number;
  failed: number;
  iterations: number;
}

export async function readK6Points(file: ReportFile): Promise<RunOrProblem> {
  const tally = requestTally();
  const counts: Counts = {
    tally,
    checks: new Map(),
    drops: [],
    sent: 0,
    judged: 0,
    judgedFailed: 0,
    failed: 0,
    iterations: 0,
  };
  const lines = { read: 0 };
  const problem = await eachLine(file, (text, number) => {
    lines.read = number;
    return hear(counts, text, number);
  });
  return problem ?? disagreement(counts, lines.read) ?? runOf(counts, file.path);
}

function hear(counts: Counts, text: string, number: number): ReportProblem | null {
  const metric = METRIC.exec(text)?.[1];
  if (metric === undefined || !text.endsWith('}')) return problemAt(number, 'a line that k6 writes', text);
  if (text.includes('"type":"Metric"')) return null;
  switch (metric) {
    case 'http_reqs':
    case 'http_req_failed':
    case 'iterations':
      return hearValue(counts, metric, text, number);
    case 'http_req_duration':
    case 'checks':
    case 'dropped_iterations':
      return hearPoint(counts, metric, text, number);
    default:
      return null;
  }
}

/** Of these the value is enough, and half of the lines are theirs. */
function hearValue(counts: Counts, metric: string, text: string, number: number): ReportProblem | null {
  const value = Number(VALUE.exec(text)?.[1] ?? Number.NaN);
  if (!(value >= 0)) return problemAt(number, `a value of ${metric}`, text);
  if (metric === 'iterations') counts.iterations += value;
  if (metric === 'http_reqs') counts.sent += value;
  if (metric === 'http_req_failed') {
    counts.judged += 1;
    counts.judgedFailed += value;
  }
  return null;
}

function hearPoint(counts: Counts, metric: string, text: string, number: number): ReportProblem | null {
  const read = parsePoint(text);
  const time = read === null ? Number.NaN : Date.parse(read.time);
  if (read === null || !Number.isFinite(time))
    return problemAt(number, `a point of ${metric} with time and value`, text);
  if (metric === 'checks') return hearCheck(counts, read, number);
  if (metric === 'dropped_iterations') counts.drops.push({ at: time, times: read.value });
  if (metric !== 'http_req_duration') return null;
  const error = errorOf(read);
  if (error !== null) counts.failed += 1;
  const wrong = counts.tally.add({ at: time - read.value, took: read.value, error });
  return wrong === null ? null : problemAt(number, wrong, text);
}

function parsePoint(text: string): Point | null {
  try {
    const parsed = point.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.data : null;
  } catch {
    return null;
  }
}

function errorOf({ tags }: Point): string | null {
  const status = Number(tags?.status ?? 0);
  const expected = tags?.expected_response;
  if (expected === 'true' || (expected === undefined && status >= 200 && status < 400)) return null;
  const code = tags?.error_code;
  return kindOf(status, tags?.error ?? (code === undefined ? 'no answer' : `error_code ${code}`));
}

function hearCheck({ checks }: Counts, { tags, value }: Point, number: number): ReportProblem | null {
  const name = tags?.check ?? 'check';
  const counted = checks.get(name) ?? { passes: 0, fails: 0 };
  if (checks.size >= MOST_CHECKS && !checks.has(name)) {
    return problemAt(number, `at most ${MOST_CHECKS} names of checks`, name);
  }
  counted[value === 1 ? 'passes' : 'fails'] += 1;
  checks.set(name, counted);
  return null;
}

function disagreement(counts: Counts, lines: number): ReportProblem | null {
  const told = counts.tally.requests();
  if (counts.sent === 0 && told === 0) return problemAt(lines, 'at least one point of http_reqs', 'none');
  if (counts.sent !== told || counts.judged !== told) {
    const seen = `${counts.sent} http_reqs, ${told} http_req_duration, ${counts.judged} http_req_failed`;
    return problemAt(lines, 'as many points of each for every request; the report was cut', seen);
  }
  if (counts.judgedFailed === counts.failed) return null;
  const seen = `${counts.judgedFailed} by http_req_failed, ${counts.failed} by the tags`;
  return problemAt(lines, 'as many failed requests by http_req_failed as by the tag expected_response', seen);
}

function runOf(counts: Counts, source: string): LoadRun {
  const run = counts.tally.run('k6', source);
  const checks: LoadCheck[] = [...counts.checks].map(([name, told]) => ({ name, ...told }));
  const iterations = counts.drops.reduce((sum, { times }) => sum + times, 0);
  if (iterations === 0) return { ...run, checks };
  const each = counts.iterations > 0 ? run.requests / counts.iterations : 1;
  const dropped = Math.round(iterations * each);
  const offeredRate = run.duration > 0 ? ((run.requests + dropped) / run.duration) * 1_000 : null;
  return { ...run, checks, dropped, offeredRate, series: withOffered(run, counts.drops, each) };
}

/** Due in a span: what was sent, and what the iterations dropped in it would have sent. */
function withOffered(run: LoadRun, drops: Counts['drops'], each: number): LoadPoint[] {
  const start = run.startedAt ?? 0;
  const offered = run.series.map(({ requests }) => requests);
  for (const { at, times } of drops) {
    const index = run.series.findLastIndex((one) => one.at <= Math.max(0, at - start));
    offered[index] = (offered[index] ?? 0) + times * each;
  }
  return run.series.map((one, index) => ({ ...one, offered: offered[index] ?? one.requests }));
}
