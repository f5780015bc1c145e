import type { EpochMs } from '../units.ts';
import { counted, listed } from './answer.ts';
import { type ChecklistVerdict, isShut } from './checklist.ts';
import type { Finding, Verdict } from './finding.ts';

/** Which gate answers. */
export type GateOperation = 'preflight' | 'deploy' | 'e2e-gate' | 'load-test';

/** Why a gate is open or shut. The list is closed. */
export type GateReason =
  | 'checks-passed'
  | 'checks-failed'
  | 'checks-inconclusive'
  | 'nothing-checked'
  | 'cancelled';

/** What is asked about, the same for every check of a run. */
export interface Subject {
  /** The commit, 40 hex digits. */
  readonly sha: string;
  /** The git ref that the run was started for, as `refs/heads/main`; empty outside of GitHub. */
  readonly ref: string;
  readonly environment: string;
  /** A SemVer tag where there is one, else the commit. */
  readonly version: string;
  /** Who started the run. */
  readonly actor: string;
  /** The workflow run; null outside of GitHub. */
  readonly runId: number | null;
  /** The check run of the job that asks, so that it does not wait for itself; null where nobody knows. */
  readonly checkRunId: number | null;
  /** Key of the job that asks; empty outside of GitHub. */
  readonly job: string;
  readonly now: EpochMs;
  /** Why a freeze is broken, said by the one who started the run; null when it is not. */
  readonly override: string | null;
}

/** What every gate answers with: versioned, machine-readable. A gate with more to tell adds to it. */
export interface GateResult {
  readonly schemaVersion: 1;
  readonly operation: GateOperation;
  readonly verdict: Verdict;
  readonly reasonCode: GateReason;
  readonly message: string;
  /** Name of the checklist, of the E2E suite, of the load test, or of what was deployed. */
  readonly gate: string;
  readonly service: string;
  readonly subject: Subject;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  /** Ids of the checks that keep the gate shut. */
  readonly failed: readonly string[];
  readonly findings: readonly Finding[];
}

export interface GateRun
  extends Pick<GateResult, 'operation' | 'gate' | 'service' | 'subject' | 'startedAt' | 'endedAt'> {
  readonly cancelled: boolean;
}

export function toGateResult(run: GateRun, { verdict, findings }: ChecklistVerdict): GateResult {
  const { cancelled, ...facts } = run;
  const shut = findings.filter(isShut);
  const reasonCode = cancelled && verdict !== 'pass' ? 'cancelled' : reasonOf(verdict, findings);
  return {
    schemaVersion: 1,
    ...facts,
    verdict,
    reasonCode,
    message: messageOf(reasonCode, NOUNS[run.operation](run.gate), findings, shut),
    failed: shut.map(({ check }) => check),
    findings,
  };
}

const NOUNS: Readonly<Record<GateOperation, (gate: string) => string>> = {
  preflight: (gate) => `the ${gate} checklist`,
  deploy: (gate) => `the deployment of ${gate}`,
  'e2e-gate': (gate) => `the ${gate} E2E gate`,
  'load-test': (gate) => `the ${gate} load test`,
};

function reasonOf(verdict: Verdict, findings: readonly Finding[]): GateReason {
  if (verdict === 'pass') return 'checks-passed';
  if (verdict === 'fail') return 'checks-failed';
  return findings.some(isShut) ? 'checks-inconclusive' : 'nothing-checked';
}

function messageOf(
  reason: GateReason,
  list: string,
  findings: readonly Finding[],
  shut: readonly Finding[],
): string {
  const titles = listed(shut.map(({ title }) => title));
  switch (reason) {
    case 'checks-passed':
      return `${list} is green: ${allowances(findings)}`;
    case 'checks-failed':
      return `${list} is not green, ${shut.length} of ${counted(findings.length, 'check')}: ${titles}`;
    case 'checks-inconclusive':
      return `${list} has no answer yet to ${shut.length} of ${counted(findings.length, 'check')}: ${titles}`;
    case 'nothing-checked':
      return `${list} looked at nothing, which proves nothing`;
    case 'cancelled':
      return `the run was cancelled before ${list} was answered`;
  }
}

/** A green list is not always all green. */
function allowances(findings: readonly Finding[]): string {
  const of = (status: Finding['status']): number => findings.filter((one) => one.status === status).length;
  const parts = [
    `${of('pass')} passed`,
    ...(of('waived') === 0 ? [] : [`${of('waived')} waived`]),
    ...(of('warn') === 0 ? [] : [counted(of('warn'), 'warning')]),
    ...(of('skipped') === 0 ? [] : [`${of('skipped')} skipped`]),
  ];
  return parts.join(', ');
}
