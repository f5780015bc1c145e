import type { Observation, Sample } from '../analysis/sample.ts';
import type { Milliseconds, Percent } from '../units.ts';

/** What one arm showed, tick by tick. */
export interface RecordedArm {
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  /** Requests per bucket and tick, not cumulative; one bucket more than bounds. */
  readonly latency: readonly (readonly number[])[];
}

/** The metrics of a rollout that took place, whatever was decided then. */
export interface Recording {
  readonly id: string;
  readonly tick: Milliseconds;
  readonly steps: readonly { readonly weight: Percent; readonly ticks: number }[];
  /** Upper bounds of the latency buckets, in milliseconds. */
  readonly bounds: readonly number[];
  readonly canary: RecordedArm;
  readonly stable: RecordedArm;
  /** For a recording that was made to be judged with: what is true of it. */
  readonly truth?: RecordedTruth;
}

/** What is known of a recorded rollout, so that decisions over it can be scored. */
export interface RecordedTruth {
  readonly scenario: string;
  /** Groups a scenario over traffic levels and base rates. */
  readonly family: string;
  /** A rollback of a benign one is a false alarm; of an ambiguous one, either is fine. */
  readonly truth: 'benign' | 'regression' | 'ambiguous';
  /** Requests a second, both arms together. */
  readonly rps: number;
  /** First tick of the regression. */
  readonly onsetTick: number;
  /** Per tick: requests expected to have been made worse by the canary. */
  readonly expectedExcessBad: readonly number[];
}

/** Which KPI each recorded stream belongs to; null when none does. */
export interface RecordedKpis {
  readonly errors: string | null;
  readonly latency: string | null;
}

/** A look at the ticks from `from` up to, but without, `until`. */
export interface Look {
  readonly step: number;
  readonly weight: Percent;
  readonly from: number;
  readonly until: number;
}

/** The looks of a rollout that looks at every tick, or only at every so many; none reaches into the next step. */
export function looksOf({ steps }: Recording, every: number): Look[] {
  const looks: Look[] = [];
  let begin = 0;
  for (const [step, { weight, ticks }] of steps.entries()) {
    const end = begin + ticks;
    for (let from = begin; from < end; from += every) {
      looks.push({ step, weight, from, until: Math.min(end, from + every) });
    }
    begin = end;
  }
  return looks;
}

/** What a metrics provider would have answered at a look. */
export function sampleOf(recording: Recording, look: Look, kpis: RecordedKpis): Sample {
  const { canary, stable, tick } = recording;
  const reading = (observation: Observation) => ({ kind: 'data', observation }) as const;
  const errors = (arm: RecordedArm) => reading(eventsOf(arm, look));
  const latency = (arm: RecordedArm) => reading(histogramOf(recording.bounds, arm, look));
  const read = [
    [kpis.errors, { canary: errors(canary), stable: errors(stable) }] as const,
    [kpis.latency, { canary: latency(canary), stable: latency(stable) }] as const,
  ].flatMap(([id, arms]) => (id === null ? [] : [[id, arms] as const]));
  return {
    at: look.until * tick,
    elapsed: (look.until - look.from) * tick,
    kpis: Object.fromEntries(read),
    traffic: { canary: sum(canary.requests, look), stable: sum(stable.requests, look) },
  };
}

function eventsOf(arm: RecordedArm, look: Look): Observation {
  return { type: 'events', bad: sum(arm.errors, look), total: sum(arm.requests, look) };
}

function histogramOf(bounds: readonly number[], arm: RecordedArm, look: Look): Observation {
  return { type: 'histogram', bounds, counts: arm.latency.map((bucket) => sum(bucket, look)) };
}

function sum(values: readonly number[], { from, until }: Look): number {
  let total = 0;
  for (let tick = from; tick < until; tick++) total += values[tick] ?? 0;
  return total;
}
