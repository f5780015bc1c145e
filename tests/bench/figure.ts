/** One measured figure, what it should be, and what stands beside it. */
export interface Figure {
  readonly what: string;
  readonly ours: string;
  /** What it should be; null for a figure that is only to be known. */
  readonly target: string | null;
  readonly met: boolean | null;
  /** The same thing elsewhere, each with where it comes from. */
  readonly beside: readonly string[];
}

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<readonly Figure[]>;
}

export function skipped(what: string, needs: string): Figure {
  return { what, ours: `skipped: needs ${needs}`, target: null, met: null, beside: [] };
}

export function renderFigure({ what, ours, target, met, beside }: Figure): string {
  const line = `  ${what.padEnd(50)} ${ours.padEnd(46)} ${target === null ? '' : `target ${target}`}`;
  const more = beside.map((text) => `  ${' '.repeat(50)} | ${text}`);
  return [`${line.trimEnd()}${markOf(met, '   ')}`, ...more].join('\n');
}

export function renderRow({ what, ours, target, met, beside }: Figure): string {
  const cells = [what, `**${ours}**`, target ?? '', markOf(met, ''), beside.join('<br>')];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function markOf(met: boolean | null, before: string): string {
  if (met === null) return '';
  return `${before}${met ? 'met' : 'NOT MET'}`;
}

/** Of an odd number of values the middle one, else the lower of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** `12 / 14 / 31 ms`: smallest, median, largest. */
export function spread(values: readonly number[], unit: string, digits = 0): string {
  const text = [Math.min(...values), median(values), Math.max(...values)].map((one) => one.toFixed(digits));
  return `${text.join(' / ')} ${unit}`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
