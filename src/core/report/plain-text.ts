const ESC = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
/** Terminal commands: `ESC [ … m` and `ESC ] … BEL`. */
const TERMINAL_COMMANDS = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${BELL}${ESC}]*(${BELL}|${ESC}\\\\)?`,
  'g',
);
const BREAKS = /[\s\p{Zl}\p{Zp}]+/gu;
/** Controls, and formats that reorder or hide text; the two joiners stay because scripts need them, and spaces are breaks. */
const UNSEEN = /(?![\s\u200c\u200d])[\p{Cc}\p{Cf}]/gu;
const HALF_PAIRS = /\p{Cs}/gu;

/** What somebody else wrote, as one line of visible characters: no control, no direction override, no line break. */
export function oneLine(text: string): string {
  return text
    .replace(TERMINAL_COMMANDS, '')
    .replace(UNSEEN, '')
    .replace(BREAKS, ' ')
    .replace(HALF_PAIRS, '\ufffd')
    .trim();
}

/** One line that begins with a capital and ends with a stop; empty stays empty. */
export function asSentence(text: string): string {
  const line = oneLine(text);
  const capital = line.charAt(0).toUpperCase() + line.slice(1);
  return line === '' || /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** At most `length` UTF-16 units, the last one an ellipsis when something was cut; never half a character. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  if (length < 1) return '';
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
