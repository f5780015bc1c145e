import { formatDuration, type Milliseconds } from '../units.ts';
import type { KpiTick } from './evaluator.ts';
import { formatCount, formatLimit, formatValue, type Kpi, samplesToPass } from './kpi.ts';
import { boundFor, type Tally } from './observation.ts';
import { quantileOf } from './quantile.ts';
import type { KpiState, Stretch } from './state.ts';
import { trailSum, windowCounts, windowSum } from './window.ts';

/** About a year. */
const ENDLESS: Milliseconds = 3e10;

export type Arm = 'canary' | 'stable';

interface Counts {
  readonly bad: number;
  readonly total: number;
}

/** "Error rate was 4.1 % (33 of 803) on the canary, over the limit of > 2 % for 5m; stable had 0.9 % (65 of 7,210)". */
export function breachMessage(tick: KpiTick): string {
  const { kpi, state } = tick;
  if (kpi.type === 'never') return neverMessage(tick);
  const where = kpi.scope === 'shared' ? 'in the environment that both versions share' : 'on the canary';
  const run = `for ${formatDuration(state.run?.ms ?? 0)}`;
  return `${kpi.title} was ${overBreach(tick, 'canary')} ${where}, ${beyond(kpi)} ${run}${aside(tick)}`;
}

/** A breach that stable shows as well, or that came too late to be put down to the shift. */
export function environmentMessage(tick: KpiTick): string {
  const { kpi, state } = tick;
  if (kpi.scope === 'shared') return `${breachMessage(tick)}, too late to be put down to the shift`;
  if (kpi.type === 'never') {
    const times = formatCount(windowSum(state.canary).bad);
    return `${kpi.title}: ${times} on the canary${within(kpi)}, but stable had some too; the canary is not blamed`;
  }
  const both = `${overBreach(tick, 'canary')} on the canary, ${overBreach(tick, 'stable')} on stable`;
  const lasting = `for ${formatDuration(state.run?.ms ?? 0)}`;
  return `${kpi.title} was ${beyond(kpi)} on both versions ${lasting}: ${both}; the canary is not blamed`;
}

export function unripeMessage(tick: KpiTick): string {
  const { kpi, state } = tick;
  const why =
    (state.run?.ms ?? 0) < kpi.for
      ? `a bake cannot end before ${formatDuration(kpi.for)} of it are over`
      : 'it may be noise, but no bake ends in it';
  return `${breachMessage(tick)}; ${why}`;
}

export function silenceMessage({ kpi, canary, state }: KpiTick): string {
  const why = canary.kind === 'no-data' ? `: ${clip(canary.why)}` : ': its counters stood still';
  const spent = `${formatDuration(state.silentMs)}${budget(kpi.noData.budget)}`;
  return `${kpi.title} has shown nothing for ${spent}${why}`;
}

export function outageMessage({ kpi, canary, state }: KpiTick): string {
  const why = canary.kind === 'error' ? `: ${clip(canary.why)}` : '';
  const spent = `${formatDuration(state.erringMs)}${budget(kpi.errorBudget)}`;
  return `${kpi.title} could not be read for ${spent}${why}`;
}

export function shortMessage({ kpi, state }: KpiTick): string {
  const seen = `${formatCount(state.step.total)} of the ${formatCount(samplesToPass(kpi))}`;
  const what = kpi.type === 'gauge' ? 'readings' : 'events';
  return `${kpi.title} has seen ${seen} ${what} that it needs in this step`;
}

/** A KPI's value over its window, with its unit: `2.41 %`, `more than 800 ms`, `2 within 5m`. */
export function windowValue(kpi: Kpi, state: KpiState, arm: Arm): string {
  const value = state.latest[arm];
  if (value === null) return 'no value';
  if (kpi.type === 'never') return `${formatCount(value)}${within(kpi)}`;
  return kpi.type === 'quantile' && state[arm].length > 0
    ? quantileWords(kpi, state, arm)
    : formatValue(value, kpi.unit);
}

/** `12 of 480`, over the window; null where no events are counted, or none came. */
export function windowWords(kpi: Kpi, state: KpiState, arm: Arm): string | null {
  if (kpi.type === 'gauge' || kpi.type === 'never') return null;
  const counts = windowSum(state[arm]);
  return counts.total > 0 ? countWords(kpi, state, arm, counts) : null;
}

/** Why a bound of the buckets stands for the limit; null when the limit is a bound itself. */
export function bucketNote(kpi: Kpi, { bounds: { canary } }: KpiState): string | null {
  const bound = canary === null ? null : boundFor(canary, kpi.alert.value);
  if (bound === null || Math.abs(bound - kpi.alert.value) <= Math.abs(bound) * 1e-6) return null;
  const limit = formatValue(kpi.alert.value, kpi.unit);
  return `${limit} lies inside a bucket, so ${formatValue(bound, kpi.unit)} stands for it`;
}

