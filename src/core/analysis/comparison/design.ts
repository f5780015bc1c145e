import type { Milliseconds, Ratio } from '../../units.ts';
import type { Kpi } from '../kpi.ts';
import type { BetRules, Investment, YoungRules } from './bet.ts';
import type { HistoryRules } from './history.ts';
import { historyRules } from './history.ts';
import { scheduleWealth } from './schedule.ts';
import type { Tolerance } from './tick-evidence.ts';
import { tickCap } from './tick-evidence.ts';
import type { BetDesign, BetRole, TrackDesign, TrackEvent } from './track.ts';

/** A KPI's comparison of the canary with earlier ticks, for steps without a stable arm. */
export interface HistoryDesign {
  readonly id: string;
  readonly kpi: string;
  readonly event: TrackEvent;
  readonly rules: HistoryRules;
}

/** All comparisons of a rollout. Weights sum to at most 1: a histogram that is not known yet has its share kept. */
export interface ComparisonDesign {
  /** Chance of a false abort in the whole rollout, all KPIs and steps together. */
  readonly alpha: Ratio;
  /** Chance of a false proof of non-inferiority. */
  readonly beta: Ratio;
  /** Watched time is divided by this before it is held against warm-ups: 1 in real life, 0.1 in a demo ten times as fast. */
  readonly pace: number;
  readonly tracks: readonly TrackDesign[];
  readonly histories: readonly HistoryDesign[];
}

export interface ComparisonOptions {
  readonly kpis: readonly Kpi[];
  /** Upper bounds of each quantile KPI's histogram, in the KPI's unit; those not known yet are left out. */
  readonly bounds: Readonly<Record<string, readonly number[]>>;
  readonly tick: Milliseconds;
  /** Time of the plan in which there is a stable arm. */
  readonly comparable: Milliseconds;
  readonly alpha?: Ratio;
  readonly beta?: Ratio;
  readonly pace?: number;
}

const MINUTE: Milliseconds = 60_000;
const ERROR_RATIOS = [1.25, 1.6, 2.4, 4, 8, 15, 30];
const YOUNG_RATIOS = [1.3, 1.6, 2, 1.3, 1.6, 2, 3];
const SLOW_RATIOS = [1.25, 1.6, 2.4, 5, 15];
const CATASTROPHE_RATIOS = [1.5, 2.5, 5, 12, 40];
const SAFE_RATIOS = [0.9, 0.75, 0.6, 0.45, 0.3, 0.15];
/** What a new process may show while it warms its caches and pools: measured cold starts stay below both. */
const START = { factor: 2.6, until: 2 * MINUTE };
/** Bounds watched over all quantile KPIs, so that many KPIs keep a small state. */
const SLOW_TRACKS = 24;
const START_ERRORS: Ratio = 0.03;

/** Which comparisons a rollout makes. KPIs that are shared, or that are gauges or `never` events, have none. */
export function designComparison(options: ComparisonOptions): ComparisonDesign {
  const { alpha = 0.01, beta = 0.05, pace = 1 } = options;
  const plan: Plan = { ...options, tick: options.tick / pace, comparable: options.comparable / pace, alpha };
  const kpis = options.kpis.filter((kpi) => kpi.scope === 'per-arm');
  const tracks = kpis.flatMap((kpi) => tracksOf(kpi, plan));
  const drafts = kpis.flatMap((kpi) => historyOf(kpi));
  const total = [...kpis.map(weightOf), ...drafts.map((one) => one.weight)].reduce(
    (sum, one) => sum + one,
    0,
  );
  return {
    alpha,
    beta,
    pace,
    tracks: tracks.map((track) => ({
      ...track,
      bets: track.bets.map((one) => ({ ...one, weight: one.weight / total })),
    })),
    histories: drafts.map(({ weight, alert, excused, ...rest }) => ({
      ...rest,
      rules: historyRules({ weight: weight / total, alert, excused }, alpha, plan.tick),
    })),
  };
}

type Plan = Pick<ComparisonOptions, 'kpis' | 'bounds' | 'tick' | 'comparable'> & { readonly alpha: Ratio };

/** Weight of all tracks of a KPI, known before its histogram is: no share may change once evidence has been seen. */
function weightOf(kpi: Kpi): number {
  if (kpi.type === 'ratio') return 0.42 + 0.1;
  return kpi.type === 'quantile' ? 0.32 + 0.03 + 0.07 : 0;
}

function tracksOf(kpi: Kpi, plan: Plan): TrackDesign[] {
  if (kpi.type === 'ratio') return [ratioTrack(kpi, plan)];
  if (kpi.type === 'quantile') return slowTracks(kpi, plan);
  return [];
}

function ratioTrack(kpi: Kpi, plan: Plan): TrackDesign {
  const target = kpi.target === null ? badShare(kpi, kpi.alert.value) / 2 : badShare(kpi, kpi.target.value);
  const young: YoungRules = {
    until: MINUTE,
    tolerance: { ratio: 1.1, share: Math.max(START_ERRORS, target) },
    alternatives: YOUNG_RATIOS,
  };
  const worse: BetRules = {
    ...rules(
      plan,
      { ratio: 1.1, share: target / 10 },
      ERROR_RATIOS,
      scheduleWealth([at(0, 0.1), at(1, 0.6)], plan.comparable),
    ),
    young,
    cap: (tickCap(plan.tick) * 7) / 6,
    corroborated: true,
  };
  const id = `${kpi.id}/bad`;
  return {
    id,
    kpi: kpi.id,
    event: { type: 'bad' },
    clumps: true,
    settled: MINUTE,
    start: null,
    bets: [
      wager(id, 'regression', 0.42, worse),
      wager(id, 'catastrophe', 0.1, catastrophe(plan, Math.max(0.05, badShare(kpi, kpi.alert.value)))),
      wager(id, 'non-inferior', 0, safe(plan, { ratio: 1.5, share: target / 2 })),
    ],
  };
}

