import type { Fold, LatencyRule, LoadTestRules, ResourceRule } from '../core/load/load-test.ts';
import type { Milliseconds } from '../core/units.ts';
import type { RegisteredAcceptedRuns } from '../ports/accepted-runs.ts';
import type { RegisteredGenerator } from '../ports/load-generator.ts';
import type { RegisteredMetrics } from '../ports/metrics-provider.ts';
import { pointsUp, toLimit } from './limit.ts';
import type { LoadTestShape } from './load-test-shape.ts';

/** A load test as it is configured, in the engine's own words. What is null was left out. */
export interface LoadTestConfig {
  readonly rules: LoadTestRules;
  readonly generator: RegisteredGenerator | null;
  readonly reports: readonly string[] | null;
  readonly metrics: RegisteredMetrics | null;
  readonly accepted: RegisteredAcceptedRuns | null;
  readonly normal:
    | { readonly kind: 'number'; readonly rate: number }
    | {
        readonly kind: 'query';
        readonly expression: string;
        readonly over: Milliseconds;
        readonly fold: Fold;
      };
  readonly resources: readonly {
    readonly name: string;
    readonly expression: string;
    readonly fold: Fold;
    readonly worst: 'high' | 'low';
  }[];
  readonly version: {
    readonly url: string;
    readonly source: { readonly kind: 'header' | 'field'; readonly name: string };
  } | null;
}

/** Only for a shape without flaws. `fallback` is the metrics provider of the environment of the same name. */
export function toLoadTest(shape: LoadTestShape, fallback: RegisteredMetrics | null): LoadTestConfig {
  return {
    rules: rulesOf(shape),
    generator: shape.generate ?? null,
    reports: shape.reports ?? null,
    metrics: shape.metrics ?? fallback,
    accepted: shape.accepted ?? null,
    normal:
      typeof shape.normal === 'number'
        ? { kind: 'number', rate: shape.normal }
        : { kind: 'query', expression: shape.normal.query, over: shape.normal.over, fold: shape.normal.take },
    resources: shape.resources.map(({ name, query, take, limit }) => ({
      name,
      expression: query,
      fold: take,
      worst: pointsUp(limit) ? 'low' : 'high',
    })),
    version: versionOf(shape.version),
  };
}

function rulesOf(shape: LoadTestShape): LoadTestRules {
  const { tolerance, severity } = shape['coordinated-omission'];
  const { regression, checks } = shape;
  return {
    times: shape.times,
    hold: shape.hold,
    dip: share(shape.dip),
    latency: Object.entries(shape.latency).map(toLatency),
    errors: limitIn(shape.errors, 'ratio'),
    checks: checks === undefined ? null : limitIn(checks, 'ratio'),
    minRequests: shape['min-requests'],
    omission: { tolerance: share(tolerance), severity },
    resources: shape.resources.map(toResource),
    regression:
      regression === undefined
        ? null
        : {
            latency: share(regression.latency),
            rate: share(regression.throughput),
            errors: share(regression.errors),
          },
    version: typeof shape.version === 'string' ? shape.version : 'service',
    maxAge: shape['max-age'],
  };
}

function toLatency([key, written]: [string, LoadTestShape['errors']]): LatencyRule {
  return { quantile: share(Number(key.slice(1))), limit: limitIn(written, 'ms') };
}

function toResource({ name, limit, take }: LoadTestShape['resources'][number]): ResourceRule {
  const unit = limit.unit === '%' ? 'ratio' : 'number';
  return { name, limit: limitIn(limit, unit), unit, fold: take };
}

function versionOf(shape: LoadTestShape['version']): LoadTestConfig['version'] {
  if (typeof shape === 'string') return null;
  const { url, field, header } = shape;
  const source =
    header === undefined
      ? ({ kind: 'field', name: field ?? '' } as const)
      : ({ kind: 'header', name: header } as const);
  return { url, source };
}

/** The shape has refused a unit that does not fit; what is left can be read as it stands. */
function limitIn(written: LoadTestShape['errors'], unit: 'ms' | 'ratio' | 'number') {
  return toLimit(written, unit) ?? { comparator: written.comparator, value: written.amount };
}

/** Without the dust of binary fractions: 5 % is 0.05. */
function share(percent: number): number {
  return Number((percent / 100).toPrecision(12));
}
