import { formatDuration, type Milliseconds } from '../units.ts';
import type { Answer } from './answer.ts';
import { valueAtPath } from './json-path.ts';

export type Plain = string | number | boolean | null;

/** What must hold for one value of a JSON answer. All that is given must hold. */
export interface Assertion {
  /** `status.indicator`, or the JSON pointer `/status/indicator`. */
  readonly path: string;
  readonly equals?: Plain | undefined;
  readonly oneOf?: readonly Plain[] | undefined;
  readonly matches?: RegExp | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface HttpExpectation {
  readonly statuses: readonly number[];
  readonly maxLatency: Milliseconds | null;
  readonly assertions: readonly Assertion[];
}

export interface HttpFacts {
  readonly url: string;
  readonly status: number;
  /** Undefined when the body is not JSON. */
  readonly json: unknown;
  readonly took: Milliseconds;
}

/** Every expectation that an HTTP answer does not meet, in words; none when it is right. */
export function httpFlaws(facts: HttpFacts, expected: HttpExpectation): string[] {
  const { statuses, maxLatency, assertions } = expected;
  if (!statuses.includes(facts.status)) return [`HTTP ${facts.status}`];
  const slow = maxLatency !== null && facts.took > maxLatency;
  const late = slow ? [`an answer after ${formatDuration(facts.took)}`] : [];
  return [...late, ...assertionFlaws(facts.json, assertions)];
}

/** What does not hold of a JSON answer; `json` is undefined when it is none. */
export function assertionFlaws(json: unknown, assertions: readonly Assertion[]): string[] {
  if (assertions.length > 0 && json === undefined) return ['an answer that is not JSON'];
  return assertions.flatMap((assertion) => assertionFlaw(json, assertion));
}

export function decideHttp(facts: HttpFacts, expected: HttpExpectation): Answer {
  const flaws = httpFlaws(facts, expected);
  const evidence = [{ label: 'asked', url: facts.url }];
  const wanted = expectationWords(expected);
  const seen = `HTTP ${facts.status} in ${formatDuration(facts.took)}`;
  if (flaws.length === 0) return { status: 'pass', code: 'met', observed: seen, expected: wanted, evidence };
  const fix = 'see why it answers so; the link is what was asked';
  return { status: 'fail', code: 'not-met', observed: flaws.join('; '), expected: wanted, evidence, fix };
}

export function expectationWords({ statuses, maxLatency, assertions }: HttpExpectation): string {
  const parts = [
    `HTTP ${statuses.join(' or ')}`,
    ...(maxLatency === null ? [] : [`within ${formatDuration(maxLatency)}`]),
    ...assertions.map(assertionWords),
  ];
  return parts.join(', ');
}

function assertionFlaw(json: unknown, assertion: Assertion): string[] {
  const value = valueAtPath(json, assertion.path);
  if (holds(value, assertion)) return [];
  return [`${assertion.path} is ${value === undefined ? 'not there' : shown(value)}`];
}

function holds(value: unknown, { equals, oneOf, matches, min, max }: Assertion): boolean {
  if (value === undefined) return false;
  if (equals !== undefined && value !== equals) return false;
  if (oneOf !== undefined && !oneOf.some((one) => one === value)) return false;
  if (matches !== undefined && !(typeof value === 'string' && matches.test(value))) return false;
  const number = toNumber(value);
  return (min === undefined || number >= min) && (max === undefined || number <= max);
}

/** Prometheus and others write numbers as text. Anything else is no number, and within no bounds. */
export function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

export function assertionWords({ path, equals, oneOf, matches, min, max }: Assertion): string {
  const parts = [
    ...(equals === undefined ? [] : [`= ${shown(equals)}`]),
    ...(oneOf === undefined ? [] : [`one of ${oneOf.map(shown).join(', ')}`]),
    ...(matches === undefined ? [] : [`like ${matches.source}`]),
    ...(min === undefined ? [] : [`>= ${min}`]),
    ...(max === undefined ? [] : [`<= ${max}`]),
  ];
  return parts.length === 0 ? `${path} present` : `${path} ${parts.join(' and ')}`;
}

const LONGEST_SHOWN = 80;

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
