import { z } from 'zod';
import type { LoadPoint } from '../../core/load/load-run.ts';
import { fieldsOf, problemIn } from './json-document.ts';
import { disorderOf, toldPercentiles } from './percentiles.ts';
import { isProblem, type ReportProblem, type RunOrProblem } from './report-problem.ts';

const count = z.number().int().nonnegative();
const counters = z.record(z.string(), count);
const latency = z
  .record(z.string(), z.number().nonnegative())
  .and(z.object({ count, max: z.number().nonnegative() }));
const period = z.object({
  counters,
  period: z.coerce.number().int().positive(),
  firstMetricAt: z.number().positive(),
  lastMetricAt: z.number().positive(),
});
const report = z.object({
  aggregate: period.omit({ period: true }).extend({ summaries: z.record(z.string(), z.unknown()) }),
  intermediate: z.array(period),
});
type Counters = z.infer<typeof counters>;
type Period = z.infer<typeof period>;

/** Of the intermediate reports, unless the file has only one of them. */
const PERIOD = 10_000;

/** `artillery run --output`. The rates of its phases are not in it. */
export function readArtillery(text: string, value: unknown, source: string): RunOrProblem {
  const read = fieldsOf(text, value, report);
  if (isProblem(read)) return read;
  const { aggregate, intermediate } = read.fields;
  const told = latency.safeParse(aggregate.summaries['http.response_time']);
  const requests = aggregate.counters['http.requests'] ?? 0;
  if (requests === 0)
    return problemIn(text, ['aggregate', 'counters'], 'http.requests of at least 1', 'none');
  const disagreement = disagreementOf(text, aggregate.counters, intermediate);
  if (disagreement !== null) return disagreement;
  if (aggregate.lastMetricAt < aggregate.firstMetricAt) {
    const last = ['aggregate', 'lastMetricAt'];
    return problemIn(text, last, `${aggregate.firstMetricAt} or later`, String(aggregate.lastMetricAt));
  }
  const latencies = toldPercentiles(told.success ? percentilesOf(told.data) : [], told.data?.max ?? null);
  const wrong = disorderOf(latencies, 0.02) ?? uncounted(aggregate.counters, told.data?.count ?? 0);
  if (wrong !== null) {
    return problemIn(text, ['aggregate', 'summaries'], 'latencies of all answers, in order', wrong);
  }
  const dropped = aggregate.counters['vusers.skipped'] ?? null;
  return {
    tool: 'artillery',
    source,
    startedAt: aggregate.firstMetricAt,
    duration: aggregate.lastMetricAt - aggregate.firstMetricAt,
    requests,
    failed: failedOf(aggregate.counters),
    errors: errorsOf(aggregate.counters),
    offeredRate: null,
    dropped,
    series: seriesOf(intermediate, aggregate.firstMetricAt, aggregate.lastMetricAt),
    latency: latencies,
    checks: [],
    version: null,
  };
}

function uncounted(told: Counters, latencies: number): string | null {
  const answers = told['http.responses'] ?? 0;
  return answers === latencies ? null : `${latencies} latencies of ${answers} answers`;
}

function disagreementOf(text: string, told: Counters, parts: readonly Period[]): ReportProblem | null {
  const [requests, responses] = [told['http.requests'] ?? 0, told['http.responses'] ?? 0];
  const where = ['aggregate', 'counters', 'http.requests'];
  for (const name of ['http.requests', 'http.responses']) {
    const sum = parts.reduce((all, { counters: part }) => all + (part[name] ?? 0), 0);
    if (sum !== (told[name] ?? 0)) return problemIn(text, where, `${name} as in the periods: ${sum}`);
  }
  const byCode = sumOf(told, /^http\.codes\.\d+$/);
  if (byCode !== responses) return problemIn(text, where, `codes of ${responses} answers`, String(byCode));
  if (responses > requests) return problemIn(text, where, `at least ${responses} requests, as answers`);
  return null;
}

function sumOf(told: Counters, names: RegExp): number {
  return Object.entries(told).reduce((sum, [name, times]) => (names.test(name) ? sum + times : sum), 0);
}

/** No answer, a status of 400 and above, and what artillery counts as an error of the script. */
function failedOf(told: Counters): number {
  const requests = told['http.requests'] ?? 0;
  const unanswered = requests - (told['http.responses'] ?? 0);
  const refused = sumOf(told, /^http\.codes\.[45]\d\d$/);
  return Math.min(requests, refused + Math.max(unanswered, sumOf(told, /^errors\./)));
}

function errorsOf(told: Counters): Record<string, number> {
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, times]): [string, number][] => {
      const [, code] = /^http\.codes\.([45]\d\d)$/.exec(name) ?? [];
      if (code !== undefined && times > 0) return [[`HTTP ${code}`, times]];
      return name.startsWith('errors.') && times > 0 ? [[name.slice('errors.'.length), times]] : [];
    }),
  );
}

/** A point for each intermediate report; the first and the last of them as long as the run was in them. */
function seriesOf(parts: readonly Period[], first: number, last: number): LoadPoint[] {
  const sorted = [...parts].sort((one, other) => one.period - other.period);
  const points: LoadPoint[] = [];
  for (const { period: begins, counters: told } of sorted) {
    const from = Math.max(first, begins);
    const to = Math.max(from, Math.min(last, begins + PERIOD));
    const gap = points.at(-1);
    const reached = gap === undefined ? 0 : gap.at + gap.span;
    if (from - first > reached)
      points.push({ at: reached, span: from - first - reached, requests: 0, failed: 0, offered: null });
    if (to === from && gap === undefined) continue;
    const requests = told['http.requests'] ?? 0;
    points.push({ at: from - first, span: to - from, requests, failed: failedOf(told), offered: null });
  }
  return points;
}

function percentilesOf(told: z.infer<typeof latency>): { quantile: number; ms: number }[] {
  return Object.entries(told).flatMap(([name, ms]) => {
    const digits = /^p(\d\d)(\d*)$/.exec(name);
    return digits === null ? [] : [{ quantile: Number(`0.${digits[1]}${digits[2]}`), ms }];
  });
}
