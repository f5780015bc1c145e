import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Contexts = Readonly<Record<string, Json>>;

/** What the four status functions answer where an expression stands. */
export interface Status {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

export type Expression = (contexts: Contexts, status?: Status) => Json;

const FINE: Status = { success: true, failure: false, cancelled: false };
const NAMES = ['github', 'inputs', 'needs', 'steps', 'jobs', 'secrets', 'job', 'runner', 'env', 'vars'];
const STATUS = ['success', 'failure', 'cancelled', 'always'].map((name) => ({
  name,
  minArgs: 0,
  maxArgs: 0,
}));

/** An expression, without `${{ }}`, as GitHub's own parser and evaluator have it. */
export function expression(text: string): Expression {
  const parsed = new Parser(new Lexer(text).lex().tokens, NAMES, STATUS).parse();
  return (contexts, status = FINE) => {
    const answers = { ...status, always: true };
    const functions = new Map(
      Object.entries(answers).map(([name, answer]) => [
        name,
        { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(answer) },
      ]),
    );
    const context = JSON.parse(JSON.stringify(contexts), data.reviver);
    const answer = new Evaluator(parsed, context, functions).evaluate();
    return JSON.parse(JSON.stringify(answer, data.replacer));
  };
}

/** Every expression of a text, such as the value of a key. */
export function expressionsIn(text: string): string[] {
  return [...text.matchAll(/\$\{\{([\s\S]*?)\}\}/g)].map(([, inner = '']) => inner.trim());
}

/** A text with its expressions replaced by what they come to. */
export function filledIn(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_, inner: string) =>
    String(expression(inner.trim())(contexts) ?? ''),
  );
}
