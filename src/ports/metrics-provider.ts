import type { Sample } from '../core/analysis/sample.ts';
import type { Selector } from '../core/analysis/selector.ts';
import type { Slot } from '../core/rollout/record.ts';
import type { Milliseconds } from '../core/units.ts';
import type { AdapterContext } from './adapter-context.ts';
import type { FigureSource } from './figure-source.ts';

export interface SampleRequest {
  readonly canary: Slot;
  /** Null when the canary is alone. */
  readonly stable: Slot | null;
  /** Watched time since the sample before, for the sample's `elapsed`. */
  readonly elapsed: Milliseconds;
}

/**
 * Answers the configured KPI queries. A KPI that cannot be read is an `error` reading and one without
 * series a `no-data` reading: `sample` itself never rejects for either. The first call after `start` only
 * sets the base line that the next one counts from.
 */
export interface MetricsProvider {
  sample(request: SampleRequest, signal: AbortSignal): Promise<Sample>;
}

/** Where a KPI's numbers come from. Selectors of one list are added up. */
export type KpiSource =
  | {
      readonly id: string;
      readonly type: 'events';
      readonly bad: readonly Selector[];
      readonly total: readonly Selector[];
    }
  /** `total` minus `good` is bad. */
  | {
      readonly id: string;
      readonly type: 'good-events';
      readonly good: readonly Selector[];
      readonly total: readonly Selector[];
    }
  /** A classic histogram, named without `_bucket`. `scale` turns its bounds into the KPI's unit (seconds to ms: 1000). */
  | { readonly id: string; readonly type: 'histogram'; readonly histogram: Selector; readonly scale: number }
  /** A gauge, or one divided by another; the largest over instances counts. */
  | {
      readonly id: string;
      readonly type: 'gauge';
      readonly value: Selector;
      readonly dividedBy: Selector | null;
      readonly scale: number;
    };

export interface MetricsSpec {
  readonly sources: readonly (KpiSource & { readonly scope: 'per-arm' | 'shared' })[];
  /** Counter of all requests, for the share of traffic really observed; null when it is not watched. */
  readonly traffic: readonly Selector[] | null;
}

/** What the selectors of a KPI stand for: events that are counted, a histogram, or values as they are. */
export type MetricRole = 'counter' | 'histogram' | 'gauge';

/** What one selector asks of a provider. */
export interface MetricNeed {
  readonly metric: string;
  readonly role: MetricRole;
}

/** What a metrics entry of the config ends in: like Registered, with the KPI queries added. */
export interface RegisteredMetrics {
  readonly type: string;
  readonly create: (context: AdapterContext, spec: MetricsSpec) => MetricsProvider;
  /**
   * For a provider that keeps its history: makes one that looks at exactly the moment that the context's clock
   * says, at this address.
   */
  readonly past?: (url: string) => RegisteredMetrics['create'];
  /** Why it can never answer that, and what to change in the config; null when it can. */
  readonly lacks?: (need: MetricNeed) => { readonly expected: string; readonly fix: string } | null;
  /** For a provider that tells of an event only so long after it: at most this. */
  readonly lateness?: Milliseconds;
  /** For a provider that answers expressions of the user's own. */
  readonly figures?: (context: AdapterContext) => FigureSource;
}
