import { formatValue, isBeyond, type Limit } from '../analysis/kpi.ts';
import type { Ratio } from '../units.ts';

/** `420 requests/s`, `3.5 requests/s`. */
export function formatRate(rate: number): string {
  const digits = rate < 10 ? 2 : rate < 100 ? 1 : 0;
  return `${Number(rate.toFixed(digits)).toLocaleString('en-US')} requests/s`;
}

/** `P95`, `P99.9`. */
export function quantileName(quantile: Ratio): string {
  return `P${Number((quantile * 100).toFixed(3))}`;
}

export function limitWords({ comparator, value }: Limit, unit: 'ms' | 'ratio' | 'number'): string {
  const sign = { '<=': 'at most', '<': 'below', '>=': 'at least', '>': 'above' }[comparator];
  return `${sign} ${formatValue(value, unit)}`;
}

/** Whether a value is where its limit wants it: `<= 500` is met by 500. */
export function meets(value: number, limit: Limit): boolean {
  return isBeyond(value, limit);
}
