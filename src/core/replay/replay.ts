import { type ComparisonSettings, comparisonRules } from '../analysis/comparison/rules.ts';
import type { Bake } from '../analysis/judge/settings.ts';
import {
  decide,
  type Judgement,
  type Past,
  type PastTick,
  type Replayed,
  type ReplayedTick,
} from './decide.ts';
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
  return decide(pastOf(recording, settings), judgementOf(recording, settings), watch);
}

/** A recording as a rollout of the past; its clock begins at 0. */
export function pastOf(recording: Recording, settings: Pick<ReplaySettings, 'recorded' | 'every'>): Past {
  const { id, tick, truth } = recording;
  const told = { id, tick, steps: stepsOf(recording), start: 0, ticks: ticksOf(recording, settings) };
  return truth === undefined ? told : { ...told, truth };
}

export function judgementOf(
  recording: Recording,
  { kpis, hold, judge = null, comparison, every }: ReplaySettings,
): Judgement {
  if (comparison === null) return { kpis, hold, judge, comparison };
  const steps = stepsOf(recording).map((step) => ({ ...step, maxBake: step.bake }));
  return {
    kpis,
    hold,
    judge,
    comparison: comparisonRules(comparison, { steps, tick: recording.tick * every }),
  };
}

function* ticksOf(
  recording: Recording,
  { recorded, every }: Pick<ReplaySettings, 'recorded' | 'every'>,
): Generator<PastTick> {
  for (const look of looksOf(recording, every)) {
    yield { look, sample: sampleOf(recording, look, recorded), bake: bakeAt(recording, look) };
  }
}

function stepsOf({ steps, tick }: Recording): Past['steps'] {
  return steps.map(({ weight, ticks }) => ({ weight, bake: ticks * tick }));
}

/** Every recorded tick counts as served. */
function bakeAt({ steps, tick }: Recording, { step, until }: Look): Bake {
  const before = steps.slice(0, step).reduce((sum, { ticks }) => sum + ticks, 0);
  const of = (steps[step]?.ticks ?? 0) * tick;
  return { served: (until - before) * tick, of, most: of };
}
