import { oddsAgainst } from '../analysis/comparison/odds.ts';
import type { Kpi } from '../analysis/kpi.ts';
import type { AnalysisState } from '../analysis/state.ts';
import type { Result } from '../result.ts';
import { type EpochMs, formatDuration, type Milliseconds } from '../units.ts';
import { type ArmShares, decidingShares, timesWords } from './arm-shares.ts';
import { spanOf } from './facts.ts';
import { isRefusal } from './headline.ts';
import { prettyLimit } from './limit-words.ts';
import { asSentence } from './plain-text.ts';
import type { Series } from './series.ts';
import { formatClock, formatCount, formatPercent, shortVersion } from './words.ts';

export interface Explained {
  readonly result: Result;
  /** The evidence as it was when it was decided; null when it is not known. */
  readonly analysis: AnalysisState | null;
  readonly series: Series | null;
  readonly kpis: readonly Kpi[];
  /** Nothing really happened: recorded ticks were judged again. */
  readonly isReplay: boolean;
}

/** Something in few words, and what belongs to it in smaller letters. */
export interface Told {
  readonly value: string;
  readonly note: string;
}

/** Why a rollout was decided as it was: what a reader must know before any chart. */
export interface Explanation {
  readonly title: string;
  readonly why: string;
  readonly when: Told;
  /** The counts that decided; null when it was not counts. */
  readonly shares: ArmShares | null;
  /** For a rollout that was not aborted: when the evidence against it was strongest; null when nothing was compared. */
  readonly closest: Told | null;
  readonly traffic: Told;
}

/** Null for what no analysis has decided. */
export function explain(input: Explained): Explanation | null {
  const { result, series, kpis, analysis } = input;
  const span = spanOf(result, series);
  const decidedAt = decidedAtOf(series);
  if (series === null || span === null || decidedAt === null) return null;
  if (isRefusal(result) || result.kind !== 'canary') return null;
  const shares = decidingShares(result, kpis, analysis);
  return {
    title: titleOf(input),
    why: whyOf(input, shares),
    when: whenOf(series, span.from, decidedAt),
    shares,
    closest: wasGood(input) ? closestOf(series, kpis, span.from) : null,
    traffic: trafficOf(input, decidedAt),
  };
}

export function decidedAtOf(series: Series | null): EpochMs | null {
  return series?.marks.find((mark) => mark.kind === 'decision')?.at ?? null;
}

function wasGood({ result }: Explained): boolean {
  return result.state === 'promoted' || result.state === 'settling' || result.state === 'verifying';
}

function titleOf(input: Explained): string {
  const end = wasGood(input) ? 'promoted' : 'rolled back';
  return input.isReplay ? `Why it would have been ${end}` : `Why it was ${end}`;
}

function whyOf(input: Explained, shares: ArmShares | null): string {
  const { result, kpis, analysis } = input;
  const evidence = evidenceSoFar(analysis);
  if (wasGood(input)) {
    return `Every step was served in full, and nothing fired${evidence === '' ? '' : `; ${evidence}`}.`;
  }
  const kpi = kpis.find((one) => one.id === result.kpi);
  if (kpi === undefined) return asSentence(result.message);
  if (result.reasonCode === 'comparison-regressed') return comparedSentence(shares, analysis, result);
  if (result.reasonCode === 'guardrail-breached' && kpi.type !== 'never') {
    return `${guardrailSentence(kpi)}${comparisonBeside(analysis)}`;
  }
  return asSentence(result.message);
}

function guardrailSentence(kpi: Kpi): string {
  const where = kpi.scope === 'shared' ? '' : ' on the canary';
  const lasting = kpi.for > 0 ? ` for ${formatDuration(kpi.for)}` : '';
  const limit = prettyLimit(kpi.alert, kpi.unit);
  return `${kpi.title}${where} was beyond its alert limit (${limit})${lasting}, where no version may be.`;
}

