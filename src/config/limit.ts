import type { Comparator, Limit, Unit } from '../core/analysis/kpi.ts';

/** The units a limit may be written in; empty for a plain number. */
export const LIMIT_UNITS = ['%', 'ms', 's', 'm', 'h', ''] as const;
export type LimitUnit = (typeof LIMIT_UNITS)[number];

/** A limit as the config writes it: `<= 500 ms`, `> 2 %`, `≥ 98%`. */
export interface WrittenLimit {
  readonly comparator: Comparator;
  readonly amount: number;
  readonly unit: LimitUnit;
}

export const LIMIT_PATTERN = /^\s*(<=|>=|<|>|≤|≥)\s*(-?\d+(?:\.\d+)?)\s*(%|ms|s|m|h)?\s*$/;

const COMPARATORS: Readonly<Record<string, Comparator>> = {
  '<=': '<=',
  '≤': '<=',
  '<': '<',
  '>=': '>=',
  '≥': '>=',
  '>': '>',
};

/** Reads a limit; null when it is not written as one. */
export function readLimit(text: string): WrittenLimit | null {
  const match = LIMIT_PATTERN.exec(text);
  const comparator = COMPARATORS[match?.[1] ?? ''];
  if (match === null || comparator === undefined) return null;
  const unit = LIMIT_UNITS.find((known) => known === (match[3] ?? ''));
  return { comparator, amount: Number(match[2]), unit: unit ?? '' };
}

const TIME_UNITS: Readonly<Partial<Record<LimitUnit, number>>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The limit in the KPI's own unit; null when it was written in a unit of another kind. */
export function toLimit(written: WrittenLimit, unit: Unit): Limit | null {
  const value = amountIn(written, unit);
  return value === null ? null : { comparator: written.comparator, value };
}

function amountIn(written: WrittenLimit, unit: Unit): number | null {
  if (unit === 'ratio') return written.unit === '%' ? Number((written.amount / 100).toPrecision(15)) : null;
  if (unit === 'ms') {
    const scale = TIME_UNITS[written.unit];
    return scale === undefined ? null : written.amount * scale;
  }
  return written.unit === '' ? written.amount : null;
}

/** True for `>` and `>=`. */
export function pointsUp(limit: { readonly comparator: Comparator }): boolean {
  return limit.comparator === '>' || limit.comparator === '>=';
}

export function writeLimit(limit: WrittenLimit): string {
  return `${limit.comparator} ${limit.amount}${limit.unit === '' ? '' : ` ${limit.unit}`}`;
}

/** The limit that was probably meant, written in a unit that fits. */
export function inUnit(written: WrittenLimit, unit: Unit): string {
  if (unit === 'ratio') {
    const amount = written.unit === '' && written.amount <= 1 ? written.amount * 100 : written.amount;
    return writeLimit({ ...written, amount: Number(amount.toPrecision(12)), unit: '%' });
  }
  if (unit !== 'ms') return writeLimit({ ...written, unit: '' });
  return writeLimit({ ...written, unit: written.amount < 20 ? 's' : 'ms' });
}

const FLIPPED: Readonly<Record<Comparator, Comparator>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

export function flipped(written: WrittenLimit): WrittenLimit {
  return { ...written, comparator: FLIPPED[written.comparator] };
}
