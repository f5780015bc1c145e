import type { Slot } from '../../core/rollout/record.ts';
import { addressOf } from './endpoint.ts';
import type { Series } from './exposition.ts';
import type { Counted } from './increments.ts';

export interface Endpoint {
  readonly url: string;
  /** The slot that all its series belong to; null when each series says it in a label. */
  readonly slot: Slot | null;
}

export type EndpointScrape =
  | {
      readonly kind: 'read';
      readonly endpoint: Endpoint;
      readonly gauges: readonly Series[];
      readonly counted: readonly Counted[];
      /** Nothing could be counted yet. */
      readonly isBaseLine: boolean;
    }
  | { readonly kind: 'unreadable'; readonly endpoint: Endpoint; readonly why: string };

/** One side of the rollout, or `shared` for everything together. */
export type ArmKey = Slot | 'shared';

/** What one endpoint shows of an arm. */
export interface Instance {
  readonly address: string;
  readonly gauges: readonly Series[];
  readonly counted: readonly Counted[];
}

export type Failure = Extract<EndpointScrape, { kind: 'unreadable' }>;

/** What this tick shows of an arm. */
export interface ArmView {
  readonly arm: ArmKey;
  readonly instances: readonly Instance[];
  /** Endpoints of this arm that could not be read. */
  readonly failures: readonly Failure[];
  /** Where its series were looked for, for people. */
  readonly place: string;
}

export function viewArm(arm: ArmKey, scrapes: readonly EndpointScrape[], slotLabel: string): ArmView {
  const fed = scrapes.filter(({ endpoint }) => feeds(endpoint, arm));
  const isOwn = (endpoint: Endpoint, series: Series): boolean =>
    arm === 'shared' || endpoint.slot !== null || series.labels.get(slotLabel) === arm;
  const instances = fed.flatMap((scrape) => {
    if (scrape.kind === 'unreadable') return [];
    const { endpoint } = scrape;
    return {
      address: addressOf(endpoint.url),
      gauges: scrape.gauges.filter((series) => isOwn(endpoint, series)),
      counted: scrape.counted.filter(({ series }) => isOwn(endpoint, series)),
    };
  });
  const failures = fed.filter((scrape) => scrape.kind === 'unreadable');
  return { arm, instances, failures, place: placeOf(arm, fed, slotLabel) };
}

/** Whether an arm's numbers depend on the endpoint. */
export function feeds(endpoint: Endpoint, arm: ArmKey): boolean {
  return arm === 'shared' || endpoint.slot === null || endpoint.slot === arm;
}

/** The same view without the failures of endpoints that a query does not depend on. */
export function asSeenBy(view: ArmView, dependsOn: (endpoint: Endpoint) => boolean): ArmView {
  return { ...view, failures: view.failures.filter(({ endpoint }) => dependsOn(endpoint)) };
}

function placeOf(arm: ArmKey, fed: readonly EndpointScrape[], slotLabel: string): string {
  return fed
    .map(({ endpoint }) => {
      const address = addressOf(endpoint.url);
      return arm === 'shared' || endpoint.slot !== null ? address : `${address} with ${slotLabel}="${arm}"`;
    })
    .join(', ');
}
