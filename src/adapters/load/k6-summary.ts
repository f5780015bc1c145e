import { z } from 'zod';
import type { LoadCheck, LoadRun } from '../../core/load/load-run.ts';
import { fieldsOf, problemIn } from './json-document.ts';
import { disorderOf, toldPercentiles } from './percentiles.ts';
import { isProblem, type ReportProblem, type RunOrProblem } from './report-problem.ts';

/*
 * The three summaries of k6, by what writes them: `--summary-export` (flat values), handleSummary's `data` (values
 * in their own object), and either of them with `--new-machine-readable-summary` (metrics in a list).
 */

const number = z.number();
const count = z.number().int().nonnegative();
const values = z.record(z.string(), z.unknown());

const flat = z.object({
  metrics: z.record(z.string(), values),
  root_group: z.unknown(),
  state: z.object({ testRunDurationMs: number.positive() }).optional(),
});

const metric = z.object({ name: z.string(), values });
const checkResult = z.object({ name: z.string(), passes: count, fails: count });
const metadata = z.object({ generated_at: z.string().optional(), generatedAt: z.string().optional() });
const machine = z.object({
  config: z.object({ duration: number.positive() }),
  metadata,
  results: z.object({
    metrics: z.array(metric),
    checks: z.object({ results: z.array(checkResult).nullish() }).nullish(),
  }),
});

type Values = Readonly<Record<string, unknown>>;

/** What all three of them tell, under the names of the oldest. */
interface Told {
  readonly metric: (name: string) => Values;
  /** Where the metrics stand. */
  readonly path: readonly string[];
  /** Seconds. */
  readonly duration: number | null;
  readonly endedAt: number | null;
  readonly checks: readonly LoadCheck[];
}

const requests = z.object({ count: count.positive(), rate: number.positive().optional() });
const failures = z.object({ passes: count, fails: count });
const trend = z.record(z.string(), z.unknown()).and(z.object({ max: number.nonnegative() }));

export function readK6Summary(text: string, value: unknown, source: string): RunOrProblem {
  const told = toldBy(text, value);
  return isProblem(told) ? told : runOf(text, told, source);
}

function toldBy(text: string, value: unknown): Told | ReportProblem {
  if (typeof value === 'object' && value !== null && 'results' in value) return toldByMachine(text, value);
  const read = fieldsOf(text, value, flat);
  if (isProblem(read)) return read;
  const { metrics, root_group, state } = read.fields;
  return {
    metric: (name) => innerValues(metrics[name] ?? {}),
    path: ['metrics'],
    duration: state === undefined ? null : state.testRunDurationMs / 1_000,
    endedAt: null,
    checks: [...checksOf(root_group), ...Object.entries(metrics).flatMap(thresholdsOf)],
  };
}

function innerValues(metric: Values): Values {
  const inner = values.safeParse(metric.values);
  return inner.success ? inner.data : metric;
}

function toldByMachine(text: string, value: unknown): Told | ReportProblem {
  const read = fieldsOf(text, value, machine);
  if (isProblem(read)) return read;
  const { config, metadata, results } = read.fields;
  const endedAt = Date.parse(metadata.generatedAt ?? metadata.generated_at ?? '');
  return {
    path: ['results', 'metrics'],
    metric: (name) => inOldWords(results.metrics.find((one) => one.name === name)?.values ?? {}),
    duration: config.duration,
    endedAt: Number.isFinite(endedAt) ? endedAt : null,
    checks: results.checks?.results ?? [],
  };
}

function inOldWords(told: Values): Values {
  const { matches, total, p90, p95 } = told;
  if (typeof matches === 'number' && typeof total === 'number')
    return { passes: matches, fails: total - matches };
  return { ...told, 'p(90)': p90, 'p(95)': p95 };
}

