import { classify, type MetricResult } from './classify.ts';
import type { ArmSamples, JudgeConfig, JudgedMetric } from './config.ts';
import { type Scored, scoreAll } from './score.ts';

export interface Judgement<M extends JudgedMetric = JudgedMetric> extends Scored {
  /** In the order of the configuration, muted ones too. */
  readonly metrics: readonly MetricResult<M>[];
}

/**
 * Kayenta's NetflixACAJudge-v1.0: each metric's samples are compared by a rank test, and a weighted score of what
 * passed is held against the thresholds. `samples` are by metric name. Fewer than `fewest` values in an arm count
 * as no data; Kayenta itself judges from one on. Depends on nothing but its arguments, and not on the samples' order.
 */
export function judge<M extends JudgedMetric>(
  config: JudgeConfig<M>,
  samples: Readonly<Record<string, ArmSamples>>,
  fewest = 1,
): Judgement<M> {
  const metrics = config.metrics.map((metric) => classify(metric, samplesOf(samples, metric.name), fewest));
  return { ...scoreAll(metrics, config), metrics };
}

function samplesOf(samples: Readonly<Record<string, ArmSamples>>, name: string): ArmSamples {
  const found = Object.hasOwn(samples, name) ? samples[name] : undefined;
  return found ?? { canary: [], stable: [] };
}
