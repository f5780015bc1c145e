import type { TickVerdict } from '../analysis/verdict.ts';
import type { PhaseName } from '../rollout/record.ts';
import type { EpochMs, Milliseconds, Percent } from '../units.ts';
import { type EvidenceSeries, type TickEvidence, withEvidence } from './evidence-series.ts';
import { appended, MOST_POINTS, type Point } from './thin-out.ts';

export type Arm = 'canary' | 'stable';

/** What one look at the world showed. */
export interface SeriesTick {
  readonly at: EpochMs;
  /** Watched time since the tick before. Much more wall time than this leaves a gap in the lines. */
  readonly elapsed: Milliseconds;
  readonly asked: Percent;
  /** Null when the router could not be read. */
  readonly read: Percent | null;
  /** Index of the plan's step; -1 outside of any. */
  readonly step: number;
  readonly phase: PhaseName;
  readonly kpis: Readonly<Record<string, Readonly<Record<Arm, number | null>>>>;
  /** Requests of this tick; null when nobody counts them. */
  readonly requests: Readonly<Record<Arm, number>> | null;
  readonly verdict: TickVerdict['kind'];
  /** Null when nothing is compared. */
  readonly evidence: TickEvidence | null;
}

/** Where the traffic was. It stays so until the next point. */
export interface TrafficPoint {
  readonly at: EpochMs;
  readonly asked: Percent;
  readonly read: Percent | null;
  readonly step: number;
  readonly phase: PhaseName;
}

/** A moment worth telling. */
export interface Mark {
  readonly at: EpochMs;
  readonly kind: 'transition' | 'decision' | 'warning';
  readonly label: string;
}

/** A rollout as it is drawn and told afterwards: plain JSON of bounded size. */
export interface Series {
  readonly traffic: readonly TrafficPoint[];
  readonly kpis: Readonly<Record<string, Readonly<Record<Arm, readonly Point[]>>>>;
  /** Null as long as nothing was compared. */
  readonly evidence: EvidenceSeries | null;
  readonly marks: readonly Mark[];
  /** Requests counted in all ticks. */
  readonly requests: Readonly<Record<Arm, number>>;
  /** The newest tick whose verdict was `fail`; its points are never thinned out. */
  readonly failedAt: EpochMs | null;
  /** The newest tick. */
  readonly tickedAt: EpochMs | null;
}

const MOST_MARKS = 400;

export function emptySeries(): Series {
  return {
    traffic: [],
    kpis: {},
    evidence: null,
    marks: [],
    requests: { canary: 0, stable: 0 },
    failedAt: null,
    tickedAt: null,
  };
}

/** Adds one tick. A clock that went back is taken as standing still. */
export function record(series: Series, tick: SeriesTick): Series {
  const at = Math.max(tick.at, series.tickedAt ?? tick.at);
  const before = tick.elapsed > 0 ? unwatched(series, at, tick.elapsed) : series;
  const failedAt = tick.verdict === 'fail' ? at : before.failedAt;
  const kpis = extended(before.kpis, at, tick.kpis, failedAt);
  const evidence = withEvidence(before.evidence, at, tick.evidence, failedAt);
  const requests = {
    canary: before.requests.canary + (tick.requests?.canary ?? 0),
    stable: before.requests.stable + (tick.requests?.stable ?? 0),
  };
  return placed({ ...before, kpis, evidence, requests, failedAt, tickedAt: at }, tick);
}

/** When the last tick is much longer ago than `usual`, nobody watched since: every line gets a gap. */
export function unwatched(series: Series, at: EpochMs, usual: Milliseconds): Series {
  const { tickedAt } = series;
  const last = series.traffic.at(-1);
  if (tickedAt === null || last === undefined || at - tickedAt <= 3 * usual) return series;
  const from = tickedAt + usual;
  const silent = silentAt(silentAt(series, from), at);
  return placed(silent, { ...last, at: from, read: null });
}

function silentAt(series: Series, at: EpochMs): Series {
  const kpis = extended(series.kpis, at, {}, series.failedAt);
  return { ...series, kpis, evidence: withEvidence(series.evidence, at, null, series.failedAt) };
}

/** Every line known so far, and every KPI told of, with one point more. */
function extended(
  lines: Series['kpis'],
  at: EpochMs,
  values: SeriesTick['kpis'],
  keep: EpochMs | null,
): Series['kpis'] {
  const next = (id: string, arm: Arm): readonly Point[] => {
    const value = values[id]?.[arm] ?? null;
    const point = { at, value: value !== null && Number.isFinite(value) ? value : null };
    return appended(lines[id]?.[arm] ?? [], point, keep);
  };
  const ids = new Set([...Object.keys(lines), ...Object.keys(values)]);
  return Object.fromEntries(
    [...ids].map((id) => [id, { canary: next(id, 'canary'), stable: next(id, 'stable') }]),
  );
}

/** Notes where the traffic is, outside of a tick too. */
export function placed(series: Series, point: TrafficPoint): Series {
  const { at, asked, read, step, phase } = point;
  const last = series.traffic.at(-1);
  const next = { at: Math.max(at, last?.at ?? at), asked, read, step, phase };
  const stays = (other: TrafficPoint | undefined): boolean =>
    other !== undefined &&
    other.asked === asked &&
    other.read === read &&
    other.step === step &&
    other.phase === phase;
  const kept = stays(last) && stays(series.traffic.at(-2)) ? series.traffic.slice(0, -1) : series.traffic;
  return { ...series, traffic: withoutMiddle([...kept, next], MOST_POINTS) };
}

/** Notes a moment worth telling. */
export function marked(series: Series, mark: Mark): Series {
  return { ...series, marks: withoutMiddle([...series.marks, mark], MOST_MARKS) };
}

/** How it began and how it ended matter most. */
function withoutMiddle<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return [...list.slice(0, most / 4), ...list.slice(most / 4 + 1)];
}
