import type { Unit } from '../core/analysis/kpi.ts';

/** What a KPI is told in, and what turns its series' own unit into that. */
export interface Measure {
  readonly unit: Unit;
  readonly scale: number;
}

const HISTOGRAM_UNITS: Readonly<Record<string, Measure>> = {
  s: { unit: 'ms', scale: 1_000 },
  ms: { unit: 'ms', scale: 1 },
  number: { unit: 'number', scale: 1 },
};

const GAUGE_UNITS: Readonly<Record<string, Measure>> = {
  ...HISTOGRAM_UNITS,
  ratio: { unit: 'ratio', scale: 1 },
  percent: { unit: 'ratio', scale: 0.01 },
};

const SUFFIXES: readonly (readonly [string, string])[] = [
  ['_milliseconds', 'ms'],
  ['_ms', 'ms'],
  ['_seconds', 's'],
  ['_ratio', 'ratio'],
  ['_percent', 'percent'],
];

function unitOfName(metric: string): string {
  return SUFFIXES.find(([suffix]) => metric.endsWith(suffix))?.[1] ?? '';
}

/** Null when neither the config nor the name tells the unit of its buckets. */
export function histogramMeasure(metric: string, written: string | undefined): Measure | null {
  return HISTOGRAM_UNITS[written ?? unitOfName(metric)] ?? null;
}

export function gaugeMeasure(metric: string, divided: boolean, written: string | undefined): Measure {
  const told = written ?? (divided ? 'ratio' : unitOfName(metric));
  return GAUGE_UNITS[told] ?? { unit: 'number', scale: 1 };
}
