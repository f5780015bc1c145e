import { describe, expect, it } from 'vitest';
import {
  allowedShare,
  formatCount,
  formatLimit,
  formatValue,
  isShareBeyond,
  misfit,
  samplesToPass,
} from '../../../src/core/analysis/kpi.ts';
import { bookingErrors, bookingSuccess, connections, errorRate, latency, whenSilent } from './scenario.ts';

describe('what a KPI allows', () => {
  it('reads every limit as a share of bad events', () => {
    expect(allowedShare(errorRate())).toBe(0.02);
    expect(allowedShare(bookingSuccess())).toBe(0.05);
    expect(allowedShare(latency())).toBe(0.05);
  });

  it('takes five bad of a hundred as exactly 5 %, which a limit with "or equal" catches and one without does not', () => {
    const orEqual = latency({ alert: { comparator: '>=', value: 800 } });
    const goodOrEqual = bookingSuccess({ alert: { comparator: '<=', value: 0.95 } });
    expect(isShareBeyond(5, 100, latency())).toBe(false);
    expect(isShareBeyond(5, 100, orEqual)).toBe(true);
    expect(isShareBeyond(5, 100, bookingSuccess())).toBe(false);
    expect(isShareBeyond(5, 100, goodOrEqual)).toBe(true);
    expect(isShareBeyond(6, 100, bookingSuccess())).toBe(true);
  });

  it('says why a limit cannot be judged as it is written', () => {
    expect(misfit(errorRate())).toBeNull();
    expect(misfit(errorRate({ alert: { comparator: '<', value: 0.02 } }))).toContain('written with >');
    expect(misfit(bookingSuccess({ alert: { comparator: '>', value: 0.95 } }))).toContain('written with <');
    expect(misfit(errorRate({ alert: { comparator: '>', value: 2 } }))).toContain('between 0 and 1');
    expect(misfit(latency({ quantile: 95 }))).toContain('quantile');
    expect(misfit(connections({ alert: { comparator: '>', value: Number.NaN } }))).toContain('number');
  });

  it('asks for two readings of a gauge, for one sign of life of a shared KPI, for nothing of an optional one', () => {
    expect(samplesToPass(errorRate())).toBe(50);
    expect(samplesToPass(errorRate({ minSamples: 0 }))).toBe(1);
    expect(samplesToPass(connections())).toBe(2);
    expect(samplesToPass(connections({ scope: 'shared' }))).toBe(1);
    expect(samplesToPass(bookingErrors({ minSamples: 20 }))).toBe(20);
    expect(samplesToPass(errorRate({ noData: whenSilent('pass-with-warning') }))).toBe(0);
  });
});

describe('how values are written', () => {
  it.each([
    [0.0241, 'ratio', '2.41 %'],
    [0.02, 'ratio', '2 %'],
    [1, 'ratio', '100 %'],
    [812.4, 'ms', '812 ms'],
    [1_234, 'ms', '1,234 ms'],
    [3.21, 'ms', '3.2 ms'],
    [180_000, 'ms', '180 s'],
    [3, 'count', '3'],
    [1_234_567.891, 'number', '1,234,567.89'],
    [-1_234.5, 'number', '-1,234.5'],
    [-0.001, 'number', '0'],
    [999.999, 'number', '1,000'],
    [Number.NaN, 'ms', 'no value'],
  ] as const)('%d as %s is %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it('groups large counts', () => {
    expect(formatCount(7_210)).toBe('7,210');
    expect(formatCount(999)).toBe('999');
    expect(formatCount(1e12)).toBe('1,000,000,000,000');
    expect(formatLimit({ comparator: '<', value: 0.95 }, 'ratio')).toBe('< 95 %');
  });
});
