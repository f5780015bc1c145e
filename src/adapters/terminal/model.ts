import type { Kpi } from '../../core/analysis/kpi.ts';
import { stepOf, weightAsked } from '../../core/report/happening.ts';
import { describeMove } from '../../core/report/move-words.ts';
import { oneLine } from '../../core/report/plain-text.ts';
import { type StepStatus, stepStatus } from '../../core/report/step-rows.ts';
import type { PhaseName, Rollout } from '../../core/rollout/record.ts';
import type { EpochMs, Milliseconds, Percent } from '../../core/units.ts';
import type { Happening } from '../../ports/observer.ts';
import { type KpiLine, kpiLines, type Recent, remembered } from './kpi-lines.ts';

export interface ViewEvent {
  readonly at: EpochMs;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'warn';
}

/** Everything that a frame shows. */
export interface ViewModel {
  readonly service: string;
  readonly environment: string;
  readonly canary: string | null;
  readonly stable: string | null;
  readonly phase: PhaseName | null;
  /** Index of the step under way; -1 outside of any. */
  readonly step: number;
  readonly steps: readonly { readonly weight: Percent; readonly status: StepStatus }[];
  readonly asked: Percent | null;
  /** As the router last said; null before it was asked. */
  readonly read: Percent | null;
  readonly bake: { readonly served: Milliseconds; readonly planned: Milliseconds } | null;
  /** Evidence that the canary is worse, as logarithms; null while nothing is compared. */
  readonly evidence: { readonly log: number; readonly threshold: number } | null;
  readonly startedAt: EpochMs | null;
  readonly now: EpochMs | null;
  /** Why the bake does not pass right now; empty when it does. */
  readonly trouble: string;
  readonly kpis: readonly KpiLine[];
  readonly recent: Recent;
  readonly events: readonly ViewEvent[];
}

export const INITIAL_MODEL: ViewModel = {
  service: '',
  environment: '',
  canary: null,
  stable: null,
  phase: null,
  step: -1,
  steps: [],
  asked: null,
  read: null,
  bake: null,
  evidence: null,
  startedAt: null,
  now: null,
  trouble: '',
  kpis: [],
  recent: {},
  events: [],
};

const EVENTS = 6;

/** The model after one more happening. */
export function advance(model: ViewModel, happening: Happening, kpis: readonly Kpi[]): ViewModel {
  switch (happening.type) {
    case 'moved':
      return moved(model, happening, kpis);
    case 'tick':
      return ticked(model, happening, kpis);
    case 'note': {
      const tone = ({ info: 'plain', warning: 'warn', error: 'bad' } as const)[happening.level];
      return withEvent(model, { at: happening.at, text: oneLine(happening.message), tone });
    }
  }
}

/** Whether a move is more than a checkpoint of the same bake. */
export function isNews(model: ViewModel, happening: Extract<Happening, { type: 'moved' }>): boolean {
  const { rollout } = happening.record;
  if (rollout === null) return false;
  return happening.event !== 'ticked' || rollout.phase.name !== model.phase || stepOf(rollout) !== model.step;
}

function moved(
  model: ViewModel,
  happening: Extract<Happening, { type: 'moved' }>,
  kpis: readonly Kpi[],
): ViewModel {
  const { record, event, at } = happening;
  const { rollout } = record;
  const named = { ...model, service: record.service, environment: record.environment };
  if (rollout === null) return named;
  const next = withRollout(named, rollout, at, kpis);
  const read =
    event === 'came-home' ? 0 : event === 'shifted' || event === 'settled' ? next.asked : model.read;
  const cleared = { ...next, read, trouble: rollout.phase.name === 'baking' ? next.trouble : '' };
  if (!isNews(model, happening)) return cleared;
  return withEvent(cleared, { at, text: describeMove(event, rollout), tone: toneOf(rollout.phase.name) });
}

function ticked(
  model: ViewModel,
  { at, rollout, sample, verdict, traffic }: Extract<Happening, { type: 'tick' }>,
  kpis: readonly Kpi[],
): ViewModel {
  const recent = remembered(model.recent, rollout, sample);
  const next = withRollout({ ...model, recent }, rollout, at, kpis);
  const trouble = verdict.kind === 'pass' ? '' : oneLine(verdict.reason.message);
  return { ...next, read: traffic.shares[rollout.canary.slot], trouble };
}

function withRollout(model: ViewModel, rollout: Rollout, at: EpochMs, kpis: readonly Kpi[]): ViewModel {
  const { phase, plan, steps } = rollout;
  const step = stepOf(rollout);
  const planned = plan.steps[step]?.bake;
  return {
    ...model,
    canary: rollout.canary.version,
    stable: rollout.stable?.version ?? null,
    phase: phase.name,
    step,
    steps:
      rollout.kind === 'canary'
        ? plan.steps.map(({ weight }, index) => ({ weight, status: stepStatus(rollout, index) }))
        : [],
    asked: weightAsked(rollout),
    bake: planned === undefined ? null : { served: steps[step]?.servedMs ?? 0, planned },
    evidence: evidenceOf(rollout),
    startedAt: rollout.startedAt,
    now: at,
    kpis: kpiLines(rollout, kpis, model.recent),
  };
}

function evidenceOf({ analysis: { comparison } }: Rollout): ViewModel['evidence'] {
  if (comparison === null || comparison.state.age === null) return null;
  return { log: comparison.log, threshold: comparison.threshold };
}

function withEvent(model: ViewModel, event: ViewEvent): ViewModel {
  return { ...model, now: event.at, events: [...model.events, event].slice(-EVENTS) };
}

function toneOf(phase: PhaseName): ViewEvent['tone'] {
  if (phase === 'promoted' || phase === 'restored') return 'good';
  return phase === 'aborting' || phase === 'confirming' || phase === 'aborted' ? 'bad' : 'plain';
}
