export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** A Prometheus series selector: `http_requests_total{code=~"5..", route!="/health"}`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface SelectorProblem {
  readonly ok: false;
  /** Where in the text, counted from 0 in UTF-16 units. */
  readonly at: number;
  /** What was expected, what was seen and what to change. */
  readonly message: string;
}

export type ParsedSelector = { readonly ok: true; readonly selector: Selector } | SelectorProblem;

type Labels = ReadonlyMap<string, string>;

export type SeriesTest = (metric: string, labels: Labels) => boolean;

/** Longer patterns are refused: in characters. */
export const LONGEST_PATTERN = 1_000;

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const OPERATOR = /=~|!~|!=|=/y;
const BLANKS = /[ \t\r\n]*/y;
const CODE_POINT = /x[0-7][0-9a-fA-F]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y;
const INLINE_FLAGS = /^\(\?([is]+)\)/;
const METRIC_LABEL = '__name__';

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
]);

type Step<T> = { readonly ok: true; readonly value: T; readonly next: number } | SelectorProblem;

/**
 * Reads one instant-vector selector: quotes with Go's escapes, single quotes, backticks, a trailing comma.
 * Functions, ranges, offsets and operators are refused, and so is a pattern that either Prometheus or this
 * program cannot run.
 */
export function parseSelector(text: string): ParsedSelector {
  const start = skipBlanks(text, 0);
  const name = take(METRIC_NAME, text, start);
  let at = skipBlanks(text, start + name.length);
  let matchers: readonly Matcher[] = [];
  if (text[at] === '{') {
    const braces = parseMatchers(text, at + 1);
    if (!braces.ok) return braces;
    matchers = braces.value;
    at = skipBlanks(text, braces.next);
  } else if (name === '') {
    return problem(start, `expected a metric name such as http_requests_total, saw ${seen(text, start)}`);
  }
  if (at < text.length) return problem(at, strayText(text.slice(at), seen(text, at)));
  return withMetric(name, matchers, start);
}

/** Writes a selector so that `parseSelector` reads the same one again. */
export function formatSelector(selector: Selector): string {
  const pairs = selector.matchers.map(({ label, operator, value }) => `${label}${operator}${quote(value)}`);
  return pairs.length === 0 ? selector.metric : `${selector.metric}{${pairs.join(',')}}`;
}

/** Makes the test of a selector once, to be asked of many series. Throws when a pattern is not a valid one. */
export function compileSelector(selector: Selector): SeriesTest {
  const tests = selector.matchers.map(compileMatcher);
  return (metric, labels) => metric === selector.metric && tests.every((test) => test(labels));
}

/** Whether the series is meant. A missing label is an empty one, and patterns must match the whole value. */
export function matches(selector: Selector, metric: string, labels: Labels): boolean {
  return compileSelector(selector)(metric, labels);
}

function compileMatcher({ label, operator, value }: Matcher): (labels: Labels) => boolean {
  const wanted = operator === '=' || operator === '=~';
  if (operator === '=' || operator === '!=') {
    return (labels) => ((labels.get(label) ?? '') === value) === wanted;
  }
  const pattern = anchored(value);
  return (labels) => pattern.test(labels.get(label) ?? '') === wanted;
}

/** Prometheus anchors both ends and lets `.` match a line feed; `u` makes unknown escapes an error, not a letter. */
function anchored(pattern: string): RegExp {
  const inline = INLINE_FLAGS.exec(pattern);
  const body = pattern.slice(inline?.[0].length ?? 0);
  const flags = inline?.[1]?.includes('i') === true ? 'isu' : 'su';
  // On its own first: `a)|(?:b` is only valid inside the anchors.
  return new RegExp(`^(?:${new RegExp(body, flags).source})$`, flags);
}

/** Why a pattern cannot be used, or null. */
function patternProblem(pattern: string): string | null {
  if (pattern.length > LONGEST_PATTERN) {
    return `expected a pattern of at most ${LONGEST_PATTERN} characters, saw ${pattern.length}; split the selector`;
  }
  const pairs = pattern.match(/\\[\s\S]/g) ?? [];
  if (pairs.some((pair) => /[1-9k]/.test(pair[1] ?? ''))) {
    return 'expected a pattern without back-references: Prometheus has none; write the alternatives out';
  }
  const bare = pattern.replace(INLINE_FLAGS, '').replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g, '');
  if (/\(\?(?!:|<[A-Za-z_])/.test(bare)) {
    return 'expected only groups that Prometheus and this program both know, (...) and (?:...); use !~ to leave values out, and (?i) only at the start';
  }
  try {
    anchored(pattern);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, '') : String(error);
    return `expected a valid pattern, saw ${JSON.stringify(pattern)} (${reason}); correct it`;
  }
}

