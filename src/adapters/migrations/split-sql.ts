import type { Dialect } from '../../ports/migrations.ts';

export interface Piece {
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly line: number;
}

/**
 * Cuts a file at the semicolons between its statements, so that one that cannot be read does not hide the others. Every
 * character is in exactly one piece, and each piece is read by the parser as a whole: a wrong cut makes a piece that
 * cannot be read, and never one that is not looked at.
 */
export function splitSql(text: string, dialect: Dialect): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const end = tokenEnd(text, at, dialect);
    if (text[at] === ';' || end >= text.length) {
      const piece = text.slice(from, end);
      pieces.push({ text: piece, line });
      line += piece.split('\n').length - 1;
      from = end;
    }
    at = end;
  }
  return pieces;
}

/** Where the string, the comment or the single character that begins here ends. */
function tokenEnd(text: string, at: number, dialect: Dialect): number {
  const opening = quoteAt(text, at, dialect);
  if (opening !== null) return quoteEnd(text, at + opening.length, opening, dialect);
  const isLineComment = text.startsWith('--', at) || (dialect === 'mysql' && text[at] === '#');
  if (isLineComment) return endOf(text, '\n', at);
  if (text.startsWith('/*', at)) return commentEnd(text, at, dialect);
  return at + 1;
}

/** What must come again for the text that begins here to end; null where none begins. */
function quoteAt(text: string, at: number, dialect: Dialect): string | null {
  const character = text[at] ?? '';
  if (character === "'" || character === '"') return character;
  if (character === '`' && dialect !== 'postgresql') return character;
  if (character !== '$' || dialect !== 'postgresql') return null;
  return /^\$([A-Za-z_]\w*)?\$/.exec(text.slice(at, at + 80))?.[0] ?? null;
}

function quoteEnd(text: string, from: number, quote: string, dialect: Dialect): number {
  if (quote.length > 1) return endOf(text, quote, from);
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\' && dialect === 'mysql') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

/** PostgreSQL's comments hold comments. */
function commentEnd(text: string, from: number, dialect: Dialect): number {
  if (dialect !== 'postgresql') return endOf(text, '*/', from + 2);
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2);
    if (two !== '/*' && two !== '*/') continue;
    depth += two === '/*' ? 1 : -1;
    at += 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function endOf(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at + what.length;
}
