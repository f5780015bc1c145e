import { formatValue } from '../analysis/kpi.ts';
import type { LoadTestResult, ShownGenerator } from '../load/load-test-result.ts';
import { formatRate, quantileName } from '../load/load-words.ts';
import { formatDuration } from '../units.ts';
import { loadLines } from './load-lines.ts';
import { codeSpan, type Markdown, md, table } from './markdown.ts';
import { formatCount } from './words.ts';

const [BORNE, OFFERED, REQUIRED] = ['#0969da', '#8c959f', '#cf222e'];
/** More values than this are more than a chart in a summary can show. */
const MOST = 60;

/** What the job summary of a load test shows under its findings: the load over time, the latency curve, the generators. */
export function loadSections(result: LoadTestResult): Markdown[] {
  return [loadSection(result), curveSection(result), generatorsSection(result)].flatMap((one) =>
    one === null ? [] : [one],
  );
}

function loadSection(result: LoadTestResult): Markdown | null {
  const lines = loadLines(result);
  if (lines === null) return null;
  const { borne, offered, required, end, most } = lines;
  const size = Math.ceil(borne.length / MOST);
  const drawn = [
    { values: thin(borne, size), colour: BORNE, name: 'blue: requests that were answered and not failed' },
    ...(offered.length === 0
      ? []
      : [{ values: thin(offered, size), colour: OFFERED, name: 'grey: requests that were due' }]),
    ...(required === null
      ? []
      : [
          {
            values: thin(borne, size).map(() => required),
            colour: REQUIRED,
            name: `red: what must be held, ${formatRate(required)}`,
          },
        ]),
  ];
  const chart = xyChart({
    title: 'Load over time',
    colours: drawn.map(({ colour }) => colour ?? ''),
    xAxis: `"seconds" 0 --> ${number(end / 1_000)}`,
    yAxis: `"requests per second" 0 --> ${number(most * 1.1)}`,
    lines: drawn.map(({ values }) => values),
  });
  const legend = md`Load over time. ${capital(drawn.map(({ name }) => name).join('; '))}.`;
  return { markdown: `${chart}\n\n${legend.markdown}` };
}

/** The lowest of neighbours, so that no dip is hidden. */
function thin(points: readonly { readonly value: number | null }[], size: number): number[] {
  const values = points.map(({ value }) => value ?? 0);
  return values.flatMap((_, index) =>
    index % size === 0 ? [Math.min(...values.slice(index, index + size))] : [],
  );
}

function curveSection({ curve }: LoadTestResult): Markdown | null {
  if (curve.length < 2) return null;
  const names = curve.map(({ quantile }) => (quantile === 1 ? 'max' : quantileName(quantile)));
  const most = Math.max(...curve.map(({ ms }) => ms), 1);
  const chart = xyChart({
    title: 'Latency by percentile',
    colours: [BORNE ?? ''],
    xAxis: `[${names.map((name) => `"${name}"`).join(', ')}]`,
    yAxis: `"ms" 0 --> ${number(most * 1.1)}`,
    lines: [curve.map(({ ms }) => ms)],
  });
  const words = curve.map(({ ms }, index) => `${names[index]} ${formatValue(ms, 'ms')}`).join(', ');
  return { markdown: `${chart}\n\n${md`Latency by percentile: ${words}.`.markdown}` };
}

interface XyChart {
  readonly title: string;
  readonly colours: readonly string[];
  readonly xAxis: string;
  readonly yAxis: string;
  readonly lines: readonly (readonly number[])[];
}

function xyChart({ title, colours, xAxis, yAxis, lines }: XyChart): string {
  return [
    '```mermaid',
    '---',
    'config:',
    '  themeVariables:',
    '    xyChart:',
    `      plotColorPalette: "${colours.join(', ')}"`,
    '---',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis ${xAxis}`,
    `  y-axis ${yAxis}`,
    ...lines.map((values) => `  line [${values.map(number).join(', ')}]`),
    '```',
  ].join('\n');
}

const GENERATOR_COLUMNS = [
  { title: 'Generator' },
  { title: 'Report' },
  { title: 'Lasted', align: 'right' },
  { title: 'Requests', align: 'right' },
  { title: 'Failed', align: 'right' },
  { title: 'Rate', align: 'right' },
  { title: 'Due', align: 'right' },
  { title: 'Not sent', align: 'right' },
  { title: 'P95', align: 'right' },
] as const;

function generatorsSection({ generators }: LoadTestResult): Markdown | null {
  if (generators.length === 0) return null;
  return table(
    GENERATOR_COLUMNS,
    generators.slice(0, 50).map((one) => [one.tool, codeSpan(one.source), ...generatorCells(one)]),
  );
}

/** How long, how many, how many failed, at what rate, what was due, what was not sent, and the P95; in words. */
export function generatorCells(one: ShownGenerator): string[] {
  return [
    formatDuration(one.durationMs),
    formatCount(one.requests),
    formatCount(one.failed),
    formatRate(one.rate),
    one.offeredRate === null ? '–' : formatRate(one.offeredRate),
    one.dropped === null ? '–' : formatCount(one.dropped),
    one.p95Ms === null ? '–' : formatValue(one.p95Ms, 'ms'),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function number(value: number): number {
  return Number(value.toFixed(2));
}
