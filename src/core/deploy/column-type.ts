import type { ColumnType } from './change.ts';

/** Each holds whatever those before it hold. */
const LADDERS: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint'],
  ['real', 'double precision'],
  ['char', 'varchar', 'text'],
];

const SYNONYMS: Readonly<Record<string, string>> = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  float4: 'real',
  float8: 'double precision',
  double: 'double precision',
  character: 'char',
  'character varying': 'varchar',
  'char varying': 'varchar',
  decimal: 'numeric',
  dec: 'numeric',
};

/** Whether every value of the one type is the same value in the other. */
export function widens(from: ColumnType, to: ColumnType): boolean {
  const [before, after] = [plainName(from), plainName(to)];
  if (before === after) return before === 'numeric' ? numericWidens(from, to) : sizesWiden(from, to);
  const ladder = LADDERS.find((one) => one.includes(before) && one.includes(after));
  if (ladder === undefined || ladder.indexOf(before) > ladder.indexOf(after)) return false;
  return after === 'text' || sizesWiden(from, to);
}

export function typeWords({ name, sizes }: ColumnType): string {
  return sizes.length === 0 ? name : `${name}(${sizes.join(', ')})`;
}

function plainName({ name }: ColumnType): string {
  return SYNONYMS[name] ?? name;
}

/** No size is no limit, but for `char`, where it is 1. */
function sizesWiden(from: ColumnType, to: ColumnType): boolean {
  const limit = ({ name, sizes }: ColumnType): number =>
    sizes[0] ?? (plainName({ name, sizes }) === 'char' ? 1 : Infinity);
  return limit(to) >= limit(from);
}

function numericWidens(from: ColumnType, to: ColumnType): boolean {
  const [digits, places = 0] = to.sizes;
  if (digits === undefined) return true;
  const [before, placesBefore = 0] = from.sizes;
  return before !== undefined && places >= placesBefore && digits - places >= before - placesBefore;
}
