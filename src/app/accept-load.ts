import type { ChecklistVerdict } from '../core/checks/checklist.ts';
import type { Subject } from '../core/checks/gate-result.ts';
import type { LoadFigures } from '../core/load/figures.ts';
import type { AcceptedRun, Baseline, LoadFacts } from '../core/load/load-test.ts';
import type { LoadTestResult } from '../core/load/load-test-result.ts';
import type { AcceptedRuns } from '../ports/accepted-runs.ts';
import { AdapterError } from '../ports/adapter-error.ts';

export interface Newest {
  readonly baseline: Baseline;
  /** Null when it could not be read, and nothing may be kept on top of it. */
  readonly revision: number | null;
  readonly told: LoadTestResult['baseline'];
}

export async function newestAccepted(accepted: AcceptedRuns | null, signal: AbortSignal): Promise<Newest> {
  if (accepted === null) return { baseline: { kind: 'none' }, revision: null, told: null };
  try {
    const newest = await accepted.newest(signal);
    if (newest === null) return { baseline: { kind: 'none' }, revision: 0, told: null };
    const { run, revision } = newest;
    const told = { version: run.version, at: run.at, revision };
    return { baseline: { kind: 'found', run }, revision, told };
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return { baseline: { kind: 'error', why: error.message }, revision: null, told: null };
  }
}

interface Keeper {
  readonly accepted: AcceptedRuns | null;
  readonly subject: Subject;
  readonly newest: Newest;
}

interface Judged {
  readonly verdict: ChecklistVerdict;
  readonly figures: LoadFigures;
  readonly facts: LoadFacts;
}

type Kept = Pick<LoadTestResult, 'keeping' | 'unkept'>;

/** Only a run that needed nobody's leave is what later ones are held against. */
export async function keepIfGreen(
  { accepted, subject, newest }: Keeper,
  { verdict: { verdict, findings }, figures, facts }: Judged,
  signal: AbortSignal,
): Promise<Kept> {
  if (accepted === null) return { keeping: 'not-asked', unkept: null };
  const isClean = findings.every(({ status }) => status === 'pass' || status === 'skipped');
  if (verdict !== 'pass' || !isClean) return { keeping: 'not-kept', unkept: null };
  if (newest.revision === null) return { keeping: 'failed', unkept: whyUnread(newest.baseline) };
  try {
    const keeping = await accepted.keep(newest.revision, acceptedRun(subject, figures, facts), signal);
    return { keeping, unkept: null };
  } catch (error) {
    if (error instanceof AdapterError) return { keeping: 'failed', unkept: error.message };
    throw error;
  }
}

function whyUnread(baseline: Baseline): string {
  return baseline.kind === 'error' ? baseline.why : 'what was kept before could not be read';
}

function acceptedRun(subject: Subject, figures: LoadFigures, { now }: LoadFacts): AcceptedRun {
  return {
    at: now,
    version: subject.version,
    sha: subject.sha,
    required: figures.required ?? 0,
    rate: figures.rate,
    errorRate: figures.errorRate,
    requests: figures.load.requests,
    quantiles: figures.quantiles.flatMap(({ quantile, seen, atMost }) => {
      const ms = seen ?? atMost;
      return ms === null ? [] : [{ quantile, ms }];
    }),
  };
}
