import { init, Parser, ParserError } from '@guanmingchiu/sqlparser-ts';
import type { Statement } from '../../core/deploy/change.ts';
import { AdapterError, messageOf } from '../../ports/adapter-error.ts';
import type { Dialect, SqlReader } from '../../ports/migrations.ts';
import { changesOf } from './changes.ts';
import { forwardPart } from './forward-part.ts';
import { firstLine, isNode, type Node } from './node.ts';
import { type Piece, splitSql } from './split-sql.ts';

/** MariaDB runs what other databases take for a comment. */
const HIDDEN_CODE = /\/\*M!/;

/** Reads a migration with the parser of the DataFusion project, which knows these dialects. */
export const readSql: SqlReader = async ({ path, text }, { dialect, markers }) => {
  await load();
  const plain = forwardPart(text.replace(/^\uFEFF/, ''), markers);
  const whole: Piece = { text: plain, line: 1 };
  if (dialect === 'mysql' && HIDDEN_CODE.test(plain)) {
    const line = plain.slice(0, plain.search(HIDDEN_CODE)).split('\n').length;
    return { path, statements: [unreadable(line, 'code in a comment that MariaDB runs')] };
  }
  const all = statementsOf(whole, dialect);
  if (all.ok) return { path, statements: all.statements };
  const pieces = splitSql(plain, dialect).map((piece) => statementsOf(piece, dialect));
  return { path, statements: pieces.flatMap(({ statements }) => statements) };
};

async function load(): Promise<void> {
  try {
    await init();
  } catch (error) {
    const message = `expected the SQL parser to start, saw ${messageOf(error)}; check that the action was installed whole`;
    throw new AdapterError('migrations', 'io', message, { retryable: false, cause: error });
  }
}

interface Read {
  readonly ok: boolean;
  readonly statements: readonly Statement[];
}

function statementsOf({ text, line }: Piece, dialect: Dialect): Read {
  try {
    // The parser counts lines from the text's first.
    const parsed: Node = Parser.parse(`${'\n'.repeat(line - 1)}${text}`, dialect);
    if (!Array.isArray(parsed)) throw new ParserError('no statements');
    return { ok: true, statements: parsed.flatMap((one) => readStatement(one, line)) };
  } catch (error) {
    return { ok: false, statements: [unreadable(...whyUnreadable(error, { text, line }))] };
  }
}

function readStatement(node: Node, line: number): readonly Statement[] {
  const at = isNode(node) ? (firstLine(node) ?? line) : line;
  return changesOf(node).map((change) => ({ line: at, change }));
}

function unreadable(line: number, why: string): Statement {
  return { line, change: { kind: 'unreadable', why } };
}

const PLACE = /\s*at Line: (\d+), Column: \d+/;

/** The place, and what the parser says without it: the place is where the finding is. */
function whyUnreadable(error: unknown, { text, line }: Piece): [number, string] {
  const message = messageOf(error);
  const told = Number(PLACE.exec(message)?.[1] ?? 0);
  const first = line + (/^\s*/.exec(text)?.[0].split('\n').length ?? 1) - 1;
  const why = message.replace(PLACE, '').replace(/^sql parser error: /, '');
  return [Math.max(told, first), why.slice(0, 200)];
}
