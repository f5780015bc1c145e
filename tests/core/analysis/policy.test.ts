import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  counted,
  isContent,
  type LimitPolicy,
  type MeasurementOutcome,
  type PolicyCounters,
  type PolicyStanding,
  policyStanding,
  UNMEASURED,
} from '../../../src/core/analysis/policy.ts';

interface Case {
  readonly what: string;
  readonly limits: {
    readonly failureLimit?: number;
    readonly inconclusiveLimit?: number;
    readonly consecutiveErrorLimit?: number;
    readonly consecutiveSuccessLimit?: number;
    readonly count?: number;
  };
  readonly measurements: string;
  readonly phase: 'Running' | 'Successful' | 'Failed' | 'Inconclusive' | 'Error';
  readonly after: number;
}

const path = new URL('../../vectors/argo-policy.json', import.meta.url);
const { cases }: { readonly cases: readonly Case[] } = JSON.parse(readFileSync(path, 'utf8'));

const OUTCOMES: Readonly<Record<string, MeasurementOutcome>> = {
  S: 'success',
  F: 'failure',
  I: 'inconclusive',
  E: 'error',
};
const STANDINGS: Readonly<Record<Case['phase'], PolicyStanding>> = {
  Running: 'running',
  Successful: 'successful',
  Failed: 'failed',
  Inconclusive: 'inconclusive',
  Error: 'errored',
};

function policyOf({ limits }: Pick<Case, 'limits'>): LimitPolicy {
  const { failureLimit = 0, inconclusiveLimit = 0, consecutiveErrorLimit = 4 } = limits;
  return {
    failuresAllowed: failureLimit < 0 ? null : failureLimit,
    inconclusiveAllowed: inconclusiveLimit,
    consecutiveErrorsAllowed: consecutiveErrorLimit,
    consecutiveSuccessesNeeded: limits.consecutiveSuccessLimit ?? null,
    count: limits.count ?? null,
    interval: 60_000,
    initialDelay: 0,
  };
}

function countersOf(measurements: string): PolicyCounters {
  return [...measurements].reduce((sum, one) => counted(sum, OUTCOMES[one] ?? 'error'), UNMEASURED);
}

/** Where a metric comes to first, and after how many measurements. */
function settle(one: Case): Pick<Case, 'after'> & { readonly standing: PolicyStanding } {
  const policy = policyOf(one);
  for (let after = 0; after < one.measurements.length; after += 1) {
    const standing = policyStanding(policy, countersOf(one.measurements.slice(0, after)));
    if (standing !== 'running') return { standing, after };
  }
  const after = one.measurements.length;
  return { standing: policyStanding(policy, countersOf(one.measurements)), after };
}

function contentAfter(measurements: string, limits: Case['limits'] = {}): boolean {
  return isContent(policyOf({ limits }), countersOf(measurements));
}

describe('the limits of a policy', () => {
  it('come to the same end as in Argo Rollouts, after the same measurement', () => {
    const off = cases
      .map((one) => ({ one, seen: settle(one) }))
      .filter(({ one, seen }) => seen.standing !== STANDINGS[one.phase] || seen.after !== one.after);
    expect(cases.length).toBeGreaterThan(150);
    expect(off).toEqual([]);
  });

  it('find failures that come after too many inconclusive ones, where Argo has stopped measuring', () => {
    expect(policyStanding(policyOf({ limits: {} }), countersOf('IF'))).toBe('failed');
  });
});

describe('a bake that ends while its KPI is still being measured', () => {
  it('passes on successes alone', () => {
    expect(contentAfter('S')).toBe(true);
    expect(contentAfter('SFS', { failureLimit: 1 })).toBe(true);
  });

  it('does not pass on no measurement at all, which Argo would call successful', () => {
    expect(contentAfter('')).toBe(false);
    expect(contentAfter('EEEE')).toBe(false);
  });

  it('does not pass before it has its count, or its successes in a row', () => {
    expect(contentAfter('SS', { count: 3 })).toBe(false);
    expect(contentAfter('SSS', { count: 3 })).toBe(true);
    expect(contentAfter('SFSS', { failureLimit: 1, consecutiveSuccessLimit: 2 })).toBe(true);
    expect(contentAfter('SFS', { failureLimit: 1, consecutiveSuccessLimit: 2 })).toBe(false);
  });

  it('does not pass on what is inconclusive or failed', () => {
    expect(contentAfter('I')).toBe(false);
    expect(contentAfter('F')).toBe(false);
  });
});
