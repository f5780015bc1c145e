import { z } from 'zod';
import { latencyCounter } from '../../core/load/latency-histogram.ts';
import type { EpochMs } from '../../core/units.ts';
import { fieldsOf, problemIn } from './json-document.ts';
import { isProblem, type ReportProblem, type RunOrProblem } from './report-problem.ts';
import { SPAN, type SpanCount, seriesOf } from './spans.ts';

const count = z.number().int().nonnegative();
const epochSeconds = z.number().positive().max(1e11);
const perSecond = z.record(z.string().regex(/^\d{9,11}$/), count);
const entry = z.object({
  name: z.string(),
  num_requests: count,
  num_none_requests: count,
  num_failures: count,
  start_time: epochSeconds,
  last_request_timestamp: epochSeconds.nullable(),
  response_times: z.record(z.string().regex(/^\d+(\.\d+)?$/), count),
  num_reqs_per_sec: perSecond,
  num_fail_per_sec: perSecond,
});
const report = z.array(entry);
type Entry = z.infer<typeof entry>;

const LONGEST_RUN = 7 * 86_400_000;

/** Locust `--json-file` (or `--json`): the only report of Locust that has its whole histogram. */
export function readLocustJson(text: string, value: unknown, source: string): RunOrProblem {
  const read = fieldsOf(text, value, report);
  if (isProblem(read)) return read;
  const entries = read.fields;
  for (const [at, one] of entries.entries()) {
    const disagreement = disagreementOf(text, one, at);
    if (disagreement !== null) return disagreement;
  }
  const sum = (of: (one: Entry) => number): number => entries.reduce((all, one) => all + of(one), 0);
  const requests = sum(({ num_requests }) => num_requests);
  if (requests === 0) return problemIn(text, [], 'at least one request', 'none');
  const first = Math.min(...entries.map(({ start_time }) => start_time)) * 1_000;
  const end = Math.max(...entries.map((one) => one.last_request_timestamp ?? one.start_time)) * 1_000;
  const failed = sum(({ num_failures }) => num_failures);
  if (!(end > first) || end - first > LONGEST_RUN)
    return problemIn(text, [], 'a run of at most a week', 'another');
  return {
    tool: 'locust',
    source,
    startedAt: Math.round(first),
    duration: end - first,
    requests,
    failed,
    errors: failed > 0 ? { 'failed requests': failed } : {},
    offeredRate: null,
    dropped: null,
    series: seriesOf(spansOf(entries), { anchor: 0, first, end }),
    latency: { kind: 'histogram', histogram: histogramOf(entries) },
    checks: [],
    version: null,
  };
}

function disagreementOf(text: string, one: Entry, at: number): ReportProblem | null {
  const total = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((all, times) => all + times, 0);
  const told = total(one.response_times) + one.num_none_requests;
  if (told !== one.num_requests) {
    return problemIn(
      text,
      [at, 'response_times'],
      `${one.num_requests} latencies, as num_requests`,
      String(told),
    );
  }
  if (total(one.num_reqs_per_sec) !== one.num_requests || total(one.num_fail_per_sec) !== one.num_failures) {
    return problemIn(
      text,
      [at, 'num_reqs_per_sec'],
      'requests and failures a second that add up to their totals',
    );
  }
  if (one.num_failures > one.num_requests) {
    return problemIn(text, [at, 'num_failures'], 'at most as many failures as requests');
  }
  return outside(one) ? problemIn(text, [at, 'num_reqs_per_sec'], 'seconds within the run') : null;
}

function outside({ num_reqs_per_sec, num_fail_per_sec, start_time, last_request_timestamp }: Entry): boolean {
  const isWithin = (second: string): boolean =>
    Number(second) >= Math.floor(start_time) &&
    Number(second) <= Math.ceil(last_request_timestamp ?? start_time);
  return ![...Object.keys(num_reqs_per_sec), ...Object.keys(num_fail_per_sec)].every(isWithin);
}

function spansOf(entries: readonly Entry[]): ReadonlyMap<number, SpanCount> {
  const spans = new Map<number, SpanCount>();
  const add = (second: EpochMs, field: keyof SpanCount, times: number): void => {
    const span = spans.get(second) ?? { requests: 0, failed: 0 };
    span[field] += times;
    spans.set(second, span);
  };
  for (const { num_reqs_per_sec, num_fail_per_sec } of entries) {
    for (const [second, times] of Object.entries(num_reqs_per_sec))
      add((Number(second) * 1_000) / SPAN, 'requests', times);
    for (const [second, times] of Object.entries(num_fail_per_sec))
      add((Number(second) * 1_000) / SPAN, 'failed', times);
  }
  return spans;
}

function histogramOf(entries: readonly Entry[]) {
  const latencies = latencyCounter();
  for (const { response_times } of entries) {
    for (const [ms, times] of Object.entries(response_times)) latencies.add(Number(ms), times);
  }
  return latencies.histogram();
}
