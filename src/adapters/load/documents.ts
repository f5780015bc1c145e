import { readArtillery } from './artillery.ts';
import { readAutocannon } from './autocannon.ts';
import { parseJson, problemIn } from './json-document.ts';
import { readK6Summary } from './k6-summary.ts';
import { readLocustJson } from './locust-json.ts';
import type { RunOrProblem } from './report-problem.ts';
import { readVegetaReport } from './vegeta.ts';

type Reader = (text: string, value: unknown, source: string) => RunOrProblem;

/** Fields that only the report of one tool has. */
const BY_FIELDS: readonly (readonly [readonly string[], Reader])[] = [
  [['metrics', 'root_group'], readK6Summary],
  [['config', 'results', 'metadata'], readK6Summary],
  [['aggregate', 'intermediate'], readArtillery],
  [['latencies', 'status_codes'], readVegetaReport],
  [['latency', 'requests', 'throughput'], readAutocannon],
];

const GATLING = ['stats', 'contents', 'numberOfRequests'];

/** A report that is one JSON document. */
export function readDocument(text: string, source: string): RunOrProblem {
  const parsed = parseJson(text);
  if (!('kind' in parsed)) return parsed;
  const { value } = parsed;
  if (Array.isArray(value)) return readLocustJson(text, value, source);
  const has = (field: string): boolean => typeof value === 'object' && value !== null && field in value;
  const [, reader] = BY_FIELDS.find(([fields]) => fields.every(has)) ?? [];
  if (reader !== undefined) return reader(text, value, source);
  if (GATLING.some(has))
    return problemIn(text, [], "Gatling's simulation.log: its JSON does not name its percentiles");
  return problemIn(text, [], KNOWN);
}

export const KNOWN =
  'a report of k6, Locust, Artillery, JMeter, Gatling, autocannon, vegeta, wrk or hey (docs/guide/load-reports.md)';
