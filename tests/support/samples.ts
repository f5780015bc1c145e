import type { Analysis } from '../../src/core/analysis/analyse.ts';
import type { Kpi } from '../../src/core/analysis/kpi.ts';
import type { Reading, Sample } from '../../src/core/analysis/sample.ts';
import { type AnalysisState, initialKpiState } from '../../src/core/analysis/state.ts';
import type { TickVerdict } from '../../src/core/analysis/verdict.ts';
import type { Finding } from '../../src/core/checks/finding.ts';
import { type Outcome, type Result, toResult } from '../../src/core/result.ts';
import type { RolloutEvent } from '../../src/core/rollout/events.ts';
import type { Plan } from '../../src/core/rollout/plan.ts';
import type { Reason } from '../../src/core/rollout/reason.ts';
import { emptyRecord, type Owner, type Rollout, type ServiceRecord } from '../../src/core/rollout/record.ts';
import { transition } from '../../src/core/rollout/transition.ts';
import type { Happening } from '../../src/ports/observer.ts';

export const STABLE_SHA = '9ab12cd34ef567890123456789abcdef01234567';
export const CANARY_SHA = '3f2c1ab4d5e6f708192a3b4c5d6e7f8091a2b3c4';
export const START = Date.UTC(2026, 10, 23, 14, 2, 10);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const OWNER: Owner = {
  id: 'run-7123-1-af',
  kind: 'github-run',
  runId: '7123',
  host: 'runner-4',
  pid: 1204,
  processStart: '88123',
  name: 'mara',
  url: 'https://github.com/shine/booking/actions/runs/7123',
};

export const RECONCILER: Owner = {
  ...OWNER,
  id: 'run-7130-1-0c',
  runId: '7130',
  name: 'reconcile (schedule)',
};

export const PLAN: Plan = {
  steps: [
    { weight: 10, bake: 30 * MINUTE, maxBake: 45 * MINUTE },
    { weight: 50, bake: 15 * MINUTE, maxBake: 20 * MINUTE },
    { weight: 100, bake: 60 * MINUTE, maxBake: 60 * MINUTE },
  ],
  tick: 10 * SECOND,
  checkpoint: 5 * MINUTE,
  budgets: {
    deploy: 5 * MINUTE,
    shift: MINUTE,
    verify: 2 * MINUTE,
    abort: 2 * MINUTE,
    hold: 10 * MINUTE,
    record: 10 * MINUTE,
  },
  onInconclusive: 'abort',
};

const BASE: Kpi = {
  id: 'error-rate',
  title: 'Error rate',
  type: 'ratio',
  unit: 'ratio',
  counts: 'bad',
  quantile: 0,
  target: { comparator: '<=', value: 0.01 },
  alert: { comparator: '>', value: 0.02 },
  for: 5 * MINUTE,
  window: MINUTE,
  minSamples: 50,
  warmUp: 0,
  scope: 'per-arm',
  // biome-ignore lint/suspicious/noThenProperty: the policy's own word
  noData: { budget: 2 * MINUTE, then: 'abort' },
  errorBudget: 2 * MINUTE,
};

/** The five KPIs of the booking platform's handbook, and one thing that must never happen. */
export const KPIS: readonly Kpi[] = [
  BASE,
  {
    ...BASE,
    id: 'api-latency-p95',
    title: 'API latency P95',
    type: 'quantile',
    unit: 'ms',
    quantile: 0.95,
    target: { comparator: '<=', value: 500 },
    alert: { comparator: '>', value: 800 },
  },
  {
    ...BASE,
    id: 'booking-success',
    title: 'Booking success',
    counts: 'good',
    target: { comparator: '>=', value: 0.98 },
    alert: { comparator: '<', value: 0.95 },
  },
  {
    ...BASE,
    id: 'dispatch-p95',
    title: 'Dispatch time P95',
    type: 'quantile',
    unit: 'ms',
    quantile: 0.95,
    target: { comparator: '<=', value: 120_000 },
    alert: { comparator: '>', value: 180_000 },
  },
  {
    ...BASE,
    id: 'db-connections',
    title: 'Database connections',
    type: 'gauge',
    scope: 'shared',
    target: { comparator: '<=', value: 0.8 },
    alert: { comparator: '>', value: 0.9 },
  },
  {
    ...BASE,
    id: 'double-bookings',
    title: 'Double bookings',
    type: 'never',
    unit: 'count',
    target: null,
    alert: { comparator: '>', value: 0 },
    for: 0,
  },
];

