/** What is wrong, in three parts: what was expected, what was seen, what to change. */
export interface Telling {
  readonly expected: string;
  readonly fix: string;
  /** Left out where the value itself is what was seen. */
  readonly seen?: string;
  /** Where in the value's text the flaw is, counted from 0. */
  readonly offset?: number;
}

export type Path = readonly (string | number)[];

/** Something that does not hold between values that may each be fine. */
export interface Flaw extends Telling {
  readonly path: Path;
}

/** The zod issue that carries a telling in its `params`. */
export function flawed(telling: Telling) {
  const message = `expected ${telling.expected}; ${telling.fix}`;
  return { code: 'custom' as const, message, params: { ...telling } };
}

/** Takes `expected …, saw …; fix` apart; any other sentence is what was expected. */
export function splitMessage(message: string): Partial<Telling> & { readonly expected: string } {
  const text = message.replace(/^expected /, '');
  const [head, ...fixes] = text.split('; ');
  const [expected, ...seen] = (head ?? text).split(', saw ');
  return {
    expected: expected ?? text,
    ...(seen.length === 0 ? {} : { seen: seen.join(', saw ') }),
    ...(fixes.length === 0 ? {} : { fix: fixes.join('; ') }),
  };
}
