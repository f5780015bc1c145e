import type { EpochMs, Milliseconds } from '../units.ts';
import { formatMinute } from './age.ts';
import type { Answer } from './answer.ts';
import type { Finding, Verdict } from './finding.ts';

/** `warn` lets the gate open without its check, and says so. */
export type Severity = 'block' | 'warn';

/** A person takes the responsibility for a check that is not green. */
export interface Waiver {
  /** Null for every checklist. */
  readonly checklist: string | null;
  /** Id of the check. */
  readonly check: string;
  readonly person: string;
  readonly reason: string;
  readonly expires: EpochMs;
}

/** A check with its answer. */
export interface Answered {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly answer: Answer;
  readonly durationMs: Milliseconds;
}

export interface ChecklistVerdict {
  readonly verdict: Verdict;
  /** In the order of the checklist. */
  readonly findings: readonly Finding[];
}

/** Folds the answers of a whole checklist into its verdict, with waivers and severities applied. */
export function evaluateChecklist(
  answered: readonly Answered[],
  waivers: readonly Waiver[],
  now: EpochMs,
): ChecklistVerdict {
  const findings = answered.map((one) => findingOf(one, waivers, now));
  return { verdict: verdictOfChecklist(findings), findings };
}

/** A checklist in which nothing was really looked at is no reason to go on. */
function verdictOfChecklist(findings: readonly Finding[]): Verdict {
  if (findings.some(({ status }) => status === 'fail')) return 'fail';
  if (findings.some(({ status }) => status === 'error' || status === 'no-data')) return 'inconclusive';
  return findings.some(({ status }) => status !== 'skipped') ? 'pass' : 'inconclusive';
}

export function isShut({ status }: Pick<Finding, 'status'>): boolean {
  return status === 'fail' || status === 'error' || status === 'no-data';
}

function findingOf(
  { id, title, severity, answer, durationMs }: Answered,
  waivers: readonly Waiver[],
  now: EpochMs,
) {
  const settled = isShut(answer) ? waive(answer, waiverFor(id, waivers, now), now) : answer;
  const status = isShut(settled) && severity === 'warn' ? 'warn' : settled.status;
  return { check: id, title, ...settled, status, durationMs } satisfies Finding;
}

/** The one that holds longest. */
function waiverFor(id: string, waivers: readonly Waiver[], now: EpochMs): Waiver | null {
  const own = waivers.filter(({ check }) => check === id);
  const [longest] = own.toSorted((one, other) => other.expires - one.expires);
  return longest === undefined || !Number.isFinite(now) ? null : longest;
}

function waive(answer: Answer, waiver: Waiver | null, now: EpochMs): Answer {
  if (waiver === null) return answer;
  const { person, reason, expires } = waiver;
  const said = answer.detail === undefined ? '' : `; ${answer.detail}`;
  if (now < expires) {
    const detail = `waived by ${person} until ${formatMinute(expires)}: ${reason}${said}`;
    return { ...answer, status: 'waived', code: 'waived', detail };
  }
  return {
    ...answer,
    status: 'fail',
    code: 'waiver-expired',
    detail: `the waiver of ${person} expired at ${formatMinute(expires)}${said}`,
    fix: answer.fix ?? 'put the cause right, or renew the waiver with a name, a reason and a new date',
  };
}
