import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A decision table under tests/vectors/checks, each row checked against its schema. */
export function vectors<S extends z.ZodType>(name: string, row: S): z.output<S>[] {
  const text = readFileSync(new URL(`../vectors/checks/${name}.json`, import.meta.url), 'utf8');
  return z.array(row).parse(JSON.parse(text));
}
