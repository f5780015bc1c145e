import type { Culprit } from '../analysis/comparison/evidence.ts';
import { allowedShare, formatCount, formatValue, type Kpi } from '../analysis/kpi.ts';
import { boundFor } from '../analysis/observation.ts';
import type { AnalysisState, KpiState } from '../analysis/state.ts';
import { trailSum } from '../analysis/window.ts';
import type { Result } from '../result.ts';
import { formatDuration, type Milliseconds, type Ratio } from '../units.ts';
import type { Arm } from './series.ts';

/** Bad events among all events on one version. */
export interface ArmShare {
  readonly arm: Arm;
  readonly bad: number;
  readonly total: number;
}

/** The counts that a decision rests on: the canary, and stable where it served at the same time. */
export interface ArmShares {
  readonly kpi: Kpi;
  /** What the bad events did: `failed`, `took longer than 500 ms`. */
  readonly did: string;
  readonly arms: readonly ArmShare[];
  /** The share that is still allowed, and what it is, in words; null when the arms are held against each other. */
  readonly limit: { readonly share: Ratio; readonly words: string } | null;
  /** Watched time in which the events came; null when it is not known. */
  readonly watched: Milliseconds | null;
}

/** What the deciding KPI showed on both versions; null when no counts decided. */
export function decidingShares(
  { reasonCode, kpi: id }: Pick<Result, 'reasonCode' | 'kpi'>,
  kpis: readonly Kpi[],
  analysis: AnalysisState | null,
): ArmShares | null {
  const kpi = kpis.find((one) => one.id === id);
  if (kpi === undefined || analysis === null) return null;
  const suspect = analysis.comparison?.suspect ?? null;
  if (reasonCode === 'comparison-regressed' && suspect?.kpi === kpi.id) return comparedShares(kpi, suspect);
  const state = Object.hasOwn(analysis.kpis, kpi.id) ? analysis.kpis[kpi.id] : undefined;
  if (reasonCode === 'guardrail-breached' && state !== undefined) return guardedShares(kpi, state);
  return null;
}

export function comparedShares(kpi: Kpi, { event, canary, stable, limit, watched }: Culprit): ArmShares {
  return {
    kpi,
    did: event.type === 'bad' ? 'failed' : `took longer than ${formatValue(event.bound, kpi.unit)}`,
    arms: armsOf(canary, stable),
    limit:
      limit === null
        ? null
        : {
            share: limit,
            words: `At most ${shareWords(limit)} was to be expected from before it served alone`,
          },
    watched,
  };
}

function guardedShares(kpi: Kpi, { trail, bounds }: KpiState): ArmShares | null {
  const seen = trailSum(trail);
  if ((kpi.type !== 'ratio' && kpi.type !== 'quantile') || seen.total === 0) return null;
  const bound = boundFor(bounds.canary ?? [], kpi.alert.value) ?? kpi.alert.value;
  const stable = kpi.scope === 'shared' ? null : { bad: seen.stableBad, total: seen.stableTotal };
  return {
    kpi,
    did: kpi.type === 'ratio' ? 'failed' : `took longer than ${formatValue(bound, kpi.unit)}`,
    arms: armsOf(seen, stable),
    limit: { share: allowedShare(kpi), words: `Alert limit ${shareWords(allowedShare(kpi))}` },
    watched: seen.ms,
  };
}

function armsOf(
  canary: { readonly bad: number; readonly total: number },
  stable: { readonly bad: number; readonly total: number } | null,
): ArmShare[] {
  const first = { arm: 'canary', bad: canary.bad, total: canary.total } as const;
  if (stable === null || stable.total === 0) return [first];
  return [first, { arm: 'stable', bad: stable.bad, total: stable.total }];
}

export function shareOf({ bad, total }: ArmShare): Ratio {
  return total > 0 ? bad / total : 0;
}

/** `3.4 %`, with more digits for what is rare. */
export function shareWords(share: Ratio): string {
  const percent = 100 * share;
  return `${percent.toFixed(percent > 0 && percent < 0.1 ? 2 : 1)} %`;
}

/** `41 of 1,203 failed`. */
export function countWords({ bad, total }: ArmShare, did: string): string {
  return `${formatCount(bad)} of ${formatCount(total)} ${did}`;
}

/** `3.8 times as many as on stable`, or null when a factor would not be true. */
export function timesWords({ arms }: ArmShares): string | null {
  const [canary, stable] = arms;
  if (canary === undefined || stable === undefined || stable.bad === 0 || canary.bad === 0) return null;
  const times = shareOf(canary) / shareOf(stable);
  return times < 1.05
    ? null
    : `${times < 10 ? times.toFixed(1) : formatCount(times)} times the share of stable`;
}

export function watchedWords({ watched }: ArmShares): string {
  return watched === null || watched <= 0 ? '' : `, in the ${formatDuration(watched)} before`;
}
