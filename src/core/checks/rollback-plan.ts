import type { Answer } from './answer.ts';

/** Whether something that a rollback needs is there, and how that was seen. */
export interface Proof {
  readonly what: string;
  readonly holds: boolean;
  readonly seen: string;
  /** What to do where it does not hold. */
  readonly fix?: string;
}

/** Whether a rollback could be done now. Each part was proved, not assumed. */
export function decideRollbackPlan(proofs: readonly Proof[]): Answer {
  const expected = proofs.map(({ what }) => what).join(', ');
  const missing = proofs.filter(({ holds }) => !holds);
  if (missing.length === 0) {
    const observed = proofs.map(({ seen }) => seen).join('; ');
    return { status: 'pass', code: 'met', observed, expected };
  }
  const observed = missing.map(({ seen }) => seen).join('; ');
  const fixes = missing.map(({ fix = 'make a way back before you go forward' }) => fix);
  const fix = [...new Set(fixes)].join('; ');
  return { status: 'fail', code: 'missing', observed, expected, fix };
}
