import type { Selector } from '../../core/analysis/selector.ts';
import type { KpiSource, MetricRole, MetricsSpec } from '../../ports/metrics-provider.ts';

/** One question to a backend that adds up by itself: a metric, in one role, by slot or all together. */
export interface Want {
  /** As the KPIs name it. */
  readonly metric: string;
  readonly role: MetricRole;
  readonly scope: 'per-arm' | 'shared';
  /** Labels that selectors speak of: the answer must keep them apart. In order of the alphabet. */
  readonly labels: readonly string[];
}

interface Use extends Omit<Want, 'labels'> {
  readonly selector: Selector;
}

/** Each metric once for each role and scope, whatever number of selectors name it. */
export function wantsOf(spec: MetricsSpec): readonly Want[] {
  const uses = [
    ...spec.sources.flatMap((source) => usesOf(source, source.scope)),
    ...(spec.traffic ?? []).map((selector) => use(selector, 'counter', 'per-arm')),
  ];
  const wants = new Map<string, Want>();
  for (const { metric, role, scope, selector } of uses) {
    const key = JSON.stringify([metric, role, scope]);
    const labels = [...(wants.get(key)?.labels ?? []), ...selector.matchers.map(({ label }) => label)];
    wants.set(key, { metric, role, scope, labels: [...new Set(labels)].sort() });
  }
  return [...wants.values()];
}

function usesOf(source: KpiSource, scope: Want['scope']): readonly Use[] {
  switch (source.type) {
    case 'events':
      return [...source.bad, ...source.total].map((one) => use(one, 'counter', scope));
    case 'good-events':
      return [...source.good, ...source.total].map((one) => use(one, 'counter', scope));
    case 'histogram':
      return [use(source.histogram, 'histogram', scope)];
    case 'gauge':
      return (source.dividedBy === null ? [source.value] : [source.value, source.dividedBy]).map((one) =>
        use(one, 'gauge', scope),
      );
  }
}

function use(selector: Selector, role: MetricRole, scope: Want['scope']): Use {
  return { metric: selector.metric, role, scope, selector };
}
