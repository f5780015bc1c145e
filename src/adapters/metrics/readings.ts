import type { Reading, Traffic } from '../../core/analysis/sample.ts';
import type { ArmView } from './arms.ts';
import type { Carried } from './carried.ts';
import { readGauge } from './gauge.ts';
import type { CounterQuery, EventsQuery, Query } from './sources.ts';
import { gather, observe } from './tally.ts';

/** Failures told in one reading. */
const MOST_FAILURES = 3;

/**
 * Answers one KPI for one arm. Increments that cannot be reported, because another endpoint of the arm was
 * unreadable or the total is not there yet, are carried to the next reading: an event seen is not lost.
 */
export function readQuery(query: Query, view: ArmView, carried: Carried): Reading {
  if (query.type !== 'gauge') return readCounter(query, view, carried);
  return view.failures.length > 0 ? failed(view) : readGauge(query, view);
}

function readCounter(query: CounterQuery, view: ArmView, carried: Carried): Reading {
  const gathered = gather(query, view);
  const tally = carried.add(view.arm, query.id, gathered.kind === 'broken' ? null : gathered.tally);
  if (view.failures.length > 0) return failed(view);
  switch (gathered.kind) {
    case 'broken':
      return { kind: 'error', why: gathered.why };
    case 'absent':
      return { kind: 'no-data', why: `no series matches ${query.needs} at ${view.place}` };
    case 'base-line':
      return { kind: 'no-data', why: `first scrape sets the base line of ${query.needs}` };
    case 'counts':
      if (tally === null) return { kind: 'error', why: `${query.needs}: its buckets have changed` };
      carried.drop(view.arm, query.id);
      return { kind: 'data', observation: observe(query, tally) };
  }
}

/**
 * Requests of each arm in the tick; null when they cannot be told. Both counts cover the same time: they are
 * carried together while an endpoint is unreadable, and dropped together when one sets a base line. An arm
 * without the series, next to one that has it, has served nothing.
 */
export function readTraffic(
  query: EventsQuery,
  views: { readonly canary: ArmView; readonly stable: ArmView | null },
  setsBaseLine: boolean,
  carried: Carried,
): Traffic | null {
  const arms = views.stable === null ? [views.canary] : [views.canary, views.stable];
  const isUnread = arms.some((view) => view.failures.length > 0);
  const served = arms.map((view) => {
    const gathered = gather(query, view);
    const tally = carried.add(view.arm, query.id, gathered.kind === 'broken' ? null : gathered.tally);
    const total = tally?.type === 'events' ? tally.total : 0;
    return { total, isPresent: total > 0 || gathered.kind === 'counts' };
  });
  if (isUnread && !setsBaseLine) return null;
  for (const { arm } of arms) carried.drop(arm, query.id);
  if (isUnread || setsBaseLine || !served.some(({ isPresent }) => isPresent)) return null;
  return { canary: served[0]?.total ?? 0, stable: served[1]?.total ?? 0 };
}

function failed(view: ArmView): Reading {
  const told = view.failures.slice(0, MOST_FAILURES).map(({ why }) => why);
  const rest = view.failures.length - told.length;
  return { kind: 'error', why: rest > 0 ? `${told.join('; ')}; and ${rest} more` : told.join('; ') };
}
