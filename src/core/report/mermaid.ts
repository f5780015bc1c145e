import type { Kpi } from '../analysis/kpi.ts';
import { prettyLimit } from './limit-words.ts';
import type { Markdown } from './markdown.ts';
import { codeSpan, md } from './markdown.ts';
import { clip, oneLine } from './plain-text.ts';
import type { Series } from './series.ts';
import type { Point } from './thin-out.ts';

const BINS = 40;
const CANARY = '#0969da';
const STABLE = '#8c959f';
const ALERT = '#cf222e';

/**
 * One KPI as a mermaid chart with its legend in words. Null when a chart could not be true: mermaid
 * draws no gaps, so a line with a silence in it is not drawn.
 */
export function mermaidChart(kpi: Kpi, series: Series): Markdown | null {
  const line = series.kpis[kpi.id];
  const [from, to] = [line?.canary.at(0)?.at, line?.canary.at(-1)?.at];
  if (line === undefined || from === undefined || to === undefined || to <= from) return null;
  const scale = kpi.unit === 'ratio' ? 100 : 1;
  const isFloor = kpi.alert.comparator.startsWith('<');
  const span = { from, to, scale, isFloor };
  const canary = binned(line.canary, span);
  if (canary === null) return null;
  const stable = kpi.scope === 'shared' ? null : binned(line.stable, span);
  const limit = kpi.alert.value * scale;
  const lines = [canary, ...(stable === null ? [] : [stable]), canary.map(() => limit)];
  const palette = [CANARY, ...(stable === null ? [] : [STABLE]), ALERT].join(', ');
  const bottom = isFloor ? Math.min(...lines.flat()) * 0.98 : 0;
  const top = Math.max(...lines.flat()) * (isFloor ? 1 : 1.1) || 1;
  const minutes = round((to - from) / 60_000);
  const source = [
    '```mermaid',
    '---',
    'config:',
    '  themeVariables:',
    '    xyChart:',
    `      plotColorPalette: "${palette}"`,
    '---',
    'xychart-beta',
    `  title "${plainTitle(kpi.title)}"`,
    `  x-axis "minutes watched" 0 --> ${minutes}`,
    `  y-axis "${unitWords(kpi)}" ${round(bottom)} --> ${round(top)}`,
    ...lines.map((values) => `  line [${values.map(round).join(', ')}]`),
    '```',
  ];
  return { markdown: `${source.join('\n')}\n\n${legend(kpi, stable !== null).markdown}` };
}

function legend(kpi: Kpi, hasStable: boolean): Markdown {
  const alert = prettyLimit(kpi.alert, kpi.unit);
  const stable: Markdown = hasStable ? md`grey: ${codeSpan('stable')}; ` : md``;
  return md`Blue: ${codeSpan('canary')}; ${stable}red: the alert limit, ${alert}.`;
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  /** Small values are the bad ones. */
  readonly isFloor: boolean;
}

/** The worst value of each bin, or the bin's before; null when the line has a silence in it. */
function binned(points: readonly Point[], { from, to, scale, isFloor }: Span): number[] | null {
  const count = Math.min(BINS, Math.max(2, points.length));
  const bins: (number | null)[] = Array.from({ length: count }, () => null);
  for (const { at, value } of points) {
    if (value === null) return null;
    const index = Math.min(count - 1, Math.floor(((at - from) / (to - from)) * count));
    const worst = bins[index] ?? value;
    bins[index] = isFloor ? Math.min(worst, value) : Math.max(worst, value);
  }
  let last: number | null = null;
  const filled = bins.map((value) => {
    last = value ?? last;
    return last === null ? null : last * scale;
  });
  return filled.every((value) => value !== null) ? filled : null;
}

/** Mermaid reads quotes, braces and percent signs as commands; letters, digits and a little more are enough. */
function plainTitle(title: string): string {
  return clip(oneLine(title.replace(/[^\p{L}\p{N} .,:/+-]/gu, ' ')), 60);
}

function unitWords(kpi: Kpi): string {
  return { ms: 'ms', ratio: 'percent', count: 'count', number: 'value' }[kpi.unit];
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
