import { formatValue } from '../analysis/kpi.ts';
import type { Answer } from '../checks/answer.ts';
import type { ResourceReading, ResourceRule } from './load-test.ts';
import { limitWords, meets } from './load-words.ts';

const WORDS = { max: 'at its highest', p95: 'in 95 % of the time', mean: 'on average' } as const;

/** What the system used while it was under load. Silence is no data. */
export function resourceAnswer(rule: ResourceRule, readings: readonly ResourceReading[]): Answer {
  const expected = `${limitWords(rule.limit, rule.unit)} ${WORDS[rule.fold]}`;
  const reading = readings.find(({ name }) => name === rule.name);
  if (reading === undefined) return silent('no-data', 'it was not asked', expected);
  if (reading.kind !== 'value') return silent(reading.kind, reading.why, expected);
  const observed = formatValue(reading.value, rule.unit);
  if (meets(reading.value, rule.limit)) return { status: 'pass', code: 'met', observed, expected };
  const fix = 'give it more room, or find what takes it';
  return { status: 'fail', code: 'not-met', observed, expected, fix };
}

function silent(status: 'no-data' | 'error', why: string, expected: string): Answer {
  const code = status === 'error' ? 'unavailable' : 'missing';
  const fix = 'put the query to the metrics provider by hand, for the time of the test';
  return { status, code, observed: why, expected, fix };
}