/** A KPI's value on each version; null for no data. */
export type Values = Readonly<
  Record<string, { readonly canary: number | null; readonly stable: number | null }>
>;

export interface Story {
  readonly happenings: readonly Happening[];
  readonly record: ServiceRecord;
  readonly result: Result;
}

/** Tells a rollout by feeding the real state machine; keeps what an observer would have seen. */
export class Teller {
  readonly happenings: Happening[] = [];
  record: ServiceRecord = {
    ...emptyRecord('booking-api', 'production'),
    stable: { slot: 'a', version: STABLE_SHA },
    promoted: [STABLE_SHA],
  };
  at = START;
  owner = OWNER;
  weight = 0;
  requests = 0;
  bad = 0;

  get rollout(): Rollout {
    const { rollout } = this.record;
    if (rollout === null) throw new Error('no rollout was started');
    return rollout;
  }

  wait(ms: number): this {
    this.at += ms;
    return this;
  }

  move(event: RolloutEvent): this {
    const moved = transition(this.record, event);
    if (moved.kind === 'refused') throw new Error(moved.reason.message);
    this.record = moved.record;
    if (moved.durable) {
      this.happenings.push({ type: 'moved', at: this.at, event: event.type, record: this.record });
    }
    return this;
  }

  get by(): { at: number; by: Owner } {
    return { at: this.at, by: this.owner };
  }

  start(plan: Plan = PLAN): this {
    this.move({ ...this.by, type: 'started', id: 'canary-7123-1', version: CANARY_SHA, plan, readmit: null });
    return this.wait(42 * SECOND).move({ ...this.by, type: 'deployed' });
  }

  shift(step: number): this {
    this.wait(2 * SECOND);
    this.weight = this.rollout.plan.steps[step]?.weight ?? 0;
    return this.move({ ...this.by, type: 'shifted', step });
  }

  /** One look at the metrics. */
  tick(values: Values, verdict: TickVerdict, findings: readonly Finding[] = findingsFor(values)): this {
    const { tick } = this.rollout.plan;
    this.wait(tick);
    const canary = Math.round((tick / SECOND) * 20 * (this.weight / 100));
    this.requests += canary;
    this.bad += Math.round(canary * (values['error-rate']?.canary ?? 0));
    const analysis = this.analysisOf(values);
    const sample = sampleOf(this.at, tick, values, {
      canary,
      stable: Math.round((tick / SECOND) * 20) - canary,
    });
    return this.seen(sample, analysis, verdict, findings);
  }

  /** One look at the metrics, judged by the analysis itself. */
  judge(sample: Sample, { state, verdict, findings }: Analysis): this {
    this.wait(sample.elapsed);
    return this.seen({ ...sample, at: this.at }, state, verdict, findings);
  }

  private seen(
    sample: Sample,
    analysis: AnalysisState,
    verdict: TickVerdict,
    findings: readonly Finding[],
  ): this {
    const { phase } = this.rollout;
    if (phase.name !== 'baking') throw new Error(`cannot tick while ${phase.name}`);
    const rollout = { ...this.rollout, analysis };
    const lease = { holder: rollout.id, fallback: 'a', expiresAt: this.at + MINUTE } as const;
    const traffic = { shares: { a: 100 - this.weight, b: this.weight }, lease, lapsed: null, token: 3 };
    this.happenings.push({ type: 'tick', at: this.at, rollout, sample, verdict, traffic });
    const event = {
      ...this.by,
      type: 'ticked',
      step: phase.step,
      elapsed: sample.elapsed,
      analysis,
      verdict,
      findings,
    } as const;
    return this.move(event);
  }

  abort(reason: Reason): this {
    return this.move({ ...this.by, type: 'abort-requested', rollout: this.rollout.id, reason });
  }

