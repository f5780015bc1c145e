import { clip, oneLine } from '../report/plain-text.ts';
import type { Place } from './place.ts';
import type { E2eResult, ToldTest } from './result.ts';

/** Something to show at a line of the source. */
export interface SourceNote extends Place {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly message: string;
}

/** The runner shows ten of a kind for a step, and the verdict is one of them. */
export const MOST_NOTES = 9;
const LONGEST = 700;

/** What people should see in the changed files: the failures, those of the flows first, and each cause once. */
export function sourceNotes(
  { failures }: Pick<E2eResult, 'failures'>,
  most = MOST_NOTES,
): readonly SourceNote[] {
  const seen = new Set<string>();
  const notes: SourceNote[] = [];
  for (const test of failures) {
    const cause = JSON.stringify([test.file, test.line, firstLine(test.message)]);
    if (seen.has(cause)) continue;
    seen.add(cause);
    if (notes.length < most) notes.push(toNote(test));
  }
  return notes;
}

function toNote({ name, variant, file, line, flows, message }: ToldTest): SourceNote {
  const flow = flows.length === 0 ? '' : ` (${flows.join(', ')})`;
  const title = oneLine(`E2E failed: ${name}${variant === null ? '' : ` [${variant}]`}${flow}`);
  const lines = message
    .split('\n')
    .map(oneLine)
    .filter((text) => text !== '');
  const words = lines.slice(0, 6).join('\n');
  return { level: 'error', title: clip(title, 200), message: clip(words || 'failed', LONGEST), file, line };
}

export function firstLine(message: string): string {
  return (
    message
      .split('\n')
      .map(oneLine)
      .find((text) => text !== '') ?? ''
  );
}
