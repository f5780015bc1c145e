import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EpochMs, Milliseconds } from '../../../core/units.ts';
import type { AdapterContext } from '../../../ports/adapter-context.ts';
import { AdapterError, messageOf } from '../../../ports/adapter-error.ts';
import type { MetricsProvider, MetricsSpec, SampleRequest } from '../../../ports/metrics-provider.ts';
import { answerQueries, armsOf, type Seen } from '../answer.ts';
import { carriedIncrements } from '../carried.ts';
import type { EventsQuery } from '../sources.ts';
import { compileQueries } from '../sources.ts';
import type { RawSeries } from './answer-text.ts';
import { type Looked, viewArm } from './arm-view.ts';
import { authorizationOf, type Credentials, secretOf } from './credentials.ts';
import { type Group, groupsOf, type Labelling, presenceGroup, rangeOf } from './groups.ts';
import { countSince, type History } from './history.ts';
import { type PrometheusServer, query } from './request.ts';

export interface PrometheusSettings extends Labelling {
  /** Without a slash at its end. */
  readonly url: string;
  readonly scrapeInterval: Milliseconds;
  /** How far back the moment lies that is looked at. */
  readonly lag: Milliseconds;
  /** For each complete answer. */
  readonly timeout: Milliseconds;
  readonly credentials: Credentials;
  /** Path of a PEM file. */
  readonly caFile: string | null;
}

/** A series may miss one scrape, and half of the next interval, before it counts as gone. */
const FRESH_INTERVALS = 2.5;
/** After a longer absence the next look sets a new base line. */
const LONGEST_ABSENCE: Milliseconds = 3_600_000;

type Fetched = readonly RawSeries[] | { readonly why: string };

/**
 * Asks Prometheus for the raw samples of everything that the KPIs name, all at one moment, and counts increments
 * itself: `rate` and `increase` would guess at fractions of events. Each look covers the time from the moment of
 * the last good look, exclusive, to its own, inclusive; one that fails is made up for by the next. `sample` never
 * rejects; cancelled, it answers errors and forgets nothing.
 */
export function createPrometheusProvider(
  settings: PrometheusSettings,
  context: AdapterContext,
  spec: MetricsSpec,
): MetricsProvider {
  const queries = compileQueries(spec);
  const carried = carriedIncrements();
  const groups = groupsOf(spec, settings);
  const fetchFrom = fetching(settings, context);
  const freshFor = settings.scrapeInterval * FRESH_INTERVALS;
  const histories = new Map<Group, History>();

  async function look(at: EpochMs, signal: AbortSignal): Promise<readonly Looked[]> {
    const sinceOf = (group: Group): EpochMs => histories.get(group)?.until ?? at;
    const rangeFrom = (since: EpochMs): Milliseconds => Math.max(0, at - since) + freshFor;
    const oldest = Math.min(at, ...groups.map(sinceOf));
    const [presence, ...fetched] = await Promise.all([
      fetchFrom(presenceGroup(settings), rangeFrom(oldest), at, signal),
      ...groups.map((group) => fetchFrom(group, rangeFrom(sinceOf(group)), at, signal)),
    ]);
    return groups.map((group, index): Looked => {
      const series = fetched[index] ?? [];
      if (signal.aborted) return { kind: 'unread', group, why: 'cancelled before Prometheus had answered' };
      if ('why' in series) return { kind: 'unread', group, why: series.why };
      if ('why' in presence) return { kind: 'unread', group, why: presence.why };
      const before = histories.get(group) ?? null;
      const { history, targets } = countSince(before, { at, freshFor, series, presence });
      histories.set(group, history);
      return { kind: 'read', group, targets };
    });
  }

  return {
    async sample(request, signal) {
      const at = Math.floor(context.clock.now() - settings.lag);
      for (const [group, { until }] of histories) {
        if (at - until > LONGEST_ABSENCE) histories.delete(group);
      }
      const own = AbortSignal.any([signal]);
      // Each request listens to it, and there may be many.
      setMaxListeners(0, own);
      const looked = await look(at, own);
      const seen = seenIn(looked, settings, request, queries.traffic);
      return { at, elapsed: request.elapsed, ...answerQueries(request, queries, seen, carried) };
    },
  };
}

function seenIn(
  looked: readonly Looked[],
  settings: PrometheusSettings,
  request: SampleRequest,
  traffic: EventsQuery | null,
): Seen {
  const viewOf: Seen['viewOf'] = (arm, query) => viewArm(arm, query, looked, settings);
  const counted =
    traffic === null
      ? []
      : armsOf(request).flatMap((arm) => viewOf(arm, traffic).instances.flatMap((one) => one.counted));
  const isTraffic = traffic?.total ?? [];
  const setsBaseLine = counted.some(
    ({ by, series }) => by === null && isTraffic.some((test) => test(series.name, series.labels)),
  );
  return { viewOf, setsBaseLine };
}

type Fetch = (group: Group, range: Milliseconds, at: EpochMs, signal: AbortSignal) => Promise<Fetched>;

function fetching(settings: PrometheusSettings, context: AdapterContext): Fetch {
  const { credentials, caFile, url, timeout } = settings;
  const secret = secretOf(credentials, context);
  let ca: string | null = null;
  const server = async (): Promise<PrometheusServer> => {
    const authorization = authorizationOf(credentials, secret);
    if (caFile !== null) ca ??= await readAuthorities(resolve(context.baseDir, caFile));
    return { url, timeout, authorization, ca };
  };
  return async (group, range, at, signal) => {
    try {
      const form = { query: rangeOf(group, range), time: String(at / 1_000) };
      return await query(await server(), form, signal);
    } catch (error) {
      return { why: messageOf(error) };
    }
  };
}

export async function readAuthorities(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = `expected certificates in the ca-file ${path}, saw ${messageOf(error)}; correct its path`;
    throw new AdapterError('prometheus', 'io', why, { retryable: false, cause: error });
  }
}
