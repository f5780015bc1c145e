import { oddsAgainst } from '../../core/analysis/comparison/odds.ts';
import type { FindingStatus } from '../../core/checks/finding.ts';
import { oneLine } from '../../core/report/plain-text.ts';
import type { StepStatus } from '../../core/report/step-rows.ts';
import {
  formatClock,
  formatPercent,
  formatServed,
  STATUS_WORDS,
  shortVersion,
} from '../../core/report/words.ts';
import { formatDuration, type Milliseconds, type Ratio } from '../../core/units.ts';
import type { KpiLine } from './kpi-lines.ts';
import type { ViewModel } from './model.ts';
import { type Line, noPaint, type Paint, renderLine, type Span, type Style, span } from './spans.ts';
import { displayWidth, padded } from './width.ts';

/** The view as lines of text, none wider than `columns`; without a paint, free of terminal commands. */
export function renderFrame(model: ViewModel, columns: number, paint: Paint = noPaint): string[] {
  const blocks = [
    headerLines(model, columns),
    progressLines(model, columns),
    kpiTable(model.kpis, columns),
    eventLines(model),
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => [...block, []]);
  return lines.slice(0, -1).map((line) => renderLine(line, columns, paint));
}

function headerLines(model: ViewModel, columns: number): Line[] {
  const where = [model.service, model.environment]
    .map(oneLine)
    .filter((part) => part !== '')
    .join(' in ');
  const clock = formatClock(elapsed(model));
  const name = ` ${where === '' ? 'deploy-canary' : where}`;
  const room = Math.max(0, columns - displayWidth(clock) - 2);
  const head: Line = [span(padded(name, room), 'bold'), span(`  ${clock}`, 'dim')];
  if (model.canary === null) return [head];
  const against = model.stable === null ? '' : ` against ${shortVersion(model.stable)}`;
  return [
    head,
    [span(` ${shortVersion(model.canary)}`, 'accent'), span(against), span(`  ${model.phase ?? ''}`, 'dim')],
  ];
}

function elapsed({ startedAt, now }: ViewModel): Milliseconds {
  return startedAt === null || now === null ? 0 : now - startedAt;
}

const STEP_LOOK: Readonly<Record<StepStatus, { readonly mark: string; readonly style: Style }>> = {
  passed: { mark: '✓', style: 'good' },
  running: { mark: '●', style: 'accent' },
  stopped: { mark: '✗', style: 'bad' },
  'not reached': { mark: '○', style: 'dim' },
};

function progressLines(model: ViewModel, columns: number): Line[] {
  const lines: Line[] = [];
  if (model.steps.length > 0) lines.push(stepBar(model));
  if (model.asked !== null) lines.push(weightLine(model));
  if (model.bake !== null) lines.push(bakeLine(model.bake, columns));
  if (model.evidence !== null) lines.push(evidenceLine(model.evidence, columns));
  if (model.trouble !== '') lines.push([span(' ! ', 'warn'), span(model.trouble, 'warn')]);
  return lines;
}

function stepBar({ steps }: ViewModel): Line {
  return steps.flatMap(({ weight, status }, index): Span[] => {
    const { mark, style } = STEP_LOOK[status];
    const joint = span(index === 0 ? ' ' : ' › ', 'dim');
    return [joint, span(`${mark} ${formatPercent(weight)}`, style)];
  });
}

function weightLine({ asked, read }: ViewModel): Line {
  const wanted = formatPercent(asked ?? 0);
  if (read === null) return [span(' Weight  ', 'dim'), span(`asked for ${wanted}, not yet read`)];
  if (read === asked) return [span(' Weight  ', 'dim'), span(`${formatPercent(read)}, as asked`)];
  return [span(' Weight  ', 'dim'), span(`${formatPercent(read)}, asked for ${wanted}`, 'warn')];
}

function bakeLine({ served, planned }: NonNullable<ViewModel['bake']>, columns: number): Line {
  const left = Math.max(0, planned - served);
  const words = `${formatServed(served, planned)}${left === 0 ? ', served in full' : `, ${formatDuration(left)} left`}`;
  const share = planned === 0 ? 1 : Math.min(1, served / planned);
  return meter(' Baked   ', { share, style: 'accent', words }, columns);
}

/** Full where the rollout is aborted, in powers of ten. */
function evidenceLine({ log, threshold }: NonNullable<ViewModel['evidence']>, columns: number): Line {
  const share = Math.min(1, Math.max(0, log / threshold));
  const style = share === 1 ? 'bad' : share > 0.5 ? 'warn' : 'accent';
  const words = `${oddsAgainst(log)} that it is worse, aborts at ${oddsAgainst(threshold)}`;
  return meter(' Odds    ', { share, style, words }, columns);
}

