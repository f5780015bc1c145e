import type { Reading } from '../analysis/sample.ts';
import type { RolloutEventType } from '../rollout/events.ts';
import type { Rollout } from '../rollout/record.ts';
import type { Percent } from '../units.ts';
import { type Happening, stepOf, weightAsked } from './happening.ts';
import { describeMove } from './move-words.ts';
import { clip, oneLine } from './plain-text.ts';
import { marked, placed, record, type Series, unwatched } from './series.ts';

type Moved = Extract<Happening, { type: 'moved' }>;
type Tick = Extract<Happening, { type: 'tick' }>;

const LABEL_LENGTH = 300;

/** Keeps of a happening what a report needs. */
export function observe(series: Series, happening: Happening): Series {
  switch (happening.type) {
    case 'moved':
      return move(series, happening);
    case 'tick':
      return tick(series, happening);
    case 'note': {
      if (happening.level === 'info') return series;
      const label = clip(oneLine(happening.message), LABEL_LENGTH);
      return marked(series, { at: happening.at, kind: 'warning', label });
    }
  }
}

function tick(series: Series, { at, rollout, sample, verdict, traffic }: Tick): Series {
  const kpis = Object.fromEntries(
    Object.entries(sample.kpis).map(([id, readings]) => {
      const latest = rollout.analysis.kpis[id]?.latest;
      const canary = spoke(readings.canary) ? (latest?.canary ?? null) : null;
      const stable = spoke(readings.stable) ? (latest?.stable ?? null) : null;
      return [id, { canary, stable }];
    }),
  );
  const last = series.traffic.at(-1);
  return record(series, {
    at,
    elapsed: sample.elapsed,
    asked: last?.asked ?? weightAsked(rollout),
    read: traffic.shares[rollout.canary.slot],
    step: last?.step ?? stepOf(rollout),
    phase: last?.phase ?? rollout.phase.name,
    kpis,
    requests: sample.traffic,
    verdict: verdict.kind,
    evidence: rollout.analysis.comparison,
  });
}

function spoke(reading: Reading | null): boolean {
  return reading?.kind === 'data';
}

function move(earlier: Series, { at, event, record: { rollout } }: Moved): Series {
  if (rollout === null) return earlier;
  const before = earlier.traffic.at(-1);
  const series = before?.phase === 'baking' ? unwatched(earlier, at, rollout.plan.tick) : earlier;
  const phase = rollout.phase.name;
  const point = {
    // What is looked at in hindsight is drawn when it happened.
    at: event === 'resumed' && rollout.phase.name === 'catching-up' ? rollout.phase.since : at,
    asked: weightAsked(rollout),
    read: weightRead(event, rollout, series.traffic.at(-1)?.read ?? null),
  };
  const next = placed(series, { ...point, step: stepOf(rollout), phase });
  if (event === 'ticked' && before?.phase === phase && before.step === stepOf(rollout)) return next;
  const decides = before?.phase !== phase && (phase === 'aborting' || phase === 'settling');
  const label = clip(describeMove(event, rollout), LABEL_LENGTH);
  return marked(next, { at: point.at, kind: decides ? 'decision' : 'transition', label });
}

/** What the router had said when this event came about. */
function weightRead(event: RolloutEventType, rollout: Rollout, before: Percent | null): Percent | null {
  switch (event) {
    case 'shifted':
    case 'settled':
      return weightAsked(rollout);
    case 'started':
    case 'rollback-started':
    case 'came-home':
    case 'lease-lapsed':
      return 0;
    case 'resumed':
      return null;
    case 'deployed':
    case 'deploy-failed':
    case 'shift-failed':
    case 'ticked':
    case 'parked':
    case 'caught-up':
    case 'abort-requested':
    case 'verified':
    case 'told':
      return before;
  }
}
