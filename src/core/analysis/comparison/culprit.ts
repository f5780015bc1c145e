import type { Ratio } from '../../units.ts';
import { formatValue, type Unit } from '../kpi.ts';
import type { ComparisonDesign } from './design.ts';
import type { ComparisonState, Culprit, StreamEvidence } from './evidence.ts';
import { limitOf } from './history.ts';

export function culpritOf(
  design: ComparisonDesign,
  state: ComparisonState,
  streams: readonly StreamEvidence[],
  chance: Ratio,
): Culprit | null {
  const share = (one: StreamEvidence) => one.log + Math.log(one.weight);
  const counted = streams.filter((one) => one.weight > 0);
  const worst = counted.reduce<StreamEvidence | null>(
    (best, one) => (best === null || share(one) > share(best) ? one : best),
    null,
  );
  if (worst === null) return null;
  return aloneCulprit(design, state, worst, chance) ?? comparedCulprit(design, state, worst, chance);
}

function comparedCulprit(
  design: ComparisonDesign,
  state: ComparisonState,
  worst: StreamEvidence,
  chance: Ratio,
): Culprit | null {
  const at = design.tracks.findIndex((track) => track.bets.some((one) => one.id === worst.id));
  const track = design.tracks[at];
  const since = state.tracks[at]?.since;
  if (track === undefined || since === undefined) return null;
  const [canaryBad, canaryTotal, stableBad, stableTotal] = since.counts;
  const canary = { bad: canaryBad, total: canaryTotal };
  const stable = { bad: stableBad, total: stableTotal };
  const watched = since.ms * design.pace;
  const named = { stream: worst.id, kpi: track.kpi, event: track.event };
  return { ...named, canary, stable, limit: null, watched, chance };
}

function aloneCulprit(
  design: ComparisonDesign,
  state: ComparisonState,
  worst: StreamEvidence,
  chance: Ratio,
): Culprit | null {
  const at = design.histories.findIndex((history) => history.id === worst.id);
  const history = design.histories[at];
  const seen = state.histories[at];
  if (history === undefined || seen === undefined) return null;
  const canary = { bad: seen.bad, total: seen.total };
  const limit = limitOf(history.rules, seen.earlier);
  const named = { stream: worst.id, kpi: history.kpi, event: history.event };
  return { ...named, canary, stable: null, limit, watched: null, chance };
}

/** `canary 41 of 1,203 failed (3.4 %), stable 97 of 10,870 (0.9 %); odds of seeing this by chance under 1 in 4,000`. */
export function explainCulprit(culprit: Culprit, unit: Unit = 'ms'): string {
  const { canary, stable, event, limit } = culprit;
  const verb = event.type === 'bad' ? 'failed' : `took longer than ${formatValue(event.bound, unit)}`;
  const blamed = `canary ${count(canary.bad)} of ${count(canary.total)} ${verb} (${percent(canary)})`;
  const other =
    stable === null
      ? `at most ${percent({ bad: limit ?? 0, total: 1 })} expected from the ticks before it served alone`
      : `stable ${count(stable.bad)} of ${count(stable.total)} (${percent(stable)})`;
  return `${blamed}, ${other}; odds of seeing this by chance under ${odds(culprit.chance)}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(arm: { readonly bad: number; readonly total: number }): string {
  const share = arm.total > 0 ? (100 * arm.bad) / arm.total : 0;
  return `${share.toFixed(share > 0 && share < 0.1 ? 2 : 1)} %`;
}

/** Rounded down to two digits, so that the claim stays true. */
function odds(chance: Ratio): string {
  const against = Math.min(1e9, 1 / Math.max(1e-12, chance));
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(against)) - 1);
  return `1 in ${count(Math.max(1, Math.floor(against / digit) * digit))}`;
}
