/**
 * A parser keeps a text, a CDATA section or a tag until it has seen its end, and a log of a hundred megabytes is one
 * CDATA section. This follows where in the markup a document is, and tells what to write between two chunks so that
 * the parser lets go of what it has: the document means the same with it.
 */
export interface XmlPieces {
  /** What may be written after the chunk. Empty where nothing is needed, or nothing is possible. */
  readonly seamAfter: (chunk: string) => string;
  /** Characters of markup that began and has not ended: nothing can part it. */
  readonly unending: () => number;
}

type Place = 'text' | 'cdata' | 'tag' | 'comment' | 'instruction' | 'declaration';

const ENDS = { cdata: ']]>', comment: '-->', instruction: '?>' } as const;
/** Shorter ones are no burden. */
const LEAST = 32_768;
/** No entity that a report may hold is longer. */
const LONGEST_ENTITY = 12;

/** `least`: a text that is shorter is left in one piece. */
export function xmlPieces(least = LEAST): XmlPieces {
  let place: Place = 'text';
  let quote = '';
  let length = 0;
  let carried = '';
  /** The last characters, of however many chunks. */
  let tail = '';

  /** Goes on from `at`; tells where the next place begins, or -1 where more is needed to know. */
  const enter = (text: string, at: number): number => {
    const opening = [
      ['<![CDATA[', 'cdata'],
      ['<!--', 'comment'],
      ['<?', 'instruction'],
      ['<!', 'declaration'],
      ['<', 'tag'],
    ] as const;
    const rest = text.slice(at, at + 9);
    for (const [mark, kind] of opening) {
      if (rest.startsWith(mark)) {
        place = kind;
        return at + mark.length;
      }
      if (mark.length > rest.length && mark.startsWith(rest)) return -1;
    }
    return -1;
  };

  /** Where a tag or a declaration ends: at a `>` outside of quotes. */
  const leaveTag = (text: string, from: number): number => {
    let at = from;
    while (at < text.length) {
      if (quote !== '') {
        const end = text.indexOf(quote, at);
        if (end < 0) return -1;
        quote = '';
        at = end + 1;
        continue;
      }
      const character = text[at];
      if (character === '>') return at + 1;
      if (character === '"' || character === "'") quote = character;
      at += 1;
    }
    return -1;
  };

  const leave = (text: string, from: number): number => {
    switch (place) {
      case 'text': {
        const at = text.indexOf('<', from);
        return at < 0 ? -1 : at;
      }
      case 'tag':
      case 'declaration':
        return leaveTag(text, from);
      case 'cdata':
      case 'comment':
      case 'instruction': {
        const at = text.indexOf(ENDS[place], from);
        return at < 0 ? -1 : at + ENDS[place].length;
      }
    }
  };

  /** What the next chunk must be seen together with: the beginning of a mark that may go on. */
  const carry = (text: string, from: number): string => {
    if (place === 'tag' || place === 'declaration') return '';
    if (place === 'text') return text.slice(from).startsWith('<') ? text.slice(from) : '';
    return text.slice(Math.max(from, text.length - ENDS[place].length + 1));
  };

  const follow = (text: string): void => {
    let at = 0;
    for (;;) {
      if (place === 'text') {
        const open = leave(text, at);
        const inside = open < 0 ? -1 : enter(text, open);
        if (inside < 0) {
          length = (at === 0 ? length : 0) + text.length - at;
          carried = open < 0 ? '' : carry(text, open);
          return;
        }
        length = 0;
        at = inside;
      }
      const end = leave(text, at);
      if (end < 0) {
        length += text.length - at;
        carried = carry(text, at);
        return;
      }
      place = 'text';
      length = 0;
      at = end;
    }
  };

  const seam = (chunk: string): string => {
    if (length < least || chunk.endsWith('\r')) return '';
    if (place === 'cdata') return chunk.endsWith(']') ? '' : ']]><![CDATA[';
    if (place !== 'text' || carried !== '') return '';
    return /[&\]]/.test(tail) ? '' : '<!---->';
  };

  return {
    seamAfter: (chunk) => {
      follow(carried + chunk);
      tail = (tail + chunk).slice(-LONGEST_ENTITY);
      return seam(chunk);
    },
    unending: () => (place === 'text' || place === 'cdata' ? 0 : length),
  };
}
