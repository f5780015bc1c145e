import type { Milliseconds } from '../../core/units.ts';

/** What a test point's block of diagnostics says, as far as it is of use. */
export interface Diagnostics {
  readonly file: string | null;
  readonly line: number | null;
  readonly duration: Milliseconds | null;
  readonly message: string;
}

/** Reads the few keys that reporters have in common; the block is YAML, and the rest of it is for people. */
export function readDiagnostics(lines: readonly string[]): Diagnostics {
  const location = unquoted(saidOf(lines, 'location') ?? saidOf(lines, 'at') ?? '');
  const [, file = null, line = null] = /^(.*?):(\d+)(?::\d+)?$/.exec(location) ?? [];
  const duration = Number(saidOf(lines, 'duration_ms') ?? Number.NaN);
  return {
    file,
    line: line === null ? null : Number(line),
    duration: Number.isFinite(duration) ? duration : null,
    message: messageOf(lines),
  };
}

function saidOf(lines: readonly string[], key: string): string | undefined {
  const found = lines.find((one) => one.trimStart().startsWith(`${key}:`));
  return found?.slice(found.indexOf(':') + 1).trim();
}

/** The error as a line, or as the block of deeper lines under its key. */
function messageOf(lines: readonly string[]): string {
  const at = lines.findIndex((one) => /^\s*(error|message):/.test(one));
  const head = lines[at];
  if (head === undefined) return '';
  const value = head.slice(head.indexOf(':') + 1).trim();
  if (!/^[|>][+-]?$/.test(value)) return unquoted(value);
  const depth = head.search(/\S/);
  const block: string[] = [];
  for (const one of lines.slice(at + 1)) {
    if (one.trim() !== '' && one.search(/\S/) <= depth) break;
    block.push(one.slice(depth + 2));
  }
  return block.join('\n').trim();
}

function unquoted(text: string): string {
  const [, single, double] = /^(?:'(.*)'|"(.*)")$/s.exec(text) ?? [];
  return single?.replaceAll("''", "'") ?? double ?? text;
}
