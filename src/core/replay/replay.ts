import { type ComparisonSettings, comparisonRules } from '../analysis/comparison/rules.ts';
import { decide, type Judgement, type PastTick, type Replayed, type ReplayedTick } from './decide.ts';
import { looksOf, type RecordedKpis, type Recording, sampleOf } from './recording.ts';

export interface ReplaySettings extends Pick<Judgement, 'kpis' | 'hold'> {
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
  const { kpis, hold } = settings;
  const past = { id: recording.id, start: 0, ticks: ticksOf(recording, settings) };
  return decide(past, { kpis, hold, comparison: rulesOf(recording, settings) }, watch);
}

function* ticksOf(recording: Recording, { recorded, every }: ReplaySettings): Generator<PastTick> {
  for (const look of looksOf(recording, every)) yield { look, sample: sampleOf(recording, look, recorded) };
}

function rulesOf({ steps, tick }: Recording, { comparison, every }: ReplaySettings) {
  if (comparison === null) return null;
  const baked = steps.map(({ weight, ticks }) => ({ weight, bake: ticks * tick, maxBake: ticks * tick }));
  return comparisonRules(comparison, { steps: baked, tick: tick * every });
}
