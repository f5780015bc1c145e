import type { ColumnType } from '../../core/deploy/change.ts';
import { field, list, type Node, nameOf, tagOf } from './node.ts';

const UNKNOWN_TYPE: ColumnType = { name: 'unknown', sizes: [] };
/** In MySQL the number of an integer says how wide it is shown, not what fits. */
const INTEGER = /^(tiny |small |medium |big )?int(eger)?( unsigned)?$/;

/** `Varchar` and its length, `Custom` and its name, `Int` and nothing. */
export function typeOf(node: Node): ColumnType {
  const tag = tagOf(node);
  if (tag === '') return UNKNOWN_TYPE;
  const inner = field(node, tag);
  if (tag === 'Custom') return { name: nameOf(list(inner)[0]), sizes: [] };
  const words = tag.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const name = INTEGER.test(words) ? words.replace(/(tiny|small|medium|big) int/, '$1int') : words;
  if (name !== words || INTEGER.test(words)) return { name, sizes: [] };
  const sizes = sizesIn(inner);
  // What is more than a size belongs to the name, so that another one is another type.
  return sizes === null
    ? { name: `${name} ${JSON.stringify(inner).toLowerCase()}`, sizes: [] }
    : { name, sizes };
}

function sizesIn(inner: Node): readonly number[] | null {
  if (inner === undefined || inner === null || inner === 'None') return [];
  const size = field(inner, 'IntegerLength', 'length') ?? field(inner, 'Precision') ?? inner;
  if (typeof size === 'number') return [size];
  const both = list(field(inner, 'PrecisionAndScale')).filter((one) => typeof one === 'number');
  return both.length === 2 ? both : null;
}

export interface ColumnOptions {
  readonly isRequired: boolean;
  readonly hasDefault: boolean;
  readonly constraint: 'unique' | 'foreign-key' | null;
}

/** Options as a column definition has them, or as MySQL's MODIFY has them, without their wrapping. */
export function optionsOf(options: Node): ColumnOptions {
  const all = list(options).map((one) => field(one, 'option') ?? one);
  const tags = all.map(tagOf);
  const isPrimary = tags.includes('PrimaryKey');
  const constraint = tags.includes('ForeignKey') ? 'foreign-key' : null;
  return {
    isRequired: tags.includes('NotNull') || isPrimary,
    hasDefault: all.some(isDefault) || tags.includes('Generated') || tags.includes('Identity'),
    constraint: tags.includes('Unique') || isPrimary ? 'unique' : constraint,
  };
}

/** `DEFAULT NULL` gives a column that must not be NULL nothing. */
function isDefault(option: Node): boolean {
  if (tagOf(option) !== 'Default') return false;
  return field(option, 'Default', 'Value', 'value') !== 'Null';
}
