import { html, type Markup } from '../markup.ts';
import { spread } from './spread.ts';

/** A line's name, beside the height where the line ends. */
export interface EndLabel {
  readonly text: string;
  /** Class of the line: its colour and its dashes. */
  readonly line: string;
  readonly y: number;
}

const GAP = 15;
const SAMPLE = 16;

/** Draws names in the margin right of `x`, none over another. A sample of the line stands before each name. */
export function drawEndLabels(labels: readonly EndLabel[], x: number, top: number, bottom: number): Markup {
  const wanted = labels.map((label) => label.y);
  const places = spread(wanted, GAP, top + 4, bottom - 4);
  return html`<g>${labels.map((label, index) => drawLabel(label, x + 8, places[index] ?? label.y))}</g>`;
}

function drawLabel({ text, line }: EndLabel, x: number, y: number): Markup {
  return html`<line class="line ${line}" x1="${x}" x2="${x + SAMPLE}" y1="${y}" y2="${y}"/><text class="label ${line}-label" x="${x + SAMPLE + 5}" y="${y + 4}">${text}</text>`;
}
