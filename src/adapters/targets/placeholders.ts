import type { Slot, Version } from '../../core/rollout/record.ts';

/** `{name}`, or `{{name}}` for the text `{name}` itself. `${name}` and `${{ name }}` belong to others. */
const PLACEHOLDER = /(?<![${])(?:\{\{([a-z][a-z0-9_-]*)\}\}|\{([a-z][a-z0-9_-]*)\})/gi;

export const PLACEHOLDERS = ['slot', 'slot-number', 'version', 'service', 'environment'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];
export type Values = Readonly<Partial<Record<Placeholder, string>>>;

export interface Place {
  readonly slot: Slot;
  /** Null where none is meant, as when a slot is emptied. */
  readonly version: Version | null;
  readonly service: string;
  readonly environment: string;
}

export function valuesOf({ slot, version, service, environment }: Place): Values {
  const values = { slot, 'slot-number': slot === 'a' ? '1' : '2', service, environment };
  return version === null ? values : { ...values, version };
}

/** Puts the values in; a placeholder without a value stays as it is. */
export function fill(template: string, values: Values, write = (value: string): string => value): string {
  return template.replace(PLACEHOLDER, (whole: string, literal?: string, name?: string) => {
    if (literal !== undefined) return `{${literal}}`;
    const value = PLACEHOLDERS.find((known) => known === name);
    const filled = value === undefined ? undefined : values[value];
    return filled === undefined ? whole : write(filled);
  });
}

export interface Stranger {
  readonly name: string;
  readonly nearest: Placeholder;
}

/** Placeholders of the template that are none of `known`, each with the one that was probably meant. */
export function strangersIn(template: string, known: readonly Placeholder[]): Stranger[] {
  const names = [...template.matchAll(PLACEHOLDER)].flatMap(([, , name]) =>
    name === undefined ? [] : [name],
  );
  return names
    .filter((name) => !known.some((one) => one === name))
    .map((name) => ({ name, nearest: nearestTo(name.toLowerCase(), known) }));
}

function nearestTo(name: string, known: readonly Placeholder[]): Placeholder {
  const scored = known.map((one) => ({ one, score: distance(name, one) - 2 * sharedBeginning(name, one) }));
  return scored.sort((left, right) => left.score - right.score)[0]?.one ?? 'slot';
}

/** `env` is far from `environment` by its edits, but means it. */
function sharedBeginning(left: string, right: string): number {
  const apart = [...left].findIndex((character, index) => character !== right[index]);
  return apart === -1 ? left.length : apart;
}

/** Levenshtein's edit distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, left] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...to].entries()) {
      const swapped = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
