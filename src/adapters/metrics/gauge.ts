import type { Reading } from '../../core/analysis/sample.ts';
import type { ArmView, Instance } from './arms.ts';
import type { Series } from './series.ts';
import { seriesKey } from './series.ts';
import type { GaugeQuery } from './sources.ts';

/**
 * The largest value over an arm's instances and series. A divisor is the series of the same instance with
 * the same labels, or the only one that there is. NaN, infinities and a division by zero are no value.
 */
export function readGauge(query: GaugeQuery, view: ArmView): Reading {
  const values = view.instances.flatMap((instance) => valuesOf(query, instance));
  const usable = values.map((value) => value * query.scale).filter(Number.isFinite);
  if (usable.length > 0) {
    const value = usable.reduce((largest, one) => Math.max(largest, one));
    return { kind: 'data', observation: { type: 'value', value } };
  }
  const seen = values.length === 0 ? 'no series' : 'no finite value';
  return { kind: 'no-data', why: `${seen} for ${query.needs} at ${view.place}` };
}

function valuesOf(query: GaugeQuery, instance: Instance): readonly number[] {
  const { dividedBy } = query;
  const found = instance.gauges.filter(({ name, labels }) => query.value(name, labels));
  if (dividedBy === null) return found.map(({ value }) => value);
  const divisors = instance.gauges.filter(({ name, labels }) => dividedBy(name, labels));
  return found.flatMap((series) => {
    const divisor = divisorOf(series, divisors);
    return divisor === null ? [] : series.value / divisor.value;
  });
}

function divisorOf(series: Series, divisors: readonly Series[]): Series | null {
  const [first] = divisors;
  if (first !== undefined && divisors.length === 1) return first;
  const key = seriesKey('', series.labels);
  return divisors.find(({ labels }) => seriesKey('', labels) === key) ?? null;
}
