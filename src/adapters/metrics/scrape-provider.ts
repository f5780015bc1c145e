import { setMaxListeners } from 'node:events';
import type { ArmReadings, Reading, Sample } from '../../core/analysis/sample.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';
import type { AdapterContext } from '../../ports/adapter-context.ts';
import { messageOf } from '../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec, SampleRequest } from '../../ports/metrics-provider.ts';
import type { ArmKey, ArmView, Endpoint, EndpointScrape } from './arms.ts';
import { asSeenBy, feeds, viewArm } from './arms.ts';
import type { Carried } from './carried.ts';
import { carriedIncrements } from './carried.ts';
import type { EndpointAnswer } from './endpoint.ts';
import { readEndpoint } from './endpoint.ts';
import type { EndpointMemory } from './increments.ts';
import { countIncrements, missScrape } from './increments.ts';
import { readQuery, readTraffic } from './readings.ts';
import { type Shown, shownSeries } from './shown.ts';
import type { Queries, Query } from './sources.ts';
import { compileQueries } from './sources.ts';
import { watchedSeries } from './watched-series.ts';

export interface ScrapeSettings {
  readonly endpoints: readonly Endpoint[];
  readonly slotLabel: string;
  /** For each endpoint's complete answer. */
  readonly timeout: Milliseconds;
  /** Name of the environment variable with a bearer token. */
  readonly tokenEnv: string | null;
}

type Asked =
  | { readonly kind: 'answered'; readonly endpoint: Endpoint; readonly answer: EndpointAnswer }
  | { readonly kind: 'unreadable'; readonly endpoint: Endpoint; readonly why: string };

type Memories = ReadonlyMap<string, EndpointMemory>;

/**
 * Scrapes every endpoint of the watched slots at once and answers all KPIs from that one moment. An endpoint
 * that cannot be read makes error readings of the arms it feeds (its own slot's, or both when it has none)
 * and of shared KPIs, except of those that only the other kind of endpoint has ever shown. `sample` never rejects; cancelled, it answers errors and forgets nothing.
 */
export function createScrapeProvider(
  settings: ScrapeSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const queries = compileQueries(spec);
  const carried = carriedIncrements();
  const shown = shownSeries(allOf(queries));
  const token = settings.tokenEnv === null ? null : (context.env[settings.tokenEnv] ?? '');
  if (token !== null && token !== '') context.mask(token);
  let memories: Memories = new Map();

  async function ask(endpoint: Endpoint, signal: AbortSignal): Promise<Asked> {
    if (token === '') {
      const why = `expected a token in the environment variable ${settings.tokenEnv}, saw none; set it`;
      return { kind: 'unreadable', endpoint, why };
    }
    try {
      const answer = await readEndpoint({ url: endpoint.url, timeout: settings.timeout, token }, signal);
      return { kind: 'answered', endpoint, answer };
    } catch (error) {
      return { kind: 'unreadable', endpoint, why: messageOf(error) };
    }
  }

  return {
    async sample(request, signal) {
      const at = context.clock.now();
      const watched = settings.endpoints.filter((endpoint) => isWatched(endpoint, request));
      const asked = await withOwnSignal(signal, (own) => Promise.all(watched.map((one) => ask(one, own))));
      const remembered = signal.aborted
        ? cancelled(watched, memories)
        : remember(asked, memories, queries, at);
      memories = remembered.memories;
      shown.note(remembered.scrapes);
      carried.keepOnly([...armsOf(request), 'shared']);
      const answers = answerAll(request, remembered.scrapes, { queries, carried, shown, settings });
      return { at, elapsed: request.elapsed, ...answers };
    },
  };
}

function allOf({ kpis, traffic }: Queries): readonly Query[] {
  return [...kpis.map(({ query }) => query), ...(traffic === null ? [] : [traffic])];
}

function armsOf({ canary, stable }: SampleRequest): readonly ArmKey[] {
  return stable === null ? [canary] : [canary, stable];
}

/** A slot that takes no part may be empty: its endpoints are left alone. */
function isWatched(endpoint: Endpoint, request: SampleRequest): boolean {
  return armsOf(request).some((arm) => feeds(endpoint, arm));
}

/** Hundreds of endpoints listen to one cancellation; the caller's signal is spared the warning about a leak. */
async function withOwnSignal<T>(signal: AbortSignal, work: (own: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const stop = (): void => controller.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await work(controller.signal);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface Remembered {
  readonly scrapes: readonly EndpointScrape[];
  readonly memories: Memories;
}

function cancelled(watched: readonly Endpoint[], memories: Memories): Remembered {
  const why = 'the scrape was cancelled before all endpoints had answered';
  return { scrapes: watched.map((endpoint) => ({ kind: 'unreadable', endpoint, why })), memories };
}

function remember(asked: readonly Asked[], before: Memories, queries: Queries, now: EpochMs): Remembered {
  const memories = new Map<string, EndpointMemory>();
  const scrapes = asked.map((one): EndpointScrape => {
    if (one.kind === 'unreadable') return one;
    const { endpoint, answer } = one;
    const known = before.get(endpoint.url) ?? null;
    const { gauges, ...counters } = watchedSeries(answer.series, queries);
    const { memory, counted } = countIncrements(known, { ...counters, readAt: answer.date ?? now });
    memories.set(endpoint.url, memory);
    return { kind: 'read', endpoint, gauges, counted, isBaseLine: known === null };
  });
  for (const [url, memory] of before) {
    const kept = memories.has(url) ? null : missScrape(memory);
    if (kept !== null) memories.set(url, kept);
  }
  return { scrapes, memories };
}

function answerAll(
  request: SampleRequest,
  scrapes: readonly EndpointScrape[],
  desk: {
    readonly queries: Queries;
    readonly carried: Carried;
    readonly shown: Shown;
    readonly settings: ScrapeSettings;
  },
): Pick<Sample, 'kpis' | 'traffic'> {
  const { queries, carried, shown, settings } = desk;
  const viewOf = (arm: ArmKey): ArmView => viewArm(arm, scrapes, settings.slotLabel);
  const seenBy = ({ id }: Query, view: ArmView): ArmView =>
    asSeenBy(view, (endpoint) => shown.dependsOn(id, endpoint));
  const read = (query: Query, view: ArmView): Reading => readQuery(query, seenBy(query, view), carried);
  const canary = viewOf(request.canary);
  const stable = request.stable === null ? null : viewOf(request.stable);
  const shared = viewOf('shared');
  const kpis = queries.kpis.map(({ query, scope }): readonly [string, ArmReadings] => {
    if (scope === 'shared') return [query.id, { canary: read(query, shared), stable: null }];
    return [query.id, { canary: read(query, canary), stable: stable === null ? null : read(query, stable) }];
  });
  const { traffic } = queries;
  if (traffic === null) return { kpis: Object.fromEntries(kpis), traffic: null };
  const setsBaseLine = scrapes.some((scrape) => scrape.kind === 'read' && scrape.isBaseLine);
  const views = {
    canary: seenBy(traffic, canary),
    stable: stable === null ? null : seenBy(traffic, stable),
  };
  return {
    kpis: Object.fromEntries(kpis),
    traffic: readTraffic(traffic, views, setsBaseLine, carried),
  };
}
