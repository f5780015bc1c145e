import { describe, expect, test } from 'vitest';
import type { JudgeConfig } from '../../../../src/core/analysis/judge/config.ts';
import { judge } from '../../../../src/core/analysis/judge/judge.ts';
import { around, type Changes, metric } from './made.ts';

const thresholds = { pass: 95, marginal: 75 };
const ok = around(100, 12);
const good = { canary: ok, stable: ok };
const bad = { canary: around(200, 12), stable: ok };
const silent = { canary: [], stable: ok };

function config(metrics: readonly Changes[], over: Partial<JudgeConfig> = {}): JudgeConfig {
  return { metrics: metrics.map(metric), groupWeights: {}, thresholds, ...over };
}

describe('the score of a canary', () => {
  const two = config([
    { name: 'a', groups: ['x'] },
    { name: 'b', groups: ['y'] },
  ]);

  test('is the weighted sum of the groups, and held against the thresholds', () => {
    const weighed = { ...two, groupWeights: { x: 80, y: 20 } };
    expect(judge(two, { a: good, b: good })).toMatchObject({
      score: 100,
      classification: 'Pass',
      cause: null,
    });
    expect(judge(weighed, { a: good, b: bad })).toMatchObject({ score: 80, classification: 'Marginal' });
    expect(judge(weighed, { a: bad, b: good })).toMatchObject({ score: 20, classification: 'Fail' });
    expect(
      judge({ ...weighed, thresholds: { pass: 80, marginal: 80 } }, { a: good, b: bad }).classification,
    ).toBe('Pass');
  });

  test('gives groups without a weight what is left, in equal parts', () => {
    const three = config(
      [
        { name: 'a', groups: ['x'] },
        { name: 'b', groups: ['y'] },
        { name: 'c', groups: ['z'] },
      ],
      { groupWeights: { x: 40 } },
    );
    const seen = judge(three, { a: good, b: good, c: bad });
    expect(seen.groups.map(({ weight }) => weight)).toEqual([40, 30, 30]);
    expect(seen.score).toBe(70);
  });

  test('counts a metric in each of its groups', () => {
    const both = config([
      { name: 'a', groups: ['x', 'y'] },
      { name: 'b', groups: ['y'] },
    ]);
    expect(judge(both, { a: bad, b: good })).toMatchObject({ score: 25 });
  });

  test('gives a group without data the benefit of the doubt, but not half of all metrics', () => {
    const three = config([
      { name: 'a', groups: ['x'] },
      { name: 'b', groups: ['x'] },
      { name: 'c', groups: ['y'] },
    ]);
    expect(judge(three, { a: good, b: good, c: silent })).toMatchObject({ score: 100, cause: null });
    expect(judge(two, { a: good, b: silent })).toMatchObject({
      score: 0,
      cause: 'no-data',
      classification: 'Fail',
    });
    expect(judge(two, { a: good })).toMatchObject({ cause: 'no-data' });
  });

  test('counts missing data that must be there as a failure', () => {
    const must = config([{ name: 'a' }, { name: 'b', mustHaveData: true }]);
    expect(judge(must, { a: good, b: silent })).toMatchObject({ score: 50, cause: null });
  });

  test('is 0 when a critical metric failed, whatever the others say', () => {
    const critical = config([{ name: 'a', critical: true }, { name: 'b' }, { name: 'c' }]);
    expect(judge(critical, { a: bad, b: good, c: good })).toMatchObject({ score: 0, cause: 'critical' });
    expect(judge(critical, { a: silent, b: good, c: good })).toMatchObject({ score: 0, cause: 'critical' });
    expect(judge(critical, { a: good, b: bad, c: good })).toMatchObject({ score: 66.67, cause: null });
  });

  test('leaves muted metrics out, and tells of them', () => {
    const muted = config([{ name: 'a' }, { name: 'b', muted: true, critical: true }]);
    const seen = judge(muted, { a: good, b: bad });
    expect(seen).toMatchObject({ score: 100, cause: null });
    expect(seen.metrics.map(({ classification }) => classification)).toEqual(['Pass', 'High']);
  });

  test.each([
    [3, 33.33],
    [6, 16.67],
    [7, 14.29],
    [8, 12.5],
  ])('of one passed metric in %i is rounded to %f', (count, score) => {
    const names = Array.from({ length: count }, (_, i) => `m${i}`);
    const samples = Object.fromEntries(names.map((name, i) => [name, i === 0 ? good : bad]));
    expect(judge(config(names.map((name) => ({ name }))), samples).score).toBe(score);
  });
});