function slowTracks(kpi: Kpi, plan: Plan): TrackDesign[] {
  const bounds = plan.bounds[kpi.id] ?? [];
  const alert = nearest(bounds, kpi.alert.value);
  const target = nearest(bounds, kpi.target?.value ?? kpi.alert.value);
  if (alert === null || target === null) return [];
  const room = Math.max(
    2,
    Math.floor(SLOW_TRACKS / plan.kpis.filter((one) => one.type === 'quantile').length),
  );
  const near = (room > 2 ? nearest(bounds, target * 0.6) : null) ?? target;
  const low = (room > 4 ? nearest(bounds, target * 0.4) : null) ?? near;
  const watched = new Set([low, near, target, alert]);
  const far = room > 3 ? nearest(bounds, alert * 1.9) : null;
  const tracks = [...watched]
    .sort((a, b) => a - b)
    .map((bound): TrackDesign => {
      const bets = [wager(slowId(kpi, bound), 'regression', 0.32 / watched.size, slower(plan))];
      if (bound === alert) bets.push(wager(slowId(kpi, bound), 'catastrophe', 0.03, catastrophe(plan, 0.1)));
      if (bound === near || bound === target) {
        bets.push(wager(slowId(kpi, bound), 'non-inferior', 0, safe(plan, { ratio: 1.5, share: 0.01 })));
      }
      return slowTrack(kpi, bound, START, bets);
    });
  if (far === null || far <= alert) return tracks;
  const farRules = { ...catastrophe(plan, 0.006), cap: tickCap(plan.tick) };
  return [...tracks, slowTrack(kpi, far, null, [wager(slowId(kpi, far), 'catastrophe', 0.07, farRules)])];
}

function slowTrack(
  kpi: Kpi,
  bound: number,
  start: TrackDesign['start'],
  bets: readonly BetDesign[],
): TrackDesign {
  const settled = start === null ? 0 : start.until;
  return {
    id: slowId(kpi, bound),
    kpi: kpi.id,
    event: { type: 'slower', bound },
    clumps: false,
    settled,
    start,
    bets,
  };
}

function slowId(kpi: Kpi, bound: number): string {
  return `${kpi.id}/slower-than-${bound}`;
}

interface HistoryDraft extends Omit<HistoryDesign, 'rules'> {
  readonly weight: number;
  readonly alert: Ratio;
  readonly excused: Milliseconds;
}

function historyOf(kpi: Kpi): HistoryDraft[] {
  const base = { id: `${kpi.id}/alone`, kpi: kpi.id };
  if (kpi.type === 'ratio') {
    const alert = badShare(kpi, kpi.alert.value);
    return [{ ...base, event: { type: 'bad' }, weight: 0.05, alert, excused: 2 * MINUTE }];
  }
  if (kpi.type !== 'quantile') return [];
  const event: TrackEvent = { type: 'slower', bound: kpi.alert.value };
  return [{ ...base, event, weight: 0.03, alert: 1 - kpi.quantile, excused: 3 * MINUTE }];
}

function badShare(kpi: Kpi, value: Ratio): Ratio {
  return kpi.counts === 'bad' ? value : 1 - value;
}

function wager(track: string, role: BetRole, weight: number, how: BetRules): BetDesign {
  return { id: `${track}/${role}`, role, weight, rules: how };
}

function slower(plan: Plan): BetRules {
  const first = [at(0, 0.05), at(2 / 3, 0.05), at(7 / 6, 0.07), at(1.5, 0.08), at(5 / 3, 0.1), at(2, 0.35)];
  return rules(plan, { ratio: 1.25, share: 0.0025 }, SLOW_RATIOS, scheduleWealth(first, plan.comparable));
}

function catastrophe(plan: Plan, share: Ratio): BetRules {
  const cap = (tickCap(plan.tick) * 4) / 3;
  return {
    ...rules(plan, { ratio: 3, share }, CATASTROPHE_RATIOS, scheduleWealth([at(0, 0.7)], plan.comparable)),
    cap,
  };
}

function safe(plan: Plan, tolerance: Tolerance): BetRules {
  return rules(plan, tolerance, SAFE_RATIOS, [at(0, 0.4), at(1, 0.3), at(2, 0.3)]);
}

function rules(
  plan: Plan,
  tolerance: Tolerance,
  alternatives: readonly number[],
  investments: readonly Investment[],
): BetRules {
  return { tolerance, alternatives, young: null, investments, cap: tickCap(plan.tick), corroborated: false };
}

function at(minutes: number, amount: number): Investment {
  return { at: Math.round(minutes * MINUTE), amount };
}

/** The bucket bound closest to a value, by ratio. */
function nearest(bounds: readonly number[], value: number): number | null {
  let best: number | null = null;
  for (const bound of bounds) {
    if (bound <= 0) continue;
    if (best === null || Math.abs(Math.log(bound / value)) < Math.abs(Math.log(best / value))) best = bound;
  }
  return best;
}
