import type { Markers } from '../../ports/migrations.ts';

/** Comments with which a tool tells the way forward from the way back in one file. */
const WORDS = {
  dbmate: { up: /^--\s*migrate:up\b/i, down: /^--\s*migrate:down\b/i },
  goose: { up: /^--\s*\+goose\s+up\b/i, down: /^--\s*\+goose\s+down\b/i },
  'sql-migrate': { up: /^--\s*\+migrate\s+up\b/i, down: /^--\s*\+migrate\s+down\b/i },
} as const;

/** The file without its way back; every line stays on its number. */
export function forwardPart(text: string, markers: Markers | null): string {
  if (markers === null) return text;
  const { up, down } = WORDS[markers];
  let isForward = true;
  const lines = text.split('\n').map((line) => {
    const word = line.trimStart();
    if (up.test(word)) isForward = true;
    else if (down.test(word)) isForward = false;
    return isForward ? line : '';
  });
  return lines.join('\n');
}
