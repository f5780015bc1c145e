import type { Series } from '../series.ts';
import type { Query } from '../sources.ts';
import type { Endpoint, EndpointScrape } from './scraped-arm.ts';

/** A version's own endpoint, or one that tells of both slots, such as the router's. Those of a kind show the same. */
type Kind = 'own' | 'common';

/** Which kind of endpoint has shown a query's series: a KPI depends on no other. */
export interface Shown {
  note(scrapes: readonly EndpointScrape[]): void;
  /** Until any endpoint has shown the query's series, it depends on all of them. */
  dependsOn(id: string, endpoint: Endpoint): boolean;
}

export function shownSeries(queries: readonly Query[]): Shown {
  const kinds = new Map<string, Set<Kind>>(queries.map(({ id }) => [id, new Set()]));
  const noteOne = (scrape: EndpointScrape): void => {
    if (scrape.kind === 'unreadable') return;
    const kind = kindOf(scrape.endpoint);
    const series = [...scrape.gauges, ...scrape.counted.map((one) => one.series)];
    for (const query of queries) {
      const seen = kinds.get(query.id);
      if (seen?.has(kind) === false && series.some((one) => isAskedFor(query, one))) seen.add(kind);
    }
  };
  return {
    note: (scrapes) => scrapes.forEach(noteOne),
    dependsOn: (id, endpoint) => {
      const seen = kinds.get(id);
      return seen === undefined || seen.size === 0 || seen.has(kindOf(endpoint));
    },
  };
}

function kindOf({ slot }: Endpoint): Kind {
  return slot === null ? 'common' : 'own';
}

function isAskedFor(query: Query, { name, labels }: Series): boolean {
  switch (query.type) {
    case 'events':
      return [...query.total, ...query.part].some((test) => test(name, labels));
    case 'histogram':
      return query.bucket(name, labels);
    case 'gauge':
      return query.value(name, labels) || query.dividedBy?.(name, labels) === true;
  }
}
