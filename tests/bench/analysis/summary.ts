import type { Decision } from './play.ts';
import type { Recorded } from './recorded.ts';

interface Row {
  readonly rollout: Pick<Recorded, 'family' | 'truth' | 'rps' | 'onsetTick' | 'tickSeconds'>;
  readonly decision: Decision;
  readonly harm: number;
}

/** Tables as score.py prints them, with 95 % Clopper-Pearson-like bounds on false alarms. */
export function summarise(rows: readonly Row[]): string {
  const cells = groupBy(rows, (row) => `${row.rollout.family} @ ${row.rollout.rps}`);
  const lines: string[] = [];
  for (const [name, cell] of cells) lines.push(`${name.padEnd(62)} ${describe(cell)}`);
  const benign = rows.filter((row) => row.rollout.truth === 'benign');
  if (benign.length > 0) lines.push(`false rollbacks: ${rate(benign)}`);
  const families = [...groupBy(benign, (row) => row.rollout.family)].sort(
    (a, b) => share(b[1]) - share(a[1]),
  );
  for (const [family, cell] of families.filter(([, cell]) => share(cell) > 0))
    lines.push(`  ${family}: ${rate(cell)}`);
  const harm = [...cells.values()].filter((cell) => cell[0]?.rollout.truth === 'regression').map(meanHarm);
  if (harm.length > 0) lines.push(`harm: ${Math.round(harm.reduce((sum, one) => sum + one, 0))}`);
  const proven = benign
    .filter((row) => /^A\/A plain/.test(row.rollout.family) && row.rollout.rps === 500)
    .flatMap((row) =>
      row.decision.nonInferiorTick === null ? [] : [(row.decision.nonInferiorTick + 1) * 10],
    );
  if (proven.length > 0) lines.push(`non-inferior at 500 rps, median: ${median(proven)} s`);
  return lines.join('\n');
}

function describe(cell: readonly Row[]): string {
  if (cell[0]?.rollout.truth === 'benign') return rate(cell);
  const seconds = cell.flatMap((row) => {
    const { tick } = row.decision;
    return tick === null || tick < row.rollout.onsetTick
      ? []
      : [(tick + 1 - row.rollout.onsetTick) * row.rollout.tickSeconds];
  });
  const found = ((100 * seconds.length) / cell.length).toFixed(0);
  return `found ${found} %, median ${median(seconds) ?? '-'} s, harm ${meanHarm(cell).toFixed(1)}`;
}

function rate(cell: readonly Row[]): string {
  const alarms = cell.filter((row) => row.decision.tick !== null);
  const why = [...new Set(alarms.map((row) => row.decision.stream ?? 'guardrail'))].join(', ');
  const bound = (100 * upperBound(alarms.length, cell.length)).toFixed(2);
  return `${alarms.length} of ${cell.length} (${(100 * share(cell)).toFixed(2)} %, at most ${bound} %) ${why}`;
}

function share(cell: readonly Row[]): number {
  return cell.filter((row) => row.decision.tick !== null).length / cell.length;
}

/** One-sided 97.5 % upper bound of a binomial share, by bisection. */
export function upperBound(hits: number, runs: number): number {
  let low = hits / runs;
  let high = 1;
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (atMost(hits, runs, middle) > 0.025) low = middle;
    else high = middle;
  }
  return high;
}

function atMost(hits: number, runs: number, chance: number): number {
  if (chance >= 1) return hits >= runs ? 1 : 0;
  let log = runs * Math.log1p(-chance);
  let sum = 0;
  for (let k = 0; k <= hits; k++) {
    sum += Math.exp(log);
    log += Math.log(((runs - k) / (k + 1)) * (chance / (1 - chance)));
  }
  return sum;
}

function meanHarm(cell: readonly Row[]): number {
  return cell.reduce((sum, row) => sum + row.harm, 0) / cell.length;
}

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function groupBy(rows: readonly Row[], key: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}
