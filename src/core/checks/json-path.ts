/** The value at `build.version` or at the JSON pointer `/build/version`; undefined when there is none. */
export function valueAtPath(data: unknown, path: string): unknown {
  return segments(path).reduce<unknown>(step, data);
}

function segments(path: string): string[] {
  if (!path.startsWith('/')) return path.split('.');
  const parts = path.slice(1).split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
