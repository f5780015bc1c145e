import type { Answer } from './health-request.ts';

/** Where a health answer says which version it comes from. */
export type VersionSource =
  | { readonly kind: 'header'; readonly name: string }
  /** `build.version`, or the JSON pointer `/build/version`. */
  | { readonly kind: 'field'; readonly path: string };

export type Reported =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string };

export function reportedVersion(
  answer: Extract<Answer, { kind: 'answer' }>,
  source: VersionSource,
): Reported {
  if (source.kind === 'header') {
    const value = answer.headers[source.name.toLowerCase()];
    return typeof value === 'string' && value !== ''
      ? { kind: 'version', version: value }
      : { kind: 'missing', why: `no header ${source.name}` };
  }
  const json = parseJson(answer.body);
  if (json === undefined) return { kind: 'missing', why: 'an answer that is not JSON' };
  const value = segments(source.path).reduce<unknown>(step, json);
  return typeof value === 'string' || typeof value === 'number'
    ? { kind: 'version', version: String(value) }
    : { kind: 'missing', why: `no field ${source.path}` };
}

function segments(path: string): string[] {
  if (!path.startsWith('/')) return path.split('.');
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