function withMetric(name: string, matchers: readonly Matcher[], start: number): ParsedSelector {
  const named = matchers.filter((matcher) => matcher.label === METRIC_LABEL);
  if (named.length === 0 && name !== '') return { ok: true, selector: { metric: name, matchers } };
  const [only] = named;
  if (only === undefined) return problem(start, 'expected a metric name before the brace; write name{...}');
  const metric = take(METRIC_NAME, only.value, 0);
  if (name !== '' || named.length > 1 || only.operator !== '=' || metric !== only.value || metric === '') {
    return problem(start, `expected one metric name, saw ${METRIC_LABEL} too; write name{...} without it`);
  }
  return { ok: true, selector: { metric, matchers: matchers.filter((matcher) => matcher !== only) } };
}

function parseMatchers(text: string, start: number): Step<readonly Matcher[]> {
  const matchers: Matcher[] = [];
  let at = skipBlanks(text, start);
  while (text[at] !== '}') {
    const matcher = parseMatcher(text, at);
    if (!matcher.ok) return matcher;
    matchers.push(matcher.value);
    at = skipBlanks(text, matcher.next);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
    else if (text[at] !== '}') {
      return problem(at, `expected a comma or the closing brace, saw ${seen(text, at)}`);
    }
  }
  return { ok: true, value: matchers, next: at + 1 };
}

function parseMatcher(text: string, start: number): Step<Matcher> {
  const label = take(LABEL_NAME, text, start);
  if (label === '')
    return problem(start, `expected a label name or the closing brace, saw ${seen(text, start)}`);
  const operatorAt = skipBlanks(text, start + label.length);
  const operator = asOperator(take(OPERATOR, text, operatorAt));
  if (operator === null) {
    return problem(operatorAt, `expected =, !=, =~ or !~ after ${label}, saw ${seen(text, operatorAt)}`);
  }
  const valueAt = skipBlanks(text, operatorAt + operator.length);
  const value = parseString(text, valueAt);
  if (!value.ok) return value;
  const wrong = operator === '=~' || operator === '!~' ? patternProblem(value.value) : null;
  if (wrong !== null) return problem(valueAt, wrong);
  return { ok: true, value: { label, operator, value: value.value }, next: value.next };
}

function asOperator(text: string): Matcher['operator'] | null {
  return text === '=' || text === '!=' || text === '=~' || text === '!~' ? text : null;
}

function parseString(text: string, start: number): Step<string> {
  const mark = text[start] ?? '';
  if (mark === '`') {
    const end = text.indexOf('`', start + 1);
    if (end === -1) return problem(start, 'expected a closing backtick, saw the end; add it');
    return { ok: true, value: text.slice(start + 1, end), next: end + 1 };
  }
  if (mark !== '"' && mark !== "'") {
    return problem(start, `expected a value in quotes, saw ${seen(text, start)}`);
  }
  let value = '';
  let at = start + 1;
  while (text[at] !== mark) {
    const part = parseCharacter(text, at, mark);
    if (!part.ok) return part;
    value += part.value;
    at = part.next;
  }
  return { ok: true, value, next: at + 1 };
}

function parseCharacter(text: string, at: number, mark: string): Step<string> {
  const character = text[at];
  if (character === undefined || character === '\n') {
    return problem(at, `expected the closing ${mark}, saw ${seen(text, at)}; add it`);
  }
  if (character !== '\\') return { ok: true, value: character, next: at + 1 };
  const letter = text[at + 1] ?? '';
  const simple = letter === mark ? mark : ESCAPES.get(letter);
  if (simple !== undefined) return { ok: true, value: simple, next: at + 2 };
  const coded = take(CODE_POINT, text, at + 1);
  const code = Number.parseInt(coded.slice(1), 16);
  if (isCharacter(code)) return { ok: true, value: String.fromCodePoint(code), next: at + 1 + coded.length };
  return problem(at, `expected a known escape, saw \\${letter}; double the backslash, or use backticks`);
}

/** False for half a surrogate pair, and for NaN. */
function isCharacter(code: number): boolean {
  return code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);
}

function strayText(rest: string, saw: string): string {
  if (/^(\(|by\b|without\b)/.test(rest)) {
    return `expected a bare selector, saw a function or an aggregation (${saw}); write only the selector inside, increments and sums are made here`;
  }
  if (rest.startsWith('[')) return `expected a bare selector, saw a range (${saw}); leave it out`;
  if (/^(offset\b|@)/.test(rest)) return `expected a bare selector, saw a time shift (${saw}); leave it out`;
  return `expected the end of the selector, saw ${saw}; write one selector, and a list to add several up`;
}

function take(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function skipBlanks(text: string, at: number): number {
  return at + take(BLANKS, text, at).length;
}

function seen(text: string, at: number): string {
  return at >= text.length ? 'the end' : JSON.stringify(text.slice(at, at + 20));
}

function quote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function problem(at: number, message: string): SelectorProblem {
  return { ok: false, at, message };
}
