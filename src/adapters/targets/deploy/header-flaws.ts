/** Headers whose values do not match, in words. */
export function headerFlaws(
  seen: Readonly<Record<string, string | readonly string[] | undefined>>,
  wanted: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(wanted).flatMap(([name, source]) => {
    const value = String(seen[name.toLowerCase()] ?? '');
    return toPattern(source)?.test(value) === true
      ? []
      : [`${name} is ${value === '' ? 'not there' : value}`];
  });
}

/** Null when it is no regular expression. */
export function toPattern(text: string): RegExp | null {
  try {
    return new RegExp(text, 'i');
  } catch {
    return null;
  }
}
