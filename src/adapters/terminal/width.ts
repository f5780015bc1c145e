/** What terminals show two columns wide: East Asian wide characters and pictures. When in doubt, two. */
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2630-\u2637\u2648-\u2653\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{16fe0}-\u{18df7}\u{1aff0}-\u{1b2fb}\u{1d300}-\u{1d37f}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NOTHING = /[\p{Mn}\p{Me}]|\u200b|\u200c|\u200d/u;
/** Asks for the picture form of the character before it, which then is two columns wide. */
const AS_PICTURE = '\ufe0f';

/** Columns that a text takes on a terminal, at most. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character === AS_PICTURE) return 1;
  if (character < '\u0300') return 1;
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** As much of a text as fits into `columns`, with an ellipsis when something was cut. */
export function fitted(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Fitted, and filled with spaces to exactly `columns`. */
export function padded(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const shown = fitted(text, columns);
  const space = ' '.repeat(Math.max(0, columns - displayWidth(shown)));
  return side === 'left' ? shown + space : space + shown;
}
