import type { EpochMs } from '../../units.ts';
import { html, type Markup } from '../markup.ts';
import type { Point } from '../thin-out.ts';
import { type Frame, textWidth } from './frame.ts';
import { pixel } from './scale.ts';

/** What stands at the moment of decision on the chart that decided. */
export interface DecisionMark {
  readonly words: string;
  /** The value that decided, in the chart's own scale; null when there was none. */
  readonly ring: Point | null;
}

/** A line through the moment of decision; on the deciding chart also the words, and a ring on the value. */
export function drawDecision(frame: Frame, at: EpochMs, mark: DecisionMark | null): Markup {
  const place = pixel(frame.x, at);
  const stem = html`<line class="decision" x1="${place}" x2="${place}" y1="${frame.top - (mark === null ? 0 : 22)}" y2="${frame.bottom}"/>`;
  if (mark === null) return stem;
  const { words, ring } = mark;
  const half = textWidth(words) / 2;
  const middle = Math.max(half, Math.min(Math.max(place, frame.left + half), frame.size.width - half));
  const circle =
    ring === null || ring.value === null
      ? html``
      : html`<circle class="ring" cx="${pixel(frame.x, ring.at)}" cy="${pixel(frame.y, ring.value)}" r="5"/>`;
  return html`${stem}${circle}<text class="label decision-label" x="${middle}" y="14" text-anchor="middle">${words}</text>`;
}
