import type { Unit } from '../core/analysis/kpi.ts';
import { flipped, inUnit, pointsUp, toLimit, type WrittenLimit, writeLimit } from './limit.ts';
import type { Flaw, Path } from './telling.ts';
import type { KpiView } from './view.ts';

const UNIT_WORDS: Readonly<Record<Unit, string>> = {
  ratio: 'a percentage',
  ms: 'a time in ms, s or m',
  count: 'a plain number',
  number: 'a plain number',
};

const EXAMPLES: Readonly<Record<Unit, string>> = {
  ratio: '> 2 %',
  ms: '> 800 ms',
  count: '> 0',
  number: '> 100',
};

/** Everything that can be wrong with where a KPI should be and where it must not be. */
export function limitFlaws(kpi: KpiView, unit: Unit | null, path: Path): Flaw[] {
  const { target, alert } = kpi;
  if (kpi.type === 'never') return neverFlaws(alert, path);
  const flaws = [
    ...unitFlaws(kpi, target, unit, [...path, 'target']),
    ...unitFlaws(kpi, alert, unit, [...path, 'alert']),
  ];
  if (flaws.length > 0 || alert === undefined) return flaws;
  const side = alertSideFlaws(kpi, alert, [...path, 'alert']);
  if (side.length > 0 || target === undefined) return side;
  return targetFlaws(target, alert, unit, path);
}

function neverFlaws(alert: WrittenLimit | undefined, path: Path): Flaw[] {
  if (alert === undefined || writeLimit(alert) === '> 0') return [];
  return [
    {
      path: [...path, 'alert'],
      expected: "'> 0': not one event of a `never` KPI may happen",
      fix: 'leave `alert` out, or use `type: ratio` to allow some',
    },
  ];
}

function unitFlaws(kpi: KpiView, limit: WrittenLimit | undefined, unit: Unit | null, path: Path): Flaw[] {
  if (limit === undefined || unit === null) return [];
  const value = toLimit(limit, unit)?.value;
  if (value === undefined) return [wrongUnit(kpi, limit, unit, path)];
  if (kpi.type === 'ratio' && (value < 0 || value > 1)) {
    return [{ path, expected: 'a share from 0 % to 100 %', fix: 'write the share of all events' }];
  }
  return [];
}

function wrongUnit(kpi: KpiView, limit: WrittenLimit, unit: Unit, path: Path): Flaw {
  const kind = kpi.type === 'ratio' ? 'a ratio' : `this ${kpi.type ?? 'KPI'}`;
  return { path, expected: `${UNIT_WORDS[unit]} for ${kind}`, fix: unitFix(kpi, limit, unit) };
}

function unitFix(kpi: KpiView, limit: WrittenLimit, unit: Unit): string {
  if (limit.unit === '') return `write '${inUnit(limit, unit)}'`;
  if (kpi.type === 'gauge' && limit.unit === '%') return 'add `unit: percent` (or `ratio`), or `divided-by`';
  return `write it like '${EXAMPLES[unit]}'`;
}

/** `bad` and latencies are worse when higher, `good` when lower; a gauge can be either. */
function alertSideFlaws(kpi: KpiView, alert: WrittenLimit, path: Path): Flaw[] {
  const up = pointsUp(alert);
  const fix = `write '${writeLimit(flipped(alert))}'`;
  if (kpi.type === 'quantile' && !up) {
    return [{ path, expected: 'an alert with `>`: a quantile is worse when it is higher', fix }];
  }
  if (kpi.type !== 'ratio' || (kpi.bad === undefined) === (kpi.good === undefined)) return [];
  if (kpi.bad !== undefined && !up) {
    const expected = 'an alert with `>`: the limits speak of the `bad` share';
    return [{ path, expected, fix: `${fix}, or count \`good\` events` }];
  }
  if (kpi.good !== undefined && up) {
    const expected = 'an alert with `<`: the limits speak of the `good` share';
    return [{ path, expected, fix: `${fix}, or count \`bad\` events` }];
  }
  return neverReached(alert, path);
}

function neverReached(alert: WrittenLimit, path: Path): Flaw[] {
  const impossible = writeLimit(alert) === '> 100 %' || writeLimit(alert) === '< 0 %';
  if (!impossible) return [];
  return [{ path, expected: 'an alert that a share can reach', fix: 'choose a limit that can be crossed' }];
}

function targetFlaws(target: WrittenLimit, alert: WrittenLimit, unit: Unit | null, path: Path): Flaw[] {
  const where = [...path, 'target'];
  if (pointsUp(target) === pointsUp(alert)) {
    const expected = `a target on the other side than the alert ('${writeLimit(alert)}')`;
    return [{ path: where, expected, fix: `write '${writeLimit(flipped(target))}'` }];
  }
  const aim = unit === null ? undefined : toLimit(target, unit)?.value;
  const end = unit === null ? undefined : toLimit(alert, unit)?.value;
  if (aim === undefined || end === undefined) return [];
  if (pointsUp(alert) ? end >= aim : end <= aim) return [];
  return [
    {
      path: [...path, 'alert'],
      expected: `an alert beyond the target ('${writeLimit(target)}')`,
      fix: 'a KPI on target must not raise the alert: swap the two, or move one',
    },
  ];
}
