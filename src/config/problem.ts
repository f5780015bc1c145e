/** One thing to change in the config file, and where. */
export interface Problem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** How much of the line is meant, in UTF-16 units; at least 1. */
  readonly length: number;
  /** `kpis[0].alert`; empty for the file as a whole. */
  readonly path: string;
  /** Expected, seen and fix in one sentence. */
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly fix: string;
  /** The line itself, with what looks like a secret taken out. */
  readonly source: string;
}

const WIDEST = 110;

/** All problems as a compiler tells them: `file:line:column  path  expected …, saw …; fix`, then the line and a caret. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n\n');
}

/** One line, without the source: for warnings and annotations. */
export function formatProblemLine({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}  ${path === '' ? '' : `${path}  `}${message}`;
}

function formatProblem(problem: Problem): string {
  const number = String(problem.line).padStart(5);
  const { text, column } = cutAround(problem.source, problem.column);
  const length = Math.max(1, Math.min(problem.length, text.length - column + 1));
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const caret = `${' '.repeat(number.length)} | ${indent}${'^'.repeat(length)}`;
  return [formatProblemLine(problem), `${number} | ${text}`, caret].join('\n');
}

/** The part of a long line in which the problem is. */
function cutAround(source: string, column: number): { readonly text: string; readonly column: number } {
  if (source.length <= WIDEST) return { text: source, column };
  const from = Math.max(0, Math.min(column - 1 - WIDEST / 2, source.length - WIDEST));
  const head = from > 0 ? '…' : '';
  const tail = from + WIDEST < source.length ? '…' : '';
  return { text: `${head}${source.slice(from, from + WIDEST)}${tail}`, column: column - from + head.length };
}
