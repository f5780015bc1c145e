export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** For what was validated before: anything else is a mistake in this server. */
export function text(from: Fields, key: string): string {
  const value = from[key];
  if (typeof value === 'string') return value;
  throw new Error(`expected ${key} to be a string, saw ${JSON.stringify(value)}`);
}

export function integer(from: Fields, key: string): number {
  const value = from[key];
  if (typeof value === 'number') return value;
  throw new Error(`expected ${key} to be a number, saw ${JSON.stringify(value)}`);
}

export function optionalText(from: Fields, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' ? value : undefined;
}

export function optionalInteger(from: Fields, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' ? value : undefined;
}

export function flag(from: Fields, key: string, otherwise: boolean): boolean {
  const value = from[key];
  return typeof value === 'boolean' ? value : otherwise;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}
