import type { EffectRules, JudgedMetric } from '../../../../src/core/analysis/judge/config.ts';

export interface Changes extends Partial<Omit<JudgedMetric, 'effect'>> {
  readonly effect?: Partial<EffectRules>;
}

/** A metric as Kayenta takes it when its config says nothing more than its name and group. */
export function metric(changes: Changes = {}): JudgedMetric {
  const { effect, ...rest } = changes;
  const limit = effect?.measure === 'cles' ? 0.5 : 1;
  return {
    name: 'error-rate',
    groups: ['errors'],
    direction: 'either',
    missing: 'remove',
    outlierFactor: null,
    critical: false,
    mustHaveData: false,
    muted: false,
    ...rest,
    effect: {
      measure: 'mean-ratio',
      allowedIncrease: limit,
      allowedDecrease: limit,
      criticalIncrease: limit,
      criticalDecrease: limit,
      ...effect,
    },
  };
}

/** `count` values around `centre`, always the same ones. */
export function around(centre: number, count: number, spread = centre / 10): number[] {
  return Array.from({ length: count }, (_, i) => centre + spread * Math.sin(i * 2.4));
}