  goHome(after: number): this {
    this.wait(after);
    this.weight = 0;
    this.move({ ...this.by, type: 'came-home' });
    const verification = { outcome: 'pass', findings: [healthy('9ab12cd')] } as const;
    return this.wait(8 * SECOND).move({ ...this.by, type: 'verified', verification });
  }

  end(outcome: Partial<Outcome>): Story {
    const reason = this.rollout.reason ?? { code: 'promoted', message: 'every step passed' };
    const result = toResult(this.record, {
      operation: 'canary',
      verdict: 'fail',
      reasonCode: reason.code,
      message: reason.message,
      weight: this.weight,
      warnings: [],
      ...outcome,
    });
    return { happenings: this.happenings, record: this.record, result };
  }

  private analysisOf(values: Values): AnalysisState {
    const { analysis } = this.rollout;
    const kpis = Object.entries(values).map(
      ([id, latest]) => [id, { ...initialKpiState(), latest }] as const,
    );
    const exposed = { requests: this.requests, bad: this.bad };
    return { ...analysis, kpis: Object.fromEntries(kpis), exposed };
  }
}

function sampleOf(at: number, elapsed: number, values: Values, traffic: Sample['traffic']): Sample {
  const reading = (value: number | null): Reading =>
    value === null
      ? { kind: 'no-data', why: 'no series' }
      : { kind: 'data', observation: { type: 'value', value } };
  const kpis = Object.entries(values).map(
    ([id, { canary, stable }]) => [id, { canary: reading(canary), stable: reading(stable) }] as const,
  );
  return { at, elapsed, kpis: Object.fromEntries(kpis), traffic };
}

export function healthy(version: string): Finding {
  return {
    check: 'health',
    title: 'Health',
    status: 'pass',
    observed: `200 from ${version} in 12 ms`,
    expected: `200 from ${version}`,
  };
}

/** Findings as the analysis would word them, all green but for the missing ones. */
export function findingsFor(values: Values, ...failed: readonly Finding[]): Finding[] {
  const findings = KPIS.map((kpi): Finding => {
    const value = values[kpi.id]?.canary ?? null;
    return {
      check: kpi.id,
      title: kpi.title,
      status: value === null ? 'no-data' : 'pass',
      observed: value === null ? 'no data for 10s' : 'within its limit',
      expected: `not ${kpi.alert.comparator} ${kpi.alert.value}`,
    };
  });
  const share: Finding = {
    check: 'traffic-share',
    title: 'Traffic share',
    status: 'pass',
    observed: '10.2 % of 12,040 requests',
    expected: '10 % ± 2 points',
  };
  return [...findings.map((finding) => failed.find((one) => one.check === finding.check) ?? finding), share];
}

/** A smooth, repeatable unrest between -1 and 1. */
export function unrest(at: number, seed: number): number {
  return (
    0.5 * Math.sin(at / 7 + seed) + 0.3 * Math.sin(at / 2.3 + seed * 2) + 0.2 * Math.sin(at / 0.9 + seed * 5)
  );
}

/** What a healthy pair of versions shows at tick `n`. */
export function calm(n: number, weight: number): Values {
  const both = (middle: number, spread: number, seed: number): Values[string] => ({
    canary: middle + spread * unrest(n, seed),
    stable: weight === 100 ? null : middle + spread * (0.4 + 0.6 * unrest(n, seed + 1)),
  });
  return {
    'error-rate': both(0.0042, 0.0026, 1),
    'api-latency-p95': both(372, 38, 2),
    'booking-success': both(0.987, 0.006, 3),
    'dispatch-p95': both(88_000, 9_000, 4),
    'db-connections': { canary: 0.61 + 0.05 * unrest(n / 3, 5), stable: null },
    'double-bookings': { canary: 0, stable: weight === 100 ? null : 0 },
  };
}

export const PASS: TickVerdict = { kind: 'pass' };

/** Bakes calmly for `ticks` ticks of the step under way. */
export function bakeCalmly(teller: Teller, ticks: number, from = 0): Teller {
  for (let n = 0; n < ticks; n += 1) teller.tick(calm(from + n, teller.weight), PASS);
  return teller;
}

export function failing(reason: Reason): TickVerdict {
  return { kind: 'fail', reason };
}
