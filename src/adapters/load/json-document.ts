import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { problemAt, type ReportProblem } from './report-problem.ts';

export type Json = { readonly kind: 'json'; readonly value: unknown } | ReportProblem;

/** Parses a document that must be whole; a problem names where it ceases to be JSON. */
export function parseJson(text: string, firstLine = 1): Json {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = Number(/at position (\d+)/.exec(message)?.[1] ?? text.trimEnd().length);
    const { line, column } = lineAndColumn(text, at);
    const rest = text.slice(at, at + 40);
    const seen = rest === '' ? `end of file after "${text.slice(-40)}"` : rest;
    return problemAt(line + firstLine - 1, 'whole JSON; the report was cut or changed', seen, column);
  }
}

function lineAndColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The fields of a report, or the first that is not what the tool writes. */
export function fieldsOf<T>(
  text: string,
  value: unknown,
  schema: z.ZodType<T>,
): { readonly fields: T } | ReportProblem {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { fields: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  return problemIn(text, path, `${path.map(String).join('.')}: ${issue?.message ?? 'another value'}`);
}

/** A problem with one field of a document, at its line and column. */
export function problemIn(
  text: string,
  path: readonly PropertyKey[],
  expected: string,
  seen?: string,
): ReportProblem {
  const lines = new LineCounter();
  const found = nearest(parseDocument(text, { lineCounter: lines, logLevel: 'silent' }).contents, path);
  const at = found?.range?.[0] ?? 0;
  const { line, col } = lines.linePos(at);
  return problemAt(Math.max(1, line), expected, seen ?? text.slice(at, at + 80), Math.max(1, col));
}

/** The value at a path, or the innermost part of the document that has it. */
function nearest(node: Node | null, path: readonly PropertyKey[]): Node | null {
  const [key, ...rest] = path;
  if (key === undefined || node === null) return node;
  let inner: unknown;
  if (isMap(node))
    inner = node.items.find(({ key: name }) => isScalar(name) && name.value === String(key))?.value;
  if (isSeq(node)) inner = node.items[Number(key)];
  return isMap(inner) || isSeq(inner) || isScalar(inner) ? nearest(inner, rest) : node;
}
