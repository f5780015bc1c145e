import Tokenizer from '@streamparser/json/tokenizer.js';
import TokenType from '@streamparser/json/utils/types/tokenType.js';
import { ReportFlaw } from './report-flaw.ts';

export type Scalar = string | number | boolean | null;

/** What wants to know what is in one object or array. In an array every key is empty. */
export interface JsonNode {
  readonly scalar?: (key: string, value: Scalar) => void;
  /** Who is told of what is in the object or array under the key; null when nobody wants to know. */
  readonly open?: (key: string, kind: 'object' | 'array') => JsonNode | null;
  readonly close?: () => void;
}

interface Level {
  readonly node: JsonNode | null;
  readonly kind: 'object' | 'array';
  expects: 'first' | 'key' | 'colon' | 'value' | 'comma';
  key: string;
}

const DEEPEST = 1_000;
/** One value that is longer than this would have to be kept whole. */
const LONGEST_VALUE = 64 * 1024 * 1024;

/** How far the document has come. */
interface Progress {
  readonly root: JsonNode;
  readonly levels: Level[];
  isDone: boolean;
  /** The byte at which the last token begins. */
  token: number;
}

/**
 * One JSON document as it comes, without ever having it whole. `root` is asked for the outermost value as if it
 * stood in an array. Throws a ReportFlaw at what is not JSON.
 */
export function jsonEvents(root: JsonNode) {
  const progress: Progress = { root, levels: [], isDone: false, token: 0 };
  let seen = 0;
  const tokenizer = new Tokenizer({ stringBufferSize: 65_536 });
  tokenizer.onToken = ({ token: type, value, offset }) => {
    progress.token = offset;
    take(progress, type, value);
  };
  return {
    place: (): string => placeOf(progress),
    write: (chunk: Uint8Array): void => {
      guarded(progress, () => tokenizer.write(chunk));
      seen += chunk.length;
      if (seen - progress.token > LONGEST_VALUE)
        wrong(progress, `a value of more than ${LONGEST_VALUE} bytes`);
    },
    end: (): void => {
      if (progress.levels.length > 0 || !progress.isDone)
        throw new ReportFlaw('cut off: the document does not end', `byte ${seen}`);
      guarded(progress, () => tokenizer.end());
    },
  };
}

type Take = (progress: Progress) => void;

const PUNCTUATION: ReadonlyMap<TokenType, Take> = new Map<TokenType, Take>([
  [TokenType.LEFT_BRACE, (progress) => open(progress, 'object')],
  [TokenType.LEFT_BRACKET, (progress) => open(progress, 'array')],
  [TokenType.RIGHT_BRACE, (progress) => close(progress, 'object')],
  [TokenType.RIGHT_BRACKET, (progress) => close(progress, 'array')],
  [TokenType.COLON, (progress) => punctuate(progress, 'colon', 'value', ':')],
  [TokenType.COMMA, (progress) => punctuate(progress, 'comma', afterComma(progress), ',')],
  [TokenType.SEPARATOR, (progress) => wrong(progress, 'a second document')],
]);

function take(progress: Progress, type: TokenType, value: unknown): void {
  const punctuation = PUNCTUATION.get(type);
  if (punctuation === undefined) takeScalar(progress, toScalar(value));
  else punctuation(progress);
}

function afterComma(progress: Progress): Level['expects'] {
  return topOf(progress)?.kind === 'object' ? 'key' : 'value';
}

function placeOf({ token }: Progress): string {
  return `byte ${token}`;
}

function wrong(progress: Progress, what: string): never {
  throw new ReportFlaw(what, placeOf(progress));
}

function topOf({ levels }: Progress): Level | undefined {
  return levels.at(-1);
}

function receiverOf({ levels, root }: Progress): JsonNode | null {
  return levels.length === 0 ? root : (levels.at(-1)?.node ?? null);
}

/** Where a value may stand; tells its key. */
function takeValue(progress: Progress): string {
  const level = topOf(progress);
  if (level === undefined)
    return progress.isDone ? wrong(progress, 'text after the end of the document') : '';
  const { kind, expects } = level;
  const fits = expects === 'value' || (kind === 'array' && expects === 'first');
  if (!fits) wrong(progress, `expected ${expects}, saw a value`);
  level.expects = 'comma';
  return kind === 'array' ? '' : level.key;
}

function open(progress: Progress, kind: Level['kind']): void {
  const key = takeValue(progress);
  if (progress.levels.length >= DEEPEST) wrong(progress, `nested more than ${DEEPEST} deep`);
  const node = receiverOf(progress)?.open?.(key, kind) ?? null;
  progress.levels.push({ node, kind, expects: 'first', key: '' });
}

function close(progress: Progress, kind: Level['kind']): void {
  const level = topOf(progress);
  if (level?.kind !== kind || (level.expects !== 'first' && level.expects !== 'comma')) {
    wrong(progress, `a ${kind} ends where none may`);
  }
  level?.node?.close?.();
  progress.levels.pop();
  progress.isDone = progress.levels.length === 0;
}

/** A key, where one is due, or a value. */
function takeScalar(progress: Progress, value: Scalar): void {
  const level = topOf(progress);
  if (level?.kind === 'object' && (level.expects === 'first' || level.expects === 'key')) {
    level.key = typeof value === 'string' ? value : wrong(progress, 'expected a key');
    level.expects = 'colon';
    return;
  }
  const key = takeValue(progress);
  receiverOf(progress)?.scalar?.(key, value);
  progress.isDone = progress.levels.length === 0;
}

function punctuate(progress: Progress, from: Level['expects'], to: Level['expects'], mark: string): void {
  const level = topOf(progress);
  if (level?.expects === from) level.expects = to;
  else wrong(progress, `'${mark}' where none may stand`);
}

function guarded(progress: Progress, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof ReportFlaw) throw error;
    throw new ReportFlaw(`not JSON: ${reasonOf(error)}`, `after ${placeOf(progress)}`);
  }
}

function toScalar(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error);
}

/** An array whose members are objects (or arrays) that `member` wants to know of. */
export function each(member: () => JsonNode): JsonNode {
  return { open: (_, kind) => (kind === 'object' ? member() : null) };
}

/** An array of texts. */
export function texts(into: string[]): JsonNode {
  return {
    scalar: (_, value) => {
      if (typeof value === 'string' && into.length < 100) into.push(value);
    },
  };
}
