import type { ArmReadings, Reading, Sample } from '../../core/analysis/sample.ts';
import type { SampleRequest } from '../../ports/metrics-provider.ts';
import type { ArmKey, ArmView } from './arms.ts';
import type { Carried } from './carried.ts';
import { readQuery, readTraffic } from './readings.ts';
import type { Queries, Query } from './sources.ts';

/** What was seen of the world at one moment. */
export interface Seen {
  /** An arm, with the failures that the query depends on. */
  readonly viewOf: (arm: ArmKey, query: Query) => ArmView;
  /** Counters of the traffic began to be counted only now. */
  readonly setsBaseLine: boolean;
}

/** Answers every query for the arms it is asked of. */
export function answerQueries(
  { canary, stable }: SampleRequest,
  { kpis, traffic }: Queries,
  { viewOf, setsBaseLine }: Seen,
  carried: Carried,
): Pick<Sample, 'kpis' | 'traffic'> {
  carried.keepOnly([...armsOf({ canary, stable }), 'shared']);
  const read = (query: Query, arm: ArmKey): Reading => readQuery(query, viewOf(arm, query), carried);
  const readings = kpis.map(({ query, scope }): readonly [string, ArmReadings] => {
    if (scope === 'shared') return [query.id, { canary: read(query, 'shared'), stable: null }];
    return [query.id, { canary: read(query, canary), stable: stable === null ? null : read(query, stable) }];
  });
  if (traffic === null) return { kpis: Object.fromEntries(readings), traffic: null };
  const views = {
    canary: viewOf(canary, traffic),
    stable: stable === null ? null : viewOf(stable, traffic),
  };
  return {
    kpis: Object.fromEntries(readings),
    traffic: readTraffic(traffic, views, setsBaseLine, carried),
  };
}

export function armsOf({ canary, stable }: Pick<SampleRequest, 'canary' | 'stable'>): readonly ArmKey[] {
  return stable === null ? [canary] : [canary, stable];
}