interface Meter {
  readonly share: Ratio;
  readonly style: Style;
  readonly words: string;
}

/** A bar with words beside it, or the words alone where there is little room. */
function meter(name: string, { share, style, words }: Meter, columns: number): Line {
  const room = Math.min(40, columns - displayWidth(words) - 12);
  if (room < 8) return [span(name, 'dim'), span(words)];
  const full = Math.round(room * share);
  const bar = [span('█'.repeat(full), style), span('░'.repeat(room - full), 'dim')];
  return [span(name, 'dim'), ...bar, span(`  ${words}`)];
}

const STATUS_STYLES: Readonly<Record<FindingStatus, Style>> = {
  pass: 'good',
  fail: 'bad',
  warn: 'warn',
  'no-data': 'warn',
  error: 'bad',
  skipped: 'dim',
  waived: 'dim',
};

/** Widths of the columns; 0 leaves a column out. */
interface Widths {
  readonly title: number;
  readonly canary: number;
  readonly stable: number;
  readonly limit: number;
  readonly spark: number;
}

const HEADS: Readonly<Record<'values' | 'words', KpiLine>> = {
  values: { title: 'KPI', canary: 'canary', stable: 'stable', limit: 'alert', status: 'skipped', spark: '' },
  words: { title: 'Check', canary: 'seen', stable: '', limit: 'expected', status: 'skipped', spark: '' },
};

/** Values stand right under each other; words, which is all that there is without a config, begin left. */
function kpiTable(kpis: readonly KpiLine[], columns: number): Line[] {
  if (kpis.length === 0) return [];
  const kind = kpis.some((kpi) => kpi.stable !== '') ? 'values' : 'words';
  const widths = widthsFor(kpis, columns);
  const heading = cells(HEADS[kind], widths, kind).map((cell) => span(cell, 'dim'));
  return [[span('   '), ...heading], ...kpis.map((kpi) => kpiRow(kpi, widths, kind))];
}

function kpiRow(kpi: KpiLine, widths: Widths, kind: keyof typeof HEADS): Line {
  const style = STATUS_STYLES[kpi.status];
  const [title = '', canary = '', ...rest] = cells(kpi, widths, kind);
  const line = widths.spark === 0 ? '' : kpi.spark.slice(-widths.spark);
  return [
    span(` ${STATUS_WORDS[kpi.status].mark} `, style),
    span(title),
    span(canary, style === 'good' ? 'bold' : style),
    ...rest.map((cell) => span(cell, 'dim')),
    span(line, style === 'good' ? 'accent' : style),
  ];
}

function cells(kpi: KpiLine, widths: Widths, kind: keyof typeof HEADS): string[] {
  const side = kind === 'values' ? 'right' : 'left';
  return [
    padded(kpi.title, widths.title),
    `  ${padded(kpi.canary, widths.canary, side)}`,
    widths.stable === 0 ? '' : `  ${padded(kpi.stable, widths.stable, side)}`,
    widths.limit === 0 ? '' : `  ${padded(kpi.limit, widths.limit)}  `,
  ];
}

/** Gives each column what it needs, as far as there is room: first values, then limits, then the line. */
function widthsFor(kpis: readonly KpiLine[], columns: number): Widths {
  const longest = (of: (kpi: KpiLine) => string, least: number, most: number): number =>
    Math.min(most, Math.max(least, ...kpis.map((kpi) => displayWidth(of(kpi)))));
  let left = Math.max(0, columns - 3);
  const take = (width: number, gap: number): number => {
    if (width === 0 || width + gap > left) return 0;
    left -= width + gap;
    return width;
  };
  const title = take(
    Math.min(
      longest((kpi) => kpi.title, 3, 28),
      Math.floor(columns * 0.4),
    ),
    0,
  );
  const canary = take(
    longest((kpi) => kpi.canary, 6, 30),
    2,
  );
  const hasStable = kpis.some((kpi) => kpi.stable !== '');
  const stable = hasStable
    ? take(
        longest((kpi) => kpi.stable, 6, 12),
        2,
      )
    : 0;
  const limit = take(
    longest((kpi) => kpi.limit, 5, 24),
    4,
  );
  return { title, canary, stable, limit, spark: limit === 0 || left < 8 ? 0 : Math.min(left - 1, 48) };
}

function eventLines(model: ViewModel): Line[] {
  const start = model.startedAt ?? model.events[0]?.at ?? 0;
  return model.events.map((event) => [
    span(` ${formatClock(event.at - start).padStart(7)}  `, 'dim'),
    span(event.text, event.tone),
  ]);
}
