/** Whether a path is meant: `*` and `?` stay within a folder, `**` does not. */
export function matchesGlob(pattern: string, path: string): boolean {
  const parts = pattern.replace(/^\.\//, '').split(/(\*\*\/|\*\*|\*|\?)/);
  const source = parts.map((part) => WILD[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')).join('');
  return new RegExp(`^${source}$`).test(path);
}

const WILD: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
};

/** The folder in which everything lies that the pattern can mean; `.` for all of them. */
export function folderOf(pattern: string): string {
  const plain = pattern.replace(/^\.\//, '').split('/').slice(0, -1);
  const wild = plain.findIndex((part) => /[*?]/.test(part));
  return (wild < 0 ? plain : plain.slice(0, wild)).join('/') || '.';
}
