import type { Series } from '../series.ts';

/** `classic` is Prometheus text 0.0.4, `openmetrics` is OpenMetrics 1.0 text. */
export type ExpositionFormat = 'classic' | 'openmetrics';

/** What is wrong with a text, and where. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
  /** Counted from 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

interface Cursor {
  readonly text: string;
  readonly line: number;
  readonly format: ExpositionFormat;
  at: number;
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const WORD = /[^ \t]+/y;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LONGEST_NUMBER = 64;
const END = '# EOF';

const SPECIAL_VALUES: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
]);

const TYPES: Readonly<Record<ExpositionFormat, readonly string[]>> = {
  classic: ['counter', 'gauge', 'histogram', 'summary', 'untyped'],
  openmetrics: [
    'counter',
    'gauge',
    'histogram',
    'gaugehistogram',
    'stateset',
    'info',
    'summary',
    'unknown',
    // prom-client and others write this one in both formats.
    'untyped',
  ],
};

/**
 * Reads the text of a metrics endpoint; timestamps and exemplars are checked and left out. Strict where a mistake could change a number (names, labels, values,
 * a last line cut short, a missing `# EOF`), lenient where it cannot (blank lines, spaces, unknown comments).
 * Throws nothing but an ExpositionError, which names the line, what was expected and what was seen.
 */
export function parseExposition(text: string, format: ExpositionFormat): readonly Series[] {
  const series: Series[] = [];
  let at = 0;
  let line = 0;
  let ended = false;
  while (at < text.length) {
    line += 1;
    const end = text.indexOf('\n', at);
    const content = text.slice(at, end === -1 ? text.length : end);
    const cursor: Cursor = { text: content, line, format, at: 0 };
    if (ended) throw garbage(cursor, `nothing after ${END}`);
    ended = format === 'openmetrics' && content === END;
    if (end === -1 && !ended) {
      cursor.at = content.length;
      throw garbage(cursor, 'a line feed at the end of the last line');
    }
    const sample = ended ? null : parseLine(cursor);
    if (sample !== null) series.push(sample);
    at = end === -1 ? text.length : end + 1;
  }
  if (format === 'openmetrics' && !ended) {
    throw garbage({ text: '', line: line + 1, format, at: 0 }, `${END} as the last line`);
  }
  return series;
}

function parseLine(cursor: Cursor): Series | null {
  skipBlanks(cursor);
  if (cursor.at === cursor.text.length) return null;
  if (cursor.text[cursor.at] === '#') {
    checkComment(cursor);
    return null;
  }
  const name = take(cursor, METRIC_NAME);
  if (name === '') throw garbage(cursor, 'a metric name, a comment or an empty line');
  skipBlanks(cursor);
  const labels = cursor.text[cursor.at] === '{' ? takeLabels(cursor) : new Map<string, string>();
  skipBlanks(cursor);
  const value = takeNumber(cursor, 'a value such as 12, 0.5, +Inf or NaN');
  checkTimestamp(cursor);
  if (cursor.format === 'openmetrics' && cursor.text[cursor.at] === '#') checkExemplar(cursor);
  if (cursor.at < cursor.text.length) throw garbage(cursor, 'the end of the line');
  return { name, labels, value };
}

/** `# TYPE name type`; any other comment says nothing that is needed here. */
function checkComment(cursor: Cursor): void {
  cursor.at += 1;
  skipBlanks(cursor);
  if (take(cursor, WORD) !== 'TYPE') return;
  skipBlanks(cursor);
  if (take(cursor, METRIC_NAME) === '') throw garbage(cursor, 'a metric name after # TYPE');
  skipBlanks(cursor);
  const start = cursor.at;
  const known = TYPES[cursor.format];
  if (known.includes(take(cursor, WORD))) return;
  cursor.at = start;
  throw garbage(cursor, `one of ${known.join(', ')}`);
}

function checkTimestamp(cursor: Cursor): void {
  skipBlanks(cursor);
  if (cursor.at === cursor.text.length || cursor.text[cursor.at] === '#') return;
  const start = cursor.at;
  const time = takeNumber(cursor, 'a timestamp or the end of the line');
  const isTime = cursor.format === 'classic' ? Number.isInteger(time) : Number.isFinite(time);
  if (!isTime) {
    cursor.at = start;
    throw garbage(cursor, `a timestamp in ${cursor.format === 'classic' ? 'whole milliseconds' : 'seconds'}`);
  }
  skipBlanks(cursor);
}

/** `# {trace_id="..."} 0.67 1520879607.789` */
function checkExemplar(cursor: Cursor): void {
  cursor.at += 1;
  skipBlanks(cursor);
  if (cursor.text[cursor.at] !== '{') throw garbage(cursor, 'the labels of an exemplar');
  takeLabels(cursor);
  skipBlanks(cursor);
  takeNumber(cursor, 'the value of an exemplar');
  checkTimestamp(cursor);
}

function takeLabels(cursor: Cursor): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  cursor.at += 1;
  skipBlanks(cursor);
  while (cursor.text[cursor.at] !== '}') {
    const name = take(cursor, LABEL_NAME);
    if (name === '') throw garbage(cursor, 'a label name or the closing brace');
    if (labels.has(name)) throw garbage(cursor, `the label ${name} only once`);
    skipBlanks(cursor);
    expect(cursor, '=', `= after the label ${name}`);
    skipBlanks(cursor);
    labels.set(name, takeString(cursor));
    skipBlanks(cursor);
    if (cursor.text[cursor.at] !== '}') expect(cursor, ',', 'a comma or the closing brace');
    skipBlanks(cursor);
  }
  cursor.at += 1;
  return labels;
}

function takeString(cursor: Cursor): string {
  expect(cursor, '"', 'a label value in double quotes');
  const start = cursor.at;
  let end = start;
  let escaped = false;
  while (cursor.text[end] !== '"') {
    if (end >= cursor.text.length) throw garbage(cursor, 'a label value that ends in a double quote');
    const pair = cursor.text[end] === '\\';
    escaped ||= pair;
    end += pair ? 2 : 1;
  }
  cursor.at = end + 1;
  const raw = cursor.text.slice(start, end);
  return escaped ? raw.replace(/\\[\\"n]/g, unescaped) : raw;
}

function unescaped(pair: string): string {
  return pair === '\\n' ? '\n' : pair.slice(1);
}

function takeNumber(cursor: Cursor, expected: string): number {
  const start = cursor.at;
  const word = take(cursor, WORD);
  const special = SPECIAL_VALUES.get(word.toLowerCase());
  if (special !== undefined) return special;
  if (word.length <= LONGEST_NUMBER && NUMBER.test(word)) return Number(word);
  cursor.at = start;
  throw garbage(cursor, expected);
}

function expect(cursor: Cursor, character: string, expected: string): void {
  if (cursor.text[cursor.at] !== character) throw garbage(cursor, expected);
  cursor.at += 1;
}

function take(cursor: Cursor, pattern: RegExp): string {
  const start = cursor.at;
  pattern.lastIndex = start;
  if (pattern.test(cursor.text)) cursor.at = pattern.lastIndex;
  return cursor.text.slice(start, cursor.at);
}

function skipBlanks(cursor: Cursor): void {
  while (cursor.text[cursor.at] === ' ' || cursor.text[cursor.at] === '\t') cursor.at += 1;
}

function garbage(cursor: Cursor, expected: string): ExpositionError {
  const rest = cursor.text.slice(cursor.at, cursor.at + 40);
  const seen = rest === '' ? 'the end' : JSON.stringify(rest);
  return new ExpositionError(cursor.line, `expected ${expected}, saw ${seen}`);
}
