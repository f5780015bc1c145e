import type { Slot } from '../../../core/rollout/record.ts';
import type { ArmKey, ArmView } from '../arms.ts';
import type { Counted } from '../increments.ts';
import type { Series } from '../series.ts';
import { addressOf } from './endpoint.ts';

export interface Endpoint {
  readonly url: string;
  /** The slot that all its series belong to; null when each series says it in a label. */
  readonly slot: Slot | null;
  /** What it is called; its address where that is left out. */
  readonly name?: string;
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

type Failure = Extract<EndpointScrape, { kind: 'unreadable' }>;

/** An arm as its endpoints show it. */
export interface ScrapedArm extends ArmView {
  readonly failures: readonly Failure[];
}

export function viewArm(arm: ArmKey, scrapes: readonly EndpointScrape[], slotLabel: string): ScrapedArm {
  const fed = scrapes.filter(({ endpoint }) => feeds(endpoint, arm));
  const isOwn = (endpoint: Endpoint, series: Series): boolean =>
    arm === 'shared' || endpoint.slot !== null || series.labels.get(slotLabel) === arm;
  const instances = fed.flatMap((scrape) => {
    if (scrape.kind === 'unreadable') return [];
    const { endpoint } = scrape;
    return {
      address: nameOf(endpoint),
      gauges: scrape.gauges.filter((series) => isOwn(endpoint, series)),
      counted: scrape.counted.filter(({ series }) => isOwn(endpoint, series)),
      natives: [],
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
export function asSeenBy(view: ScrapedArm, dependsOn: (endpoint: Endpoint) => boolean): ScrapedArm {
  return { ...view, failures: view.failures.filter(({ endpoint }) => dependsOn(endpoint)) };
}

function placeOf(arm: ArmKey, fed: readonly EndpointScrape[], slotLabel: string): string {
  return fed
    .map(({ endpoint }) => {
      const address = nameOf(endpoint);
      return arm === 'shared' || endpoint.slot !== null ? address : `${address} with ${slotLabel}="${arm}"`;
    })
    .join(', ');
}

function nameOf({ url, name }: Endpoint): string {
  return name ?? addressOf(url);
}
