import type { Result } from '../result.ts';
import { headlineOf, headlineText } from './headline.ts';
import { clip, oneLine } from './plain-text.ts';

/** The runner cuts an annotation here. */
export const ANNOTATION_LENGTH = 4_096;

/** The verdict with its warnings, as one line of plain text for an annotation. */
export function renderAnnotation(result: Result): string {
  const verdict = clip(oneLine(headlineText(headlineOf(result))), 3_000);
  const warnings = result.warnings.map((warning) => `Warning: ${oneLine(warning)}`);
  const code = `[${result.reasonCode}]`;
  return clip([`${verdict} ${code}`, ...warnings].join(' '), ANNOTATION_LENGTH);
}
