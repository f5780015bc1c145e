import { describe, expect, it } from 'vitest';
import { HANDBOOK_KPIS, recordedKpis } from '../../../src/core/replay/handbook.ts';
import { looksOf, sampleOf } from '../../../src/core/replay/recording.ts';
import { type ReplaySettings, replay } from '../../../src/core/replay/replay.ts';
import { made } from './made.ts';

const settings: ReplaySettings = {
  kpis: HANDBOOK_KPIS,
  recorded: recordedKpis(HANDBOOK_KPIS),
  comparison: { alpha: 0.01, pace: 1 },
  hold: 300_000,
  every: 1,
};

describe('replaying a recorded rollout', () => {
  it('promotes a good canary, and says from which tick on it was proven no worse', () => {
    const { nonInferiorTick, provenAfter, ...rest } = replay(
      made({ canary: 0.002, stable: 0.002 }),
      settings,
    );
    expect(provenAfter).toBe(((nonInferiorTick ?? 0) + 1) * 10_000);
    expect(rest).toEqual({ id: 'made', decision: 'promote', tick: null, seconds: null, reason: null });
    expect(nonInferiorTick).toBeGreaterThan(0);
  });

  it('aborts a bad one within a minute, at the tick and second of the recording', () => {
    const seen = replay(made({ canary: 0.2 }), settings);
    expect(seen).toMatchObject({
      decision: 'abort',
      reason: { code: 'comparison-regressed', kpi: 'error-rate' },
    });
    expect(seen.seconds).toBeLessThanOrEqual(60);
    expect(seen.seconds).toBe(((seen.tick ?? 0) + 1) * 10);
  });

  it('leaves it to the guardrail when nothing is compared', () => {
    const seen = replay(made({ canary: 0.2 }), { ...settings, comparison: null });
    expect(seen).toMatchObject({ decision: 'abort', seconds: 300, reason: { code: 'guardrail-breached' } });
  });

  it('gives up when the environment stays ill for longer than the plan allows, and blames it', () => {
    const ill = made({ canary: 0.2, stable: 0.2 });
    expect(replay(ill, settings).reason?.code).not.toBe('comparison-regressed');
    const patient = replay(made({ canary: 0.2, stable: 0.2 }), { ...settings, hold: 30_000 });
    expect(patient).toMatchObject({ decision: 'abort', reason: { code: 'environment-unhealthy' } });
  });

  it('keeps the evidence over the steps, so that a late regression is caught as well', () => {
    const seen = replay(made({ canary: 0.2, from: 45 }), settings);
    expect(seen.decision).toBe('abort');
    expect(seen.tick).toBeGreaterThanOrEqual(45);
    expect(seen.tick).toBeLessThan(50);
  });

  it('looks less often when it is told to, and never across two steps', () => {
    const looks = looksOf(made(), 3);
    expect(looks.slice(13, 15)).toEqual([
      { step: 0, weight: 10, from: 39, until: 40 },
      { step: 1, weight: 50, from: 40, until: 43 },
    ]);
    const look = looks[0] ?? { step: 0, weight: 0, from: 0, until: 0 };
    const sample = sampleOf(made(), look, settings.recorded);
    expect(sample).toMatchObject({ elapsed: 30_000, traffic: { canary: 150, stable: 1_350 } });
    expect(replay(made({ canary: 0.2 }), { ...settings, every: 3 })).toMatchObject({ decision: 'abort' });
  });
});

describe('replaying with a judge', () => {
  const effect = {
    measure: 'mean-ratio',
    allowedIncrease: 1,
    allowedDecrease: 1,
    criticalIncrease: 1,
    criticalDecrease: 1,
  } as const;
  const metric = {
    name: 'errors',
    kpi: 'error-rate',
    groups: ['errors'],
    direction: 'increase',
    missing: 'remove',
    outlierFactor: null,
    critical: false,
    mustHaveData: false,
    muted: false,
    effect,
  } as const;
  const judge = {
    metrics: [metric],
    groupWeights: {},
    thresholds: { pass: 95, marginal: 75 },
    interval: 30_000,
  };
  const asked: ReplaySettings = { ...settings, comparison: null, judge };

  it('asks it at the end of a bake, and not at 100 %', () => {
    const slightly = made({ canary: 0.016, stable: 0.004 });
    expect(replay(slightly, { ...settings, comparison: null }).decision).toBe('promote');
    expect(replay(slightly, asked)).toMatchObject({
      decision: 'abort',
      tick: 39,
      reason: { code: 'judge-failed', kpi: 'error-rate' },
    });
    expect(replay(made({ canary: 0.016, from: 50 }), asked).decision).toBe('promote');
  });
});
