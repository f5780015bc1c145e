import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRecordings } from '../../../src/adapters/recordings/recording-file.ts';
import { type Decided, type KnownRollout, provenAfter, score } from '../../../src/core/replay/score.ts';

const vectors = new URL('../../vectors/', import.meta.url);

interface Policy {
  readonly decisions: Readonly<Record<string, number | null>>;
  readonly expected: {
    readonly missing: number;
    readonly false_rollbacks_pct: number;
    readonly worst_family_pct: readonly [number, string];
    readonly detected_pct: number;
    readonly harm_sum: number;
    readonly regressions: readonly {
      readonly family: string;
      readonly rps: number;
      readonly detected: number;
      readonly median_s: number | null;
      readonly harm: number;
    }[];
  };
}

const { policies }: { policies: Readonly<Record<string, Policy>> } = JSON.parse(
  readFileSync(new URL('corpus-slice.json', vectors), 'utf8'),
);

const rollouts: KnownRollout[] = [];

beforeAll(async () => {
  for await (const { id, tick, truth } of readRecordings(
    fileURLToPath(new URL('corpus-slice.jsonl.gz', vectors)),
  )) {
    if (truth !== undefined) rollouts.push({ id, tick, truth });
  }
});

function decided(decisions: Policy['decisions']): Readonly<Record<string, Decided>> {
  const pairs = Object.entries(decisions).map(
    ([id, abortedAt]) => [id, { abortedAt, nonInferiorAt: null }] as const,
  );
  return Object.fromEntries(pairs);
}

const percent = (share: number | null | undefined): number => 100 * (share ?? Number.NaN);

describe('the score of decisions on rollouts whose truth is known', () => {
  it.each(Object.entries(policies))('of %s is what the corpus’s own score says', (_, policy) => {
    const { expected } = policy;
    const seen = score(rollouts, decided(policy.decisions));
    expect(seen.missing).toBe(expected.missing);
    expect(percent(seen.falseRollbacks)).toBeCloseTo(expected.false_rollbacks_pct, 2);
    const { worstFamily: worst } = seen;
    expect(worst?.family).toBe(expected.worst_family_pct[1]);
    expect((100 * (worst?.rolledBack ?? 0)) / (worst?.rollouts ?? 0)).toBeCloseTo(
      expected.worst_family_pct[0],
      2,
    );
    expect(percent(seen.detected)).toBeCloseTo(expected.detected_pct, 1);
    expect(seen.harm).toBeCloseTo(expected.harm_sum, -0.5);
    expect(seen.regressions.map(({ family, rps, medianSeconds }) => [family, rps, medianSeconds])).toEqual(
      expected.regressions.map(({ family, rps, median_s }) => [family, rps, median_s]),
    );
    for (const [index, one] of expected.regressions.entries()) {
      expect(seen.regressions[index]?.detected).toBeCloseTo(one.detected, 9);
      expect(Math.abs((seen.regressions[index]?.harm ?? Number.NaN) - one.harm)).toBeLessThanOrEqual(0.051);
    }
  });

  it('counts a rollout without a decision as promoted, and says that it is missing', () => {
    const seen = score(rollouts, {});
    expect(seen).toMatchObject({ missing: rollouts.length, falseRollbacks: 0, detected: 0 });
  });

  it('does not take an abort before the onset for a detection', () => {
    const late = rollouts.filter(({ truth }) => truth.onsetTick > 0);
    expect(late.length).toBeGreaterThan(0);
    const early = Object.fromEntries(late.map(({ id }) => [id, { abortedAt: 0, nonInferiorAt: null }]));
    expect(score(late, early)).toMatchObject({ detected: 0, harm: 0 });
  });

  it('has nothing to say of nothing', () => {
    expect(score([], {})).toMatchObject({ falseRollbacks: null, worstFamily: null, detected: null, harm: 0 });
  });

  it('tells when a harmless canary was proven no worse, in the middle of them', () => {
    const proven = { 'aa/r5/b1#0': { abortedAt: null, nonInferiorAt: 9 } };
    const family = { family: 'A/A plain', rps: 5 };
    expect(provenAfter(rollouts, proven, family)).toBe(100);
    const both = { ...proven, 'aa/r5/b1#1': { abortedAt: null, nonInferiorAt: 19 } };
    expect(provenAfter(rollouts, both, family)).toBe(150);
    expect(provenAfter(rollouts, {}, family)).toBeNull();
  });
});
