import type { AnalysisState } from '../analysis/state.ts';
import type { Finding } from '../checks/finding.ts';
import type { PastRollout, Replayed, ReplayedTick } from '../replay/decide.ts';
import type { Result } from '../result.ts';
import type { Milliseconds } from '../units.ts';
import { clip, oneLine } from './plain-text.ts';
import { emptySeries, marked, placed, record, type Series } from './series.ts';

/** What a replay showed, look by look; the time is that since the first bake began. */
export interface Gathered {
  readonly series: Series;
  readonly analysis: AnalysisState | null;
  readonly findings: readonly Finding[];
}

/** A rollout of the past, what was decided over it, and all that was seen of it. */
export interface ReplayedPast {
  readonly past: PastRollout;
  readonly replayed: Replayed;
  readonly seen: Gathered;
}

export const NOTHING_GATHERED: Gathered = { series: emptySeries(), analysis: null, findings: [] };

/** Takes in one look. The weights are those that were asked for: nobody reads a router in a replay. */
export function gathered(before: Gathered, { look, sample, after, analysis }: ReplayedTick): Gathered {
  const place = { asked: look.weight, read: look.weight, step: look.step, phase: 'baking' } as const;
  const begun =
    before.analysis?.step === look.step
      ? before.series
      : placed(before.series, { at: after - sample.elapsed, ...place });
  const { state, verdict, findings } = analysis;
  const kpis = Object.fromEntries(
    Object.keys(sample.kpis).map((id) => [id, state.kpis[id]?.latest ?? { canary: null, stable: null }]),
  );
  const series = record(begun, {
    at: after,
    elapsed: sample.elapsed,
    ...place,
    kpis,
    requests: sample.traffic,
    verdict: verdict.kind,
    evidence: state.comparison,
  });
  return { series, analysis: state, findings };
}

/** How much of its steps was seen, where that ends before they do and nothing was decided; null otherwise. */
export function cutShortAt({ past, replayed, seen: { series } }: ReplayedPast): Milliseconds | null {
  const seen = series.tickedAt ?? 0;
  const planned = past.steps.reduce((sum, { bake }) => sum + bake, 0);
  return replayed.decision === 'promote' && seen < planned ? seen : null;
}

/** The series with the moment that decided. */
export function decidedSeries({ series }: Gathered, { reason }: Replayed): Series {
  const at = series.tickedAt ?? 0;
  const why = reason === null ? 'Every step passed' : `Would go back: ${oneLine(reason.message)}`;
  return marked(series, { at, kind: 'decision', label: clip(why, 300) });
}

/**
 * A replay in the shape of a result, for the renderers that tell of one. Versions, weights and times of day are
 * null, as nobody knows them: no traffic was shifted.
 */
export function replayResult(told: ReplayedPast): Result {
  const { past, replayed, seen } = told;
  const { reason, decision } = replayed;
  const isAbort = decision === 'abort';
  const isOpen = cutShortAt(told) !== null;
  return {
    schemaVersion: 1,
    operation: 'canary',
    verdict: isAbort ? 'fail' : 'pass',
    reasonCode: reason?.code ?? 'promoted',
    message: reason?.message ?? 'every step passed',
    kpi: reason?.kpi ?? null,
    service: past.id,
    environment: 'replay',
    rolloutId: past.id,
    kind: 'canary',
    state: isAbort ? 'aborted' : isOpen ? 'baking' : 'promoted',
    weight: null,
    version: null,
    stableVersion: null,
    serving: null,
    previous: null,
    startedAt: null,
    endedAt: null,
    steps: stepsOf(past, seen),
    findings: seen.findings,
    verification: null,
    exposed: seen.analysis?.exposed ?? { requests: 0, bad: 0 },
    warnings: [],
  };
}

function stepsOf({ steps }: PastRollout, { series }: Gathered): Result['steps'] {
  const until = series.tickedAt ?? 0;
  let from = 0;
  return steps.map(({ weight, bake: bakeMs }) => {
    const servedMs = Math.min(bakeMs, Math.max(0, until - from));
    from += bakeMs;
    return { weight, servedMs, bakeMs };
  });
}
