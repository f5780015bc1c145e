import { setMaxListeners } from 'node:events';
import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { messageOf } from '../../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec, SampleRequest } from '../../../ports/metrics-provider.ts';
import { answerQueries, armsOf, type Seen } from '../answer.ts';
import type { ArmKey } from '../arms.ts';
import { carriedIncrements } from '../carried.ts';
import type { EndpointMemory } from '../increments.ts';
import { countIncrements, missScrape } from '../increments.ts';
import type { Queries, Query } from '../sources.ts';
import { compileQueries } from '../sources.ts';
import type { EndpointAnswer } from './endpoint.ts';
import { readEndpoint } from './endpoint.ts';
import {
  asSeenBy,
  type Endpoint,
  type EndpointScrape,
  feeds,
  type ScrapedArm,
  viewArm,
} from './scraped-arm.ts';
import { shownSeries } from './shown.ts';
import { watchedSeries } from './watched-series.ts';

export interface ScrapeSettings {
  readonly endpoints: readonly Endpoint[];
  readonly slotLabel: string;
  /** For each endpoint's complete answer. */
  readonly timeout: Milliseconds;
  /** Name of the environment variable with a bearer token. */
  readonly tokenEnv: string | null;
}

/** Any endpoints whose answers are series. */
export interface SeriesSettings {
  readonly endpoints: readonly Endpoint[];
  readonly slotLabel: string;
  /** Rejects with a message for people. */
  readonly read: (endpoint: Endpoint, signal: AbortSignal) => Promise<EndpointAnswer>;
}

type Asked =
  | { readonly kind: 'answered'; readonly endpoint: Endpoint; readonly answer: EndpointAnswer }
  | { readonly kind: 'unreadable'; readonly endpoint: Endpoint; readonly why: string };

type Memories = ReadonlyMap<string, EndpointMemory>;

/** Reads every endpoint over HTTP, as Prometheus or OpenMetrics text. */
export function createScrapeProvider(
  { tokenEnv, timeout, ...settings }: ScrapeSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const token = tokenEnv === null ? null : (context.env[tokenEnv] ?? '');
  if (token !== null && token !== '') context.mask(token);
  const read: SeriesSettings['read'] = async ({ url }, signal) => {
    if (token !== '') return readEndpoint({ url, timeout, token }, signal);
    throw new Error(`expected a token in the environment variable ${tokenEnv}, saw none; set it`);
  };
  return createSeriesProvider({ ...settings, read }, context, spec);
}

/**
 * Reads every endpoint of the watched slots at once and answers all KPIs from that one moment. An endpoint
 * that cannot be read makes error readings of the arms it feeds (its own slot's, or both when it has none)
 * and of shared KPIs, except of those that only the other kind of endpoint has ever shown. `sample` never rejects; cancelled, it answers errors and forgets nothing.
 */
export function createSeriesProvider(
  settings: SeriesSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const queries = compileQueries(spec);
  const carried = carriedIncrements();
  const shown = shownSeries(allOf(queries));
  let memories: Memories = new Map();

  async function ask(endpoint: Endpoint, signal: AbortSignal): Promise<Asked> {
    try {
      return { kind: 'answered', endpoint, answer: await settings.read(endpoint, signal) };
    } catch (error) {
      return { kind: 'unreadable', endpoint, why: messageOf(error) };
    }
  }

  function seenIn(scrapes: readonly EndpointScrape[], request: SampleRequest): Seen {
    const view = (arm: ArmKey): ScrapedArm => viewArm(arm, scrapes, settings.slotLabel);
    const views = new Map([...armsOf(request), 'shared' as const].map((arm) => [arm, view(arm)]));
    return {
      viewOf: (arm, { id }) =>
        asSeenBy(views.get(arm) ?? view(arm), (endpoint) => shown.dependsOn(id, endpoint)),
      setsBaseLine: scrapes.some((scrape) => scrape.kind === 'read' && scrape.isBaseLine),
    };
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
      const answers = answerQueries(request, queries, seenIn(remembered.scrapes, request), carried);
      return { at, elapsed: request.elapsed, ...answers };
    },
  };
}

function allOf({ kpis, traffic }: Queries): readonly Query[] {
  return [...kpis.map(({ query }) => query), ...(traffic === null ? [] : [traffic])];
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
