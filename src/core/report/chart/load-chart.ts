import type { LoadTestResult } from '../../load/load-test-result.ts';
import { formatRate } from '../../load/load-words.ts';
import { type LoadLines, loadWords } from '../load-lines.ts';
import { html, type Markup } from '../markup.ts';
import { drawEndLabels, type EndLabel } from './end-labels.ts';
import { drawTimeAxis, drawValueAxis, type Frame, frameOf, type Size, textWidth } from './frame.ts';
import { drawStairs } from './lines.ts';
import { pixel, valueTicks } from './scale.ts';

/** The load over time: what was borne, what was due, what had to be held, and the stretch in which it was. */
export function loadChart(result: LoadTestResult, lines: LoadLines, size: Size): Markup {
  const ticks = valueTicks(0, lines.most * 1.08, size.name === 'narrow' ? 4 : 5);
  const shown = (value: number): string => value.toLocaleString('en-US');
  const left = Math.max(46, ...ticks.map((tick) => textWidth(shown(tick)) + 14));
  const extent = { from: 0, to: lines.end, low: 0, high: lines.most * 1.08 };
  const frame = frameOf(size, extent, { left, top: 26 });
  const name = `load-${size.name}`;
  return html`<svg class="chart ${size.name}" data-chart="load" data-left="${frame.left}" data-right="${frame.right}" data-top="${frame.top}" data-bottom="${frame.bottom}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">Load over time</title>
<desc id="${name}-desc">${loadWords(result)}</desc>
${drawHold(frame, result)}
${drawValueAxis(frame, ticks, shown)}
${drawRequired(frame, lines)}
${line(frame, { points: lines.offered, end: lines.end, name: 'asked' })}
${line(frame, { points: lines.failed, end: lines.end, name: 'alert' })}
${line(frame, { points: lines.borne, end: lines.end, name: 'read' })}
${drawTimeAxis(frame)}
${drawEndLabels(labels(frame, lines), frame.right, frame.top, frame.bottom)}
</svg>`;
}

function line(
  frame: Frame,
  { points, end, name }: { points: LoadLines['borne']; end: number; name: string },
): Markup {
  const last = points.at(-1);
  if (last === undefined) return html``;
  const stairs = drawStairs([...points, { at: end, value: last.value }], frame.x, frame.y);
  return html`<path class="line ${name}" d="${stairs}"/>`;
}

/** The stretch that counts, shaded and named. */
function drawHold(frame: Frame, { hold }: LoadTestResult): Markup {
  if (hold === null) return html``;
  const from = pixel(frame.x, hold.atMs);
  const to = pixel(frame.x, hold.atMs + hold.spanMs);
  const label = `held for ${Math.round(hold.spanMs / 1_000)} s`;
  const words =
    textWidth(label) > to - from
      ? html``
      : html`<text class="band-label" x="${(from + to) / 2}" y="${frame.top - 8}" text-anchor="middle">${label}</text>`;
  return html`<rect class="band" x="${from}" y="${frame.top}" width="${to - from}" height="${frame.bottom - frame.top}"/>${words}`;
}

function drawRequired({ y, left, right }: Frame, { required }: LoadLines): Markup {
  if (required === null) return html``;
  const place = pixel(y, required);
  return html`<line class="line target" x1="${left}" x2="${right}" y1="${place}" y2="${place}"/>`;
}

function labels(frame: Frame, { borne, offered, failed, required }: LoadLines): EndLabel[] {
  const at = (points: LoadLines['borne']): number => pixel(frame.y, points.at(-1)?.value ?? 0);
  const isWide = frame.size.name === 'wide';
  const must = isWide ? `needed ${formatRate(required ?? 0).replace(' requests', '')}` : 'needed';
  return [
    { text: 'borne', line: 'read', y: at(borne) },
    ...(offered.length === 0 ? [] : [{ text: 'due', line: 'asked', y: at(offered) }]),
    ...(failed.length === 0 ? [] : [{ text: 'failed', line: 'alert', y: at(failed) }]),
    ...(required === null ? [] : [{ text: must, line: 'target', y: pixel(frame.y, required) }]),
  ];
}
