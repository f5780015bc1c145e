import { z } from 'zod';
import { fieldsOf, problemIn } from './json-document.ts';
import { disorderOf, toldPercentiles } from './percentiles.ts';
import { isProblem, type RunOrProblem } from './report-problem.ts';

const count = z.number().int().nonnegative();
const report = z.object({
  start: z.iso.datetime({ offset: true }),
  duration: z.number().positive(),
  errors: count,
  timeouts: count,
  mismatches: count,
  non2xx: count,
  '1xx': count,
  '2xx': count,
  '3xx': count,
  '4xx': count,
  '5xx': count,
  statusCodeStats: z.record(z.string(), z.object({ count })).optional(),
  latency: z.record(z.string(), z.number().nonnegative()).and(z.object({ max: z.number().nonnegative() })),
  requests: z.object({ total: count }),
});
type Report = z.infer<typeof report>;

/**
 * `autocannon --json`. Its series is not in it, nor the rate it was told; with `--overallRate` its latencies are
 * already corrected for the requests that it sent too late.
 */
export function readAutocannon(text: string, value: unknown, source: string): RunOrProblem {
  const read = fieldsOf(text, value, report);
  if (isProblem(read)) return read;
  const { fields: told } = read;
  const isAnswered = told.requests.total > 0;
  const latency = toldPercentiles(
    isAnswered ? percentilesOf(told) : [],
    isAnswered ? told.latency.max : null,
  );
  const wrong = disorderOf(latency);
  if (wrong !== null) return problemIn(text, ['latency'], 'latencies that rise with their percentile', wrong);
  const disagreement = disagreementOf(text, told);
  if (disagreement !== null) return disagreement;
  const requests = told.requests.total + told.errors;
  if (requests === 0) return problemIn(text, ['requests', 'total'], 'at least one request', '0');
  return {
    tool: 'autocannon',
    source,
    startedAt: Date.parse(told.start),
    duration: told.duration * 1_000,
    requests,
    failed: told.errors + told.non2xx + told.mismatches,
    errors: errorsOf(told),
    offeredRate: null,
    dropped: null,
    series: [],
    latency,
    checks: [],
    version: null,
  };
}

/** Answers are told three times; `errors` are requests without one, timeouts among them. */
function disagreementOf(text: string, told: Report): RunOrProblem | null {
  const { requests, statusCodeStats } = told;
  const byClass = told['1xx'] + told['2xx'] + told['3xx'] + told['4xx'] + told['5xx'];
  const byCode = Object.values(statusCodeStats ?? {}).reduce((sum, one) => sum + one.count, 0);
  const expected = `${requests.total} answers, as in requests.total`;
  if (byClass !== requests.total) return problemIn(text, ['2xx'], expected, `${byClass} in 1xx to 5xx`);
  if (statusCodeStats !== undefined && byCode !== requests.total) {
    return problemIn(text, ['statusCodeStats'], expected, `${byCode} in statusCodeStats`);
  }
  if (byClass - told['2xx'] !== told.non2xx) {
    return problemIn(
      text,
      ['non2xx'],
      `${byClass - told['2xx']} answers that are not 2xx`,
      String(told.non2xx),
    );
  }
  return told.timeouts <= told.errors
    ? null
    : problemIn(text, ['timeouts'], `at most ${told.errors} timeouts, as errors`, String(told.timeouts));
}

function errorsOf(told: Report): Record<string, number> {
  const codes = Object.entries(told.statusCodeStats ?? {}).filter(([code]) => !code.startsWith('2'));
  const kinds: [string, number][] = [
    ...codes.map(([code, one]): [string, number] => [`HTTP ${code}`, one.count]),
    ['timeout', told.timeouts],
    ['connection error', told.errors - told.timeouts],
    ['unexpected body', told.mismatches],
  ];
  return Object.fromEntries(kinds.filter(([, times]) => times > 0));
}

function percentilesOf({ latency }: Report): { quantile: number; ms: number }[] {
  return Object.entries(latency).flatMap(([name, ms]) => {
    const percent = /^p(\d+(?:_\d+)?)$/.exec(name)?.[1];
    return percent === undefined ? [] : [{ quantile: Number(percent.replace('_', '.')) / 100, ms }];
  });
}
