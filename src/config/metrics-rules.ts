import { z } from 'zod';
import { formatDuration } from '../core/units.ts';
import type { MetricNeed, MetricRole } from '../ports/metrics-provider.ts';
import { plansInUse } from './plan-rules.ts';
import type { Flaw, Path } from './telling.ts';
import type { KpiView, View } from './view.ts';

type EnvironmentView = NonNullable<View['environments']>[string];

/** What the provider of an environment can never answer, and what it would answer too late. */
export function metricsFlaws(view: View): Flaw[] {
  const needs = needsOf(view);
  const told = new Map<string, Flaw>();
  for (const [name, environment] of Object.entries(view.environments ?? {})) {
    for (const flaw of [...lackFlaws(needs, environment), ...latenessFlaws(view, name, environment)]) {
      const key = JSON.stringify([flaw.path, flaw.expected]);
      if (!told.has(key)) told.set(key, flaw);
    }
  }
  return [...told.values()];
}

interface Need extends MetricNeed {
  readonly path: Path;
}

function lackFlaws(needs: readonly Need[], { metrics }: EnvironmentView): Flaw[] {
  return needs.flatMap(({ path, ...need }) => {
    const lack = metrics?.lacks?.(need) ?? null;
    return lack === null ? [] : [{ path, ...lack, seen: `none in \`metrics: {type: ${metrics?.type}}\`` }];
  });
}

/** For so long after a shift the requests are still split as before it, which is no mistake of the router's. */
function latenessFlaws(view: View, name: string, environment: EnvironmentView): Flaw[] {
  const lateness = environment.metrics?.lateness;
  const tick = plansInUse(view).find((one) => one.environment === name)?.plan.tick;
  const isWatched = selectorsIn(view.traffic).length > 0 && environment['share-tolerance'] !== 'off';
  if (lateness === undefined || tick === undefined || lateness <= tick || !isWatched) return [];
  const type = environment.metrics?.type;
  return [
    {
      path: ['environments', name, 'share-tolerance'],
      expected: `\`off\`, because ${type} tells of requests up to ${formatDuration(lateness)} later, and the tick is ${formatDuration(tick)}`,
      seen: String(environment['share-tolerance'] ?? 'no such key, which watches the share'),
      fix: 'write `share-tolerance: off`, or leave `traffic` out',
    },
  ];
}

function needsOf({ kpis, traffic }: View): readonly Need[] {
  return [
    ...(kpis ?? []).flatMap((kpi, index) => needsOfKpi(kpi, ['kpis', index])),
    ...needsIn(traffic, 'counter', ['traffic']),
  ];
}

function needsOfKpi(kpi: KpiView, path: Path): readonly Need[] {
  const at = (key: string, written: unknown, role: MetricRole) => needsIn(written, role, [...path, key]);
  if (kpi.type === 'quantile') return at('histogram', kpi.histogram, 'histogram');
  if (kpi.type === 'gauge') {
    return [...at('value', kpi.value, 'gauge'), ...at('divided-by', kpi['divided-by'], 'gauge')];
  }
  return [
    ...at('bad', kpi.bad, 'counter'),
    ...at('good', kpi.good, 'counter'),
    ...at('total', kpi.total, 'counter'),
  ];
}

function needsIn(written: unknown, role: MetricRole, path: Path): readonly Need[] {
  return selectorsIn(written).map(({ metric }) => ({ metric, role, path }));
}

const selectorRead = z.object({ metric: z.string() });
const selectorsRead = z.union([z.array(selectorRead), selectorRead.transform((one) => [one])]).catch([]);

function selectorsIn(written: unknown): readonly { readonly metric: string }[] {
  return selectorsRead.parse(written);
}
