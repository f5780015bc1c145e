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

/**
 * One JSON document as it comes, without ever having it whole. `root` is asked for the outermost value as if it
 * stood in an array. Throws a ReportFlaw at what is not JSON.
 */
export function jsonEvents(root: JsonNode) {
  const levels: Level[] = [];
  let isDone = false;
  let token = 0;
  let seen = 0;
  const place = (): string => `byte ${token}`;
  const wrong = (what: string): never => {
    throw new ReportFlaw(what, place());
  };
  const tokenizer = new Tokenizer({ stringBufferSize: 65_536 });
  const top = (): Level | undefined => levels.at(-1);
  const receiver = (): JsonNode | null => (levels.length === 0 ? root : (top()?.node ?? null));

  /** Where a value may stand; tells its key. */
  const takeValue = (): string => {
    const level = top();
    if (level === undefined) return isDone ? wrong('text after the end of the document') : '';
    const fits = level.kind === 'array' ? ['first', 'value'] : ['value'];
    if (!fits.includes(level.expects)) wrong(`expected ${level.expects}, saw a value`);
    level.expects = 'comma';
    return level.kind === 'array' ? '' : level.key;
  };
  const open = (kind: Level['kind']): void => {
    const key = takeValue();
    if (levels.length >= DEEPEST) wrong(`nested more than ${DEEPEST} deep`);
    const node = receiver()?.open?.(key, kind) ?? null;
    levels.push({ node, kind, expects: 'first', key: '' });
  };
  const close = (kind: Level['kind']): void => {
    const level = top();
    if (level?.kind !== kind || (level.expects !== 'first' && level.expects !== 'comma')) {
      wrong(`a ${kind} ends where none may`);
    }
    level?.node?.close?.();
    levels.pop();
    isDone = levels.length === 0;
  };
  const scalar = (value: Scalar): void => {
    const level = top();
    if (level?.kind === 'object' && (level.expects === 'first' || level.expects === 'key')) {
      level.key = typeof value === 'string' ? value : wrong('expected a key');
      level.expects = 'colon';
      return;
    }
    const key = takeValue();
    receiver()?.scalar?.(key, value);
    isDone = levels.length === 0;
  };
  const punctuate = (from: Level['expects'], to: Level['expects'], mark: string): void => {
    const level = top();
    if (level?.expects === from) level.expects = to;
    else wrong(`'${mark}' where none may stand`);
  };

  tokenizer.onToken = ({ token: type, value, offset }) => {
    token = offset;
    switch (type) {
      case TokenType.LEFT_BRACE:
        return open('object');
      case TokenType.LEFT_BRACKET:
        return open('array');
      case TokenType.RIGHT_BRACE:
        return close('object');
      case TokenType.RIGHT_BRACKET:
        return close('array');
      case TokenType.COLON:
        return punctuate('colon', 'value', ':');
      case TokenType.COMMA:
        return punctuate('comma', top()?.kind === 'object' ? 'key' : 'value', ',');
      case TokenType.STRING:
      case TokenType.NUMBER:
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        return scalar(toScalar(value));
      case TokenType.SEPARATOR:
        return wrong('a second document');
    }
  };
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (error instanceof ReportFlaw) throw error;
      throw new ReportFlaw(`not JSON: ${reasonOf(error)}`, `after byte ${token}`);
    }
  };
  return {
    place,
    write: (chunk: Uint8Array): void => {
      guarded(() => tokenizer.write(chunk));
      seen += chunk.length;
      if (seen - token > LONGEST_VALUE) wrong(`a value of more than ${LONGEST_VALUE} bytes`);
    },
    end: (): void => {
      if (levels.length > 0 || !isDone)
        throw new ReportFlaw('cut off: the document does not end', `byte ${seen}`);
      guarded(() => tokenizer.end());
    },
  };
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
