import { type ComparisonSettings, comparisonRules } from '../analysis/comparison/rules.ts';
import type { Bake } from '../analysis/judge/settings.ts';
import { decide, type Judgement, type PastTick, type Replayed, type ReplayedTick } from './decide.ts';
import { type Look, looksOf, type RecordedKpis, type Recording, sampleOf } from './recording.ts';

export interface ReplaySettings extends Pick<Judgement, 'kpis' | 'hold' | 'judge'> {
  readonly recorded: RecordedKpis;
  readonly comparison: ComparisonSettings | null;
  /** Recorded ticks from one look to the next. */
  readonly every: number;
}

/** What would have been decided over a recording. */
export function replay(
  recording: Recording,
  settings: ReplaySettings,
  watch?: (tick: ReplayedTick) => void,
): Replayed {
  const { kpis, hold, judge = null } = settings;
  const past = { id: recording.id, start: 0, ticks: ticksOf(recording, settings) };
  return decide(past, { kpis, hold, judge, comparison: rulesOf(recording, settings) }, watch);
}

function* ticksOf(recording: Recording, { recorded, every }: ReplaySettings): Generator<PastTick> {
  for (const look of looksOf(recording, every)) {
    yield { look, sample: sampleOf(recording, look, recorded), bake: bakeAt(recording, look) };
  }
}

function rulesOf({ steps, tick }: Recording, { comparison, every }: ReplaySettings) {
  if (comparison === null) return null;
  const baked = steps.map(({ weight, ticks }) => ({ weight, bake: ticks * tick, maxBake: ticks * tick }));
  return comparisonRules(comparison, { steps: baked, tick: tick * every });
}

/** Every recorded tick counts as served. */
function bakeAt({ steps, tick }: Recording, { step, until }: Look): Bake {
  const before = steps.slice(0, step).reduce((sum, { ticks }) => sum + ticks, 0);
  const of = (steps[step]?.ticks ?? 0) * tick;
  return { served: (until - before) * tick, of, most: of };
}
