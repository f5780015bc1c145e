import { mayEndEarly } from '../analysis/comparison/progress.ts';
import { verdictOf } from '../checks/finding.ts';
import type { Result } from '../result.ts';
import { leastBake } from '../rollout/plan.ts';
import type { Rollout, ServiceRecord } from '../rollout/record.ts';
import { formatDuration, type Milliseconds, type Percent } from '../units.ts';

export type StepStatus = 'passed' | 'running' | 'stopped' | 'not reached';

export const STEP_MARKS: Readonly<Record<StepStatus, string>> = {
  passed: '✓',
  running: '›',
  stopped: '✗',
  'not reached': '–',
};

/** One step of the plan, and how far it came. */
export interface StepRow {
  readonly weight: Percent;
  readonly servedMs: Milliseconds;
  readonly plannedMs: Milliseconds;
  readonly status: StepStatus;
  /** What there is to say of how it ended; mostly empty. */
  readonly note: string;
}

/** The steps of a canary's plan; a rollback and a first deployment take none. */
export function stepRows(result: Result, record: ServiceRecord | null): StepRow[] {
  if (result.kind !== 'canary') return [];
  const rollout = record?.rollout?.id === result.rolloutId ? (record?.rollout ?? null) : null;
  const last = result.steps.findLastIndex((step) => step.servedMs > 0);
  return result.steps.map(({ weight, servedMs, bakeMs }, index) => {
    const status =
      rollout === null ? statusByTime(index, last, servedMs >= bakeMs, result) : stepStatus(rollout, index);
    const endedEarly = status === 'passed' && servedMs < bakeMs;
    const note = endedEarly ? earlyWords(servedMs) : '';
    return { weight, servedMs, plannedMs: bakeMs, status, note };
  });
}

/** A bake that passed before it was served in full. */
export function earlyWords(servedMs: Milliseconds): string {
  return `ended early after ${formatDuration(servedMs)}: proven no worse`;
}

/** Where one step of a rollout stands. */
export function stepStatus(rollout: Rollout, index: number): StepStatus {
  const { phase, analysis } = rollout;
  switch (phase.name) {
    case 'shifting':
    case 'baking':
    case 'parked':
    case 'catching-up':
      if (index === phase.step) return 'running';
      return index < phase.step ? 'passed' : 'not reached';
    case 'settling':
    case 'verifying':
    case 'promoted':
    case 'restored':
      return 'passed';
    case 'deploying':
      return 'not reached';
    case 'aborting':
    case 'confirming':
    case 'aborted':
      if (index !== analysis.step) return index < analysis.step ? 'passed' : 'not reached';
      return wasServed(rollout, index) ? 'passed' : 'stopped';
  }
}

function wasServed(rollout: Rollout, index: number): boolean {
  const progress = rollout.steps[index];
  const step = rollout.plan.steps[index];
  const least = step === undefined ? 0 : leastBake(step, mayEndEarly(rollout.analysis.comparison));
  return progress !== undefined && progress.servedMs >= least && verdictOf(progress.findings) === 'pass';
}

function statusByTime(index: number, last: number, servedInFull: boolean, result: Result): StepStatus {
  if (result.state === 'promoted' || index < last) return 'passed';
  if (index > last) return 'not reached';
  if (servedInFull) return 'passed';
  return result.state === 'baking' || result.state === 'parked' || result.state === 'catching-up'
    ? 'running'
    : 'stopped';
}