function runOf(
  text: string,
  { metric, path, duration, endedAt, checks }: Told,
  source: string,
): RunOrProblem {
  const missing = (expected: string, seen = 'a summary without'): ReportProblem =>
    problemIn(text, path, expected, seen);
  const sent = requests.safeParse(metric('http_reqs'));
  if (!sent.success)
    return missing('http_reqs with a count of at least 1: a script that sends HTTP requests');
  const failed = failures.safeParse(metric('http_req_failed'));
  if (!failed.success) return missing('http_req_failed: a script that leaves the response callback on');
  const took = trend.safeParse(metric('http_req_duration'));
  if (!took.success) return missing('http_req_duration with its max (summaryTrendStats)');
  const seconds = duration ?? sent.data.count / (sent.data.rate ?? Number.NaN);
  if (!(seconds > 0)) return missing('http_reqs with a rate');
  const latency = toldPercentiles(percentilesOf(took.data), took.data.max);
  const { passes, fails } = failed.data;
  const wrong = disorderOf(latency) ?? disagreement(sent.data.count, passes + fails);
  if (wrong !== null) return missing('numbers that agree with each other', wrong);
  const dropped = droppedRequests(metric, sent.data.count);
  const run: LoadRun = {
    tool: 'k6',
    source,
    startedAt: endedAt === null ? null : Math.round(endedAt - seconds * 1_000),
    duration: seconds * 1_000,
    requests: sent.data.count,
    failed: passes,
    errors: passes === 0 ? {} : { http_req_failed: passes },
    offeredRate: dropped === null ? null : (sent.data.count + dropped) / seconds,
    dropped,
    series: [],
    latency,
    checks,
    version: null,
  };
  return run;
}

function disagreement(sent: number, judged: number): string | null {
  return sent === judged ? null : `${sent} http_reqs, of which ${judged} are in http_req_failed`;
}

/** Iterations that arrival-rate executors could not start, times the requests that an iteration had. */
function droppedRequests(metric: Told['metric'], sent: number): number | null {
  const [dropped, played] = ['dropped_iterations', 'iterations'].map((name) => metric(name).count);
  if (typeof dropped !== 'number' || !(dropped > 0)) return null;
  return typeof played === 'number' && played > 0 ? Math.round((dropped * sent) / played) : dropped;
}

function percentilesOf(told: Values): { quantile: number; ms: number }[] {
  return Object.entries(told).flatMap(([name, ms]) => {
    const percent = name === 'med' ? '50' : /^p\((\d+(?:\.\d+)?)\)$/.exec(name)?.[1];
    return percent === undefined || typeof ms !== 'number' ? [] : [{ quantile: Number(percent) / 100, ms }];
  });
}

const group = z.object({ checks: z.unknown(), groups: z.unknown() });
const several = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]).catch([]);

function checksOf(told: unknown): LoadCheck[] {
  const read = group.safeParse(told);
  if (!read.success) return [];
  const own = Object.values(several.parse(read.data.checks)).flatMap((one) => {
    const check = checkResult.safeParse(one);
    return check.success
      ? [{ name: check.data.name, passes: check.data.passes, fails: check.data.fails }]
      : [];
  });
  return [...own, ...Object.values(several.parse(read.data.groups)).flatMap(checksOf)];
}

/** A threshold is a check of one pass or one failure. In `--summary-export`, true says that it was crossed. */
function thresholdsOf([metric, told]: [string, Values]): LoadCheck[] {
  const thresholds = values.safeParse(told.thresholds);
  return Object.entries(thresholds.success ? thresholds.data : {}).flatMap(([name, outcome]) => {
    const crossed = typeof outcome === 'boolean' ? outcome : isCrossed(outcome);
    return [{ name: `${metric} ${name}`, passes: crossed ? 0 : 1, fails: crossed ? 1 : 0 }];
  });
}

/** Whatever is not told as met counts as crossed. */
function isCrossed(outcome: unknown): boolean {
  return !(typeof outcome === 'object' && outcome !== null && 'ok' in outcome && outcome.ok === true);
}
