import type { Unit } from '../core/analysis/kpi.ts';
import { formatDuration, type Milliseconds } from '../core/units.ts';
import { gaugeMeasure, histogramMeasure } from './kpi-units.ts';
import { limitFlaws } from './limit-rules.ts';
import { plansInUse, shorterThanTick } from './plan-rules.ts';
import { policyFlaws } from './policy-rules.ts';
import type { Flaw, Path } from './telling.ts';
import type { KpiView, View } from './view.ts';

export function kpiFlaws(view: View): Flaw[] {
  const kpis = view.kpis ?? [];
  const tick = longestTick(view);
  return kpis.flatMap((kpi, index) => {
    const path = ['kpis', index];
    return [
      ...repeatedId(kpis, index, path),
      ...sourceFlaws(kpi, path),
      ...limitFlaws(kpi, unitOf(kpi), path),
      ...(tick === null ? [] : spanFlaws(kpi, tick, path)),
      ...policyFlaws(kpi, tick, path),
    ];
  });
}

function longestTick(view: View): Milliseconds | null {
  const ticks = plansInUse(view).flatMap(({ plan: { tick } }) => tick ?? []);
  return ticks.length === 0 ? null : Math.max(...ticks);
}

function repeatedId(kpis: readonly KpiView[], index: number, path: Path): Flaw[] {
  const id = kpis[index]?.id;
  const first = kpis.findIndex((kpi) => kpi.id === id);
  if (id === undefined || first === index) return [];
  return [
    {
      path: [...path, 'id'],
      expected: 'an id of its own for each KPI',
      seen: `'${id}' again, after kpis[${first}]`,
      fix: 'rename one of the two',
    },
  ];
}

function sourceFlaws(kpi: KpiView, path: Path): Flaw[] {
  if (kpi.type === 'ratio') return ratioSourceFlaws(kpi, path);
  if (kpi.type === 'quantile') return histogramFlaws(kpi, path);
  return [];
}

function ratioSourceFlaws({ bad, good }: KpiView, path: Path): Flaw[] {
  const expected = 'either `bad` or `good` events, which the limits then speak of';
  if (bad === undefined && good === undefined) {
    return [{ path: [...path, 'bad'], expected, fix: 'add a `bad:` selector (or `good:`)' }];
  }
  if (bad === undefined || good === undefined) return [];
  return [{ path: [...path, 'good'], expected, seen: 'both', fix: 'remove one of the two' }];
}

function histogramFlaws(kpi: KpiView, path: Path): Flaw[] {
  const { histogram } = kpi;
  if (histogram === undefined) return [];
  const where = [...path, 'histogram'];
  const base = histogram.metric.replace(/_(bucket|sum|count)$/, '');
  if (base !== histogram.metric) {
    return [
      {
        path: where,
        expected: 'the name of a histogram without `_bucket`, `_sum` or `_count`',
        seen: histogram.metric,
        fix: `write \`${base}\``,
      },
    ];
  }
  if (histogram.matchers.some(({ label }) => label === 'le')) {
    const fix = 'remove the `le` matcher: every bucket is needed';
    return [{ path: where, expected: 'a histogram with all its buckets', fix }];
  }
  if (histogramMeasure(histogram.metric, kpi['histogram-unit']) !== null) return [];
  return [
    {
      path: [...path, 'histogram-unit'],
      expected: `the unit of ${histogram.metric}, which its name does not tell`,
      seen: 'no `histogram-unit`',
      fix: 'add `histogram-unit: s` (or `ms`, or `number`)',
    },
  ];
}

/** Null when the type, or what tells the unit, could not be read. */
function unitOf(kpi: KpiView): Unit | null {
  const { type, histogram, value } = kpi;
  if (type === 'ratio') return 'ratio';
  if (type === 'quantile' && histogram !== undefined) {
    return histogramMeasure(histogram.metric, kpi['histogram-unit'])?.unit ?? null;
  }
  if (type !== 'gauge' || value === undefined) return null;
  return gaugeMeasure(value.metric, kpi['divided-by'] !== undefined, kpi.unit).unit;
}

function spanFlaws(kpi: KpiView, tick: Milliseconds, path: Path): Flaw[] {
  const flaws: Flaw[] = [];
  if (kpi.window !== undefined && kpi.window < tick) {
    flaws.push(shorterThanTick([...path, 'window'], 'a window', kpi.window, tick));
  }
  if (kpi.for !== undefined && kpi.for > 0 && kpi.for < tick) {
    flaws.push({
      path: [...path, 'for'],
      expected: `\`0s\`, or at least one tick (${formatDuration(tick)})`,
      seen: formatDuration(kpi.for),
      fix: 'write `0s` to decide at once, or make it longer',
    });
  }
  return flaws;
}
