import type { EpochMs, Milliseconds } from '../units.ts';
import { formatAge } from './age.ts';
import type { Answer } from './answer.ts';
import type { CommitStatus } from './forge-facts.ts';

export interface GateStatusRules {
  readonly context: string;
  readonly maxAge: Milliseconds;
  /** Who must have said it; null for anybody who may write statuses. */
  readonly creator: string | null;
}

/** What another gate said of this very commit, by its commit status. */
export function decideGateStatus(
  statuses: readonly CommitStatus[],
  { context, maxAge, creator }: GateStatusRules,
  now: EpochMs,
): Answer {
  const by = creator === null ? '' : ` by ${creator}`;
  const expected = `${context} green${by} at this commit within ${formatAge(maxAge)}`;
  const said = statuses.filter(
    (one) => one.context === context && (creator === null || one.creator === creator),
  );
  const newest = said.reduce<CommitStatus | null>(
    (one, other) => (one !== null && one.id > other.id ? one : other),
    null,
  );
  if (newest === null) {
    const fix = `run the gate that reports ${context} for this commit`;
    return { status: 'fail', code: 'missing', observed: 'no result at this commit', expected, fix };
  }
  const { state, description, url, at } = newest;
  const age = now - at;
  const observed = `${state} ${formatAge(age)} ago${description === '' ? '' : `: ${description}`}`;
  const base = {
    expected,
    observed,
    evidence: [url === null ? { label: context } : { label: context, url }],
  };
  if (state === 'pending') return { ...base, status: 'no-data', code: 'pending', fix: 'wait for it' };
  if (state !== 'success') return { ...base, status: 'fail', code: 'failed', fix: 'see its report' };
  if (age > maxAge) return { ...base, status: 'fail', code: 'stale', fix: 'run it again for this commit' };
  return { ...base, status: 'pass', code: 'met' };
}
