import { displayWidth, fitted } from './width.ts';

export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'accent';

/** A stretch of one line in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

/** Puts a style on a text, or leaves it as it is. */
export type Paint = (text: string, style: Style) => string;

export const noPaint: Paint = (text) => text;

const ESC = String.fromCharCode(27);
const CODES: Readonly<Record<Style, number>> = {
  plain: 0,
  bold: 1,
  dim: 2,
  bad: 31,
  good: 32,
  warn: 33,
  accent: 36,
};

export const ansiPaint: Paint = (text, style) =>
  style === 'plain' || text === '' ? text : `${ESC}[${CODES[style]}m${text}${ESC}[0m`;

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

/** A line as text, cut where it would be wider than `columns`. */
export function renderLine(line: Line, columns: number, paint: Paint): string {
  let left = columns;
  let text = '';
  for (const { text: part, style } of line) {
    if (left <= 0) break;
    const shown = fitted(part, left);
    text += paint(shown, style);
    left -= displayWidth(shown);
    if (shown !== part) break;
  }
  return text;
}
