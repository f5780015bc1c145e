import type { Kpi } from '../kpi.ts';
import { newComparison } from './compare.ts';
import type { ComparisonDesign } from './design.ts';
import { designComparison } from './design.ts';
import type { ComparisonState, Culprit } from './evidence.ts';
import { newHistory } from './history.ts';
import type { ArmObservations } from './observed.ts';
import type { ComparisonRules } from './rules.ts';
import { newTrack } from './track.ts';

export type HistogramBounds = Readonly<Record<string, readonly number[]>>;

/** How far the comparison has come in a rollout. Plain JSON of bounded size. */
export interface ComparisonProgress {
  /** Bounds that both arms' histograms had when they were first seen, per KPI: the design rests on them. */
  readonly bounds: HistogramBounds;
  /** Whose evidence the lists in `state` hold: ids of the tracks, then of the histories. */
  readonly streams: readonly string[];
  readonly state: ComparisonState;
  /** Log of the evidence that the canary is worse, after the newest tick, and of what convicts. */
  readonly log: number;
  readonly threshold: number;
  /** Who carries the most of that evidence, once there is some. */
  readonly suspect: Culprit | null;
  /** The canary has once been proven no worse than the margins allow. */
  readonly nonInferior: boolean;
}

/** Past half of the evidence that convicts, the comparison warns. */
export function isSuspected({ log, threshold }: Pick<ComparisonProgress, 'log' | 'threshold'>): boolean {
  return log > threshold / 2;
}

/** A bake ends early by a proof, which stays, only while the canary is not suspected, which may come later. */
export function mayEndEarly(progress: ComparisonProgress | null): boolean {
  return progress?.nonInferior === true && !isSuspected(progress);
}

export interface Designed extends Pick<ComparisonProgress, 'bounds' | 'streams' | 'state'> {
  readonly design: ComparisonDesign;
}

type Seen = Readonly<Record<string, ArmObservations | undefined>>;

/**
 * The design for what is known of the histograms, and the evidence in its order. A histogram that shows up late
 * gets its comparisons then: their share of alpha has been kept for them.
 */
export function designFor(
  kpis: readonly Kpi[],
  rules: ComparisonRules,
  before: ComparisonProgress | null,
  seen: Seen,
): Designed {
  const bounds = learnBounds(kpis, before?.bounds ?? {}, seen);
  const design = remembered(kpis, rules, bounds);
  const streams = streamsOf(design);
  if (before === null) return { design, bounds, streams, state: newComparison(design) };
  if (isSame(streams, before.streams)) {
    return { design, bounds, streams: before.streams, state: before.state };
  }
  return { design, bounds, streams, state: arranged(design, before) };
}

/** A stream whose design has not changed its name keeps its evidence, wherever it stands in the list. */
function arranged(design: ComparisonDesign, { streams, state }: ComparisonProgress): ComparisonState {
  const { tracks, histories } = state;
  return {
    ...state,
    tracks: design.tracks.map((track) => tracks[streams.indexOf(track.id)] ?? newTrack(track)),
    histories: design.histories.map(
      ({ id }) => histories[streams.indexOf(id) - tracks.length] ?? newHistory(),
    ),
  };
}

function streamsOf(design: ComparisonDesign): string[] {
  return [...design.tracks, ...design.histories].map(({ id }) => id);
}

function learnBounds(kpis: readonly Kpi[], known: HistogramBounds, seen: Seen): HistogramBounds {
  const learned = kpis
    .filter((kpi) => kpi.type === 'quantile' && kpi.scope === 'per-arm' && !Object.hasOwn(known, kpi.id))
    .map(({ id }) => [id, sharedBounds(seen[id])] as const)
    .filter(([, bounds]) => bounds.length > 0);
  return learned.length === 0 ? known : { ...known, ...Object.fromEntries(learned) };
}

/** Versions may count in different buckets: only a bound that both have can be compared. */
function sharedBounds(seen: ArmObservations | undefined): readonly number[] {
  const { canary = null, stable = null } = seen ?? {};
  if (canary?.type !== 'histogram' || stable?.type !== 'histogram') return [];
  return canary.bounds.filter((bound) => stable.bounds.includes(bound));
}

interface Remembered {
  readonly kpis: readonly Kpi[];
  readonly rules: ComparisonRules;
  readonly design: ComparisonDesign;
}

/** A design costs more than a tick. It follows from its inputs alone, so that remembering it changes no answer. */
const memory = new WeakMap<HistogramBounds, Remembered>();

function remembered(kpis: readonly Kpi[], rules: ComparisonRules, bounds: HistogramBounds): ComparisonDesign {
  const had = memory.get(bounds);
  if (had !== undefined && had.kpis === kpis && isSameRules(had.rules, rules)) return had.design;
  const design = designComparison({ kpis, bounds, ...rules });
  memory.set(bounds, { kpis, rules, design });
  return design;
}

function isSameRules(one: ComparisonRules, other: ComparisonRules): boolean {
  return (
    one.alpha === other.alpha &&
    one.pace === other.pace &&
    one.tick === other.tick &&
    one.comparable === other.comparable
  );
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at]);
}