/** What a provider says goes into messages and records, and may be long. */
export function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** How long events of a `never` KPI count; one whose `for` is 0 is judged tick by tick. */
export function within(kpi: Kpi): string {
  return kpi.for === 0 ? '' : ` within ${formatDuration(kpi.for)}`;
}

/** `40s of 5m`. A limit that nobody will live to see is not worth a word, and neither is one of 0. */
export function spentOf(spent: Milliseconds, limit: Milliseconds): string {
  const words = formatDuration(spent);
  return limit === 0 || limit >= ENDLESS ? words : `${words} of ${formatDuration(limit)}`;
}

function budget(limit: Milliseconds): string {
  return limit >= ENDLESS ? '' : ` (budget ${formatDuration(limit)})`;
}

function neverMessage({ kpi, state, weight }: KpiTick): string {
  const times = (arm: Arm): string => formatCount(windowSum(state[arm]).bad);
  const span = `${within(kpi)}, where not one may happen`;
  if (kpi.scope === 'shared') return `${kpi.title}: ${times('canary')}${span}`;
  const stable = weight >= 100 ? '' : `; stable had ${times('stable')}`;
  return `${kpi.title}: ${times('canary')} on the canary${span}${stable}`;
}

/** `over the limit of > 2 %` */
export function beyond(kpi: Kpi): string {
  const side = kpi.alert.comparator.startsWith('>') ? 'over' : 'under';
  return `${side} the limit of ${formatLimit(kpi.alert, kpi.unit)}`;
}

/** What there is to compare a breach with. */
function aside(tick: KpiTick): string {
  const { kpi, state, weight } = tick;
  if (kpi.scope === 'shared') return `; it began ${formatDuration(state.run?.since ?? 0)} into the step`;
  if (weight >= 100) return '';
  if (breachCounts(tick).stableTotal === 0) return '; stable had nothing to compare with';
  return `; stable had ${overBreach(tick, 'stable')}`;
}

/** What the guardrail judges: the trailing `for`, or the breach so far. */
function breachCounts({
  state,
  standing,
}: KpiTick): Pick<Stretch, 'bad' | 'total' | 'stableBad' | 'stableTotal'> {
  return standing.kind === 'beyond' && state.run !== null ? state.run : trailSum(state.trail);
}

function overBreach(tick: KpiTick, arm: Arm): string {
  const { kpi, state } = tick;
  if (kpi.type === 'gauge') return windowValue(kpi, state, arm);
  const { bad, total, stableBad, stableTotal } = breachCounts(tick);
  const counts = arm === 'canary' ? { bad, total } : { bad: stableBad, total: stableTotal };
  const value = kpi.type === 'quantile' ? quantileWords(kpi, state, arm) : ratioWords(kpi, counts);
  return `${value} (${countWords(kpi, state, arm, counts)})`;
}

/** A ratio over some events: `4.1 %`. */
export function ratioWords(kpi: Kpi, counts: Counts): string {
  return formatValue(spoken(kpi, counts) / counts.total, kpi.unit);
}

/** The events that the KPI speaks of: good or bad ones. */
function spoken(kpi: Kpi, { bad, total }: Counts): number {
  return kpi.type === 'ratio' && kpi.counts === 'good' ? total - bad : bad;
}

/** `33 of 803`, or `58 of 803 above 800 ms`. */
export function countWords(kpi: Kpi, state: KpiState, arm: Arm, counts: Counts): string {
  const words = `${formatCount(spoken(kpi, counts))} of ${formatCount(counts.total)}`;
  if (kpi.type !== 'quantile') return words;
  const bound = boundFor(state.bounds[arm] ?? [], kpi.alert.value) ?? kpi.alert.value;
  return `${words} above ${formatValue(bound, kpi.unit)}`;
}

function quantileWords(kpi: Kpi, state: KpiState, arm: Arm): string {
  const counts = windowCounts(state[arm]);
  const bounds = state.bounds[arm];
  const quantile = counts === null || bounds === null ? null : quantileOf(bounds, counts, kpi.quantile);
  if (quantile === null) return 'no value';
  return `${quantile.open ? 'more than ' : ''}${formatValue(quantile.value, kpi.unit)}`;
}

/** Why an arm has nothing to say; null when it has. */
export function silenceOf(tally: Tally): string | null {
  if (tally.kind === 'no-data') return `no data: ${clip(tally.why)}`;
  return tally.kind === 'error' ? `could not be read: ${clip(tally.why)}` : null;
}
