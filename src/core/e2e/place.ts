import type { TestCase } from './test-case.ts';

/** Where a person should look. */
export interface Place {
  readonly file: string | null;
  readonly line: number | null;
}

/** A path with a line, as a stack or a message has it. */
const POSITION = /([^\s()'"<>[\]]+\.[A-Za-z]{1,6}):(\d{1,7})\b/g;
/** Frames of the tools themselves, not of a test. */
const FOREIGN = /node_modules|^node:|\/internal\/|site-packages|dist-packages|\/usr\/(local\/)?(lib|go)\//;

/** Where the failure was, in the file of the test if its message names that; else where the test is. */
export function placeIn({ file, line, message }: Pick<TestCase, 'file' | 'line' | 'message'>): Place {
  const places = [...message.matchAll(POSITION)].map(([, path = '', at]) => ({
    path: path.replace(/^file:\/\//, ''),
    line: Number(at),
  }));
  const own = places.filter(({ path }) => !FOREIGN.test(path));
  const base = file === null ? null : nameOf(file);
  const inFile = own.find(({ path }) => base !== null && nameOf(path) === base);
  if (inFile !== undefined) return { file, line: inFile.line };
  if (file !== null) return { file, line };
  const [first] = own;
  return first === undefined ? { file: null, line: null } : { file: first.path, line: first.line };
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
