import type { Milliseconds } from '../units.ts';
import type { FindingCode } from './code.ts';

/** The answer to one question put to the world. `no-data` and `error` are never `pass`. */
export type FindingStatus = 'pass' | 'fail' | 'warn' | 'no-data' | 'error' | 'skipped' | 'waived';

export interface Evidence {
  readonly label: string;
  readonly url?: string;
}

export interface Finding {
  /** Stable id of the check, kebab-case: `error-rate`, `health`, `traffic-share`. */
  readonly check: string;
  readonly title: string;
  readonly status: FindingStatus;
  /** What was seen, in words with its unit. */
  readonly observed: string;
  /** What would have been right, in words with its unit. */
  readonly expected: string;
  readonly detail?: string;
  /** Why, as one of a closed list. */
  readonly code?: FindingCode;
  /** What a person should do about it. */
  readonly fix?: string;
  readonly evidence?: readonly Evidence[];
  readonly durationMs?: Milliseconds;
}

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/**
 * Folds findings into a gate's verdict. Anything that is neither green nor waived nor a mere warning
 * keeps the gate shut: a failure fails it, silence and errors leave it inconclusive.
 */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some((finding) => finding.status === 'fail')) return 'fail';
  if (findings.some((finding) => finding.status === 'error' || finding.status === 'no-data'))
    return 'inconclusive';
  return findings.some((finding) => finding.status === 'pass') ? 'pass' : 'inconclusive';
}