function comparedSentence(shares: ArmShares | null, analysis: AnalysisState | null, result: Result): string {
  const progress = analysis?.comparison ?? null;
  const times = shares === null ? null : timesWords(shares);
  if (shares === null || progress === null) return asSentence(result.message);
  const what = shares.did === 'failed' ? 'requests failed' : `requests ${shares.did}`;
  const alone = shares.arms.length < 2 ? 'Serving alone' : 'Under the same traffic at the same time';
  const more =
    times === null
      ? `more of the canary’s ${what} than can be put down to chance`
      : `the share of the canary’s ${what.replace('requests', 'requests that')} was ${times}`;
  return `${alone}, ${more}. The evidence reached ${oddsAgainst(progress.log)}; a rollout is aborted at ${oddsAgainst(progress.threshold)}.`;
}

/** What the comparison thought when a guardrail decided. */
function comparisonBeside(analysis: AnalysisState | null): string {
  const progress = analysis?.comparison ?? null;
  if (progress === null) return '';
  if (progress.log < progress.threshold) {
    return ` The comparison with stable had not decided by then: ${evidenceSoFar(analysis)}.`;
  }
  return ` The comparison with stable came to the same answer at the same look: ${oddsAgainst(progress.log)} that the canary is worse.`;
}

function evidenceSoFar(analysis: AnalysisState | null): string {
  const progress = analysis?.comparison ?? null;
  if (progress === null) return '';
  const peak = oddsAgainst(progress.state.peak);
  return `the evidence that the canary is worse was never more than ${peak}, and it takes ${oddsAgainst(progress.threshold)} to abort`;
}

function whenOf(series: Series, from: EpochMs, decidedAt: EpochMs): Told {
  const value = `${formatClock(decidedAt - from)} after the start`;
  const before = series.traffic.findLast((point) => point.at <= decidedAt && point.step >= 0);
  if (before === undefined) return { value, note: '' };
  const begun = series.traffic.find((point) => point.step === before.step && point.phase === 'baking');
  const into = begun === undefined ? '' : `${lasted(decidedAt - begun.at)} into `;
  return { value, note: `${into}step ${before.step + 1}, with ${formatPercent(before.asked)} of traffic` };
}

function closestOf({ evidence }: Series, kpis: readonly Kpi[], from: EpochMs): Told | null {
  const strongest = evidence?.suspicions.toSorted((one, other) => other.log - one.log)[0];
  if (evidence === null) return null;
  if (strongest === undefined) return { value: 'Never suspected', note: '' };
  const { kpi } = strongest.culprit;
  const title = kpis.find((one) => one.id === kpi)?.title ?? kpi;
  return {
    value: `${oddsAgainst(strongest.log)}, at ${formatClock(strongest.peakAt - from)}`,
    note: `mostly from ${title}; aborts at ${oddsAgainst(evidence.threshold)}`,
  };
}

function lasted(ms: Milliseconds): string {
  return formatDuration(Math.max(0, ms));
}

function trafficOf(input: Explained, decidedAt: EpochMs): Told {
  const { result, series, isReplay } = input;
  const { requests, bad } = result.exposed;
  const had = wasGood(input) ? 'served' : 'had served';
  const share = requests > 0 ? ` (${Number(((100 * bad) / requests).toFixed(2))} %)` : '';
  const suffered = bad === 0 ? 'none of them bad' : `${formatCount(bad)} of them bad${share}`;
  const note =
    requests === 0
      ? 'The canary served no request.'
      : `The canary ${had} ${formatCount(requests)} requests, ${suffered}.`;
  if (isReplay)
    return { value: wasGood(input) ? 'Would be all on the new version' : 'Would be back on stable', note };
  if (result.weight === null) return { value: 'Where it is could not be read', note };
  if (result.weight !== 0) return { value: `${formatPercent(result.weight)} is on the new version`, note };
  const home = series?.traffic.find((point) => point.at >= decidedAt && point.read === 0);
  const after = home === undefined ? '' : `, ${lasted(home.at - decidedAt)} after the decision`;
  const stable = result.stableVersion === null ? 'stable' : shortVersion(result.stableVersion);
  return { value: `All back on ${stable}${after}`, note };
}
