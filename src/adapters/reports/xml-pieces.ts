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

/** The longest first: one may begin like another. */
const OPENINGS = [
  ['<![CDATA[', 'cdata'],
  ['<!--', 'comment'],
  ['<?', 'instruction'],
  ['<!', 'declaration'],
  ['<', 'tag'],
] as const;
const LONGEST_OPENING = 9;

/** Where in the markup the document is. */
interface Reading {
  place: Place;
  /** The quote that an attribute value began with and has not ended with; empty outside of one. */
  quote: string;
  /** Of the place, up to now. */
  length: number;
  /** What the next chunk must be seen together with. */
  carried: string;
  /** The last characters, of however many chunks. */
  tail: string;
}

/** `least`: a text that is shorter is left in one piece. */
export function xmlPieces(least = LEAST): XmlPieces {
  const reading: Reading = { place: 'text', quote: '', length: 0, carried: '', tail: '' };
  return {
    seamAfter: (chunk) => {
      follow(reading, reading.carried + chunk);
      reading.tail = (reading.tail + chunk).slice(-LONGEST_ENTITY);
      return seam(reading, chunk, least);
    },
    unending: () => (reading.place === 'text' || reading.place === 'cdata' ? 0 : reading.length),
  };
}

function follow(reading: Reading, text: string): void {
  for (let at = 0; at >= 0; ) {
    at = reading.place === 'text' ? throughText(reading, text, at) : throughMarkup(reading, text, at);
  }
}

/** To where the next markup begins inside; -1 where more is needed to know. */
function throughText(reading: Reading, text: string, from: number): number {
  const open = text.indexOf('<', from);
  const inside = open < 0 ? -1 : enter(reading, text, open);
  if (inside < 0) {
    reading.length = (from === 0 ? reading.length : 0) + text.length - from;
    reading.carried = open < 0 ? '' : text.slice(open);
    return -1;
  }
  reading.length = 0;
  return inside;
}

/** To where the markup has ended; -1 where more is needed to know. */
function throughMarkup(reading: Reading, text: string, from: number): number {
  const end = leave(reading, text, from);
  if (end < 0) {
    reading.length += text.length - from;
    reading.carried = carry(reading, text, from);
    return -1;
  }
  reading.place = 'text';
  reading.length = 0;
  return end;
}

/** Goes into the markup that begins at `at`; tells where its inside begins, or -1 where more is needed to know. */
function enter(reading: Reading, text: string, at: number): number {
  const rest = text.slice(at, at + LONGEST_OPENING);
  for (const [mark, kind] of OPENINGS) {
    if (rest.startsWith(mark)) {
      reading.place = kind;
      return at + mark.length;
    }
    if (mark.length > rest.length && mark.startsWith(rest)) return -1;
  }
  return -1;
}

function leave(reading: Reading, text: string, from: number): number {
  const { place } = reading;
  if (place === 'cdata' || place === 'comment' || place === 'instruction') {
    const at = text.indexOf(ENDS[place], from);
    return at < 0 ? -1 : at + ENDS[place].length;
  }
  return leaveTag(reading, text, from);
}

/** Where a tag or a declaration ends: at a `>` outside of quotes. */
function leaveTag(reading: Reading, text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (reading.quote !== '') {
      const end = text.indexOf(reading.quote, at);
      if (end < 0) return -1;
      reading.quote = '';
      at = end + 1;
      continue;
    }
    const character = text[at];
    if (character === '>') return at + 1;
    if (character === '"' || character === "'") reading.quote = character;
    at += 1;
  }
  return -1;
}

/** The beginning of an end that may go on in the next chunk. */
function carry({ place }: Reading, text: string, from: number): string {
  if (place !== 'cdata' && place !== 'comment' && place !== 'instruction') return '';
  return text.slice(Math.max(from, text.length - ENDS[place].length + 1));
}

function seam({ place, length, carried, tail }: Reading, chunk: string, least: number): string {
  if (length < least || chunk.endsWith('\r')) return '';
  if (place === 'cdata') return chunk.endsWith(']') ? '' : ']]><![CDATA[';
  if (place !== 'text' || carried !== '') return '';
  return /[&\]]/.test(tail) ? '' : '<!---->';
}
