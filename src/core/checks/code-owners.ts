/** Who owns a file, by one line of a CODEOWNERS file. */
interface OwnerRule {
  readonly pattern: RegExp;
  readonly owners: readonly string[];
}

/**
 * Reads a CODEOWNERS file. Answers with the owners of a path: those of the last line that matches, none where that
 * line has none. Patterns are as GitHub describes them: like .gitignore, without `!` and `[ ]`.
 */
export function readCodeOwners(text: string): (path: string) => readonly string[] {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.owners ?? [];
}

function ruleOf(line: string): OwnerRule[] {
  const words = line.trim().match(/(?:\\.|[^\s\\])+/g) ?? [];
  const [pattern, ...rest] = words;
  if (pattern === undefined || pattern.startsWith('#')) return [];
  const end = rest.findIndex((word) => word.startsWith('#'));
  const owners = end < 0 ? rest : rest.slice(0, end);
  // GitHub skips a line whose pattern it does not take.
  if (pattern.startsWith('!') || pattern.includes('[')) return [];
  return [{ pattern: toPattern(pattern), owners }];
}

function toPattern(written: string): RegExp {
  const pattern = written.replaceAll(/\\(.)/g, '$1');
  const isFolder = pattern.endsWith('/');
  const body = pattern.replace(/^\//, '').replace(/\/$/, '');
  const isAnchored = pattern.startsWith('/') || body.includes('/');
  const start = isAnchored ? '^' : '^(?:.*/)?';
  // A name means a file, or a folder with all that is in it; `docs/*` means what lies directly in docs.
  const end = isFolder ? '/.*$' : endsInStar(body) ? '$' : '(?:/.*)?$';
  return new RegExp(`${start}${translated(body)}${end}`);
}

function endsInStar(body: string): boolean {
  return body.includes('/') && /(^|\/)\*$/.test(body);
}

function translated(body: string): string {
  return body
    .split(/(\/\*\*\/|\*\*\/|\/\*\*|\*\*|\*|\?)/)
    .map((part) => WILD[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('');
}

const WILD: Readonly<Record<string, string>> = {
  '/**/': '/(?:.*/)?',
  '**/': '(?:.*/)?',
  '/**': '/.*',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};
