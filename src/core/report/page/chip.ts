import type { FindingStatus } from '../../checks/finding.ts';
import type { Tone } from '../headline.ts';
import { html, type Markup } from '../markup.ts';
import { STATUS_WORDS } from '../words.ts';

const TONES: Readonly<Record<FindingStatus, Tone>> = {
  pass: 'good',
  fail: 'bad',
  warn: 'warn',
  'no-data': 'warn',
  error: 'bad',
  skipped: 'neutral',
  waived: 'neutral',
};

/** A status by colour, mark and word. */
export function statusChip(status: FindingStatus): Markup {
  const { mark, word } = STATUS_WORDS[status];
  return toneChip(TONES[status], `${mark} ${word}`);
}

export function toneChip(tone: Tone, text: string): Markup {
  return html`<span class="chip ${tone}">${text}</span>`;
}
