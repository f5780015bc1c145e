import type { Change } from '../../core/deploy/change.ts';
import { optionsOf, typeOf } from './columns.ts';
import { field, isTrue, list, type Node, nameOf, tagOf } from './node.ts';

/** Operations of ALTER TABLE that take nothing away. */
const HARMLESS = new Set([
  'AddPartition',
  'Algorithm',
  'AttachPartition',
  'AutoIncrement',
  'DisableRowLevelSecurity',
  'EnableAlwaysTrigger',
  'EnableTrigger',
  'Lock',
  'OwnerTo',
  'RenameConstraint',
  'ReplicaIdentity',
  'SetOptionsParens',
  'SetTblProperties',
  'ValidateConstraint',
]);

/** Every change that an ALTER TABLE makes. */
export function alterationsOf(statement: Node): readonly Change[] {
  const table = nameOf(field(statement, 'name'));
  return list(field(statement, 'operations')).flatMap((operation) => {
    const tag = tagOf(operation);
    return operationChanges(tag, field(operation, tag), table);
  });
}

function operationChanges(tag: string, body: Node, table: string): readonly Change[] {
  switch (tag) {
    case 'AddColumn':
      return [addColumn(field(body, 'column_def'), table)];
    case 'AddConstraint':
      return addConstraint(body, table);
    case 'AlterColumn':
      return alterColumn(nameOf(field(body, 'column_name')), field(body, 'op'), table);
    case 'ModifyColumn':
      return redefine(nameOf(field(body, 'col_name')), nameOf(field(body, 'col_name')), body, table);
    case 'ChangeColumn':
      return redefine(nameOf(field(body, 'old_name')), nameOf(field(body, 'new_name')), body, table);
    case 'RenameColumn': {
      const from = `${table}.${nameOf(field(body, 'old_column_name'))}`;
      return [{ kind: 'rename', what: 'column', from, to: nameOf(field(body, 'new_column_name')) }];
    }
    case 'RenameTable': {
      const to = field(body, 'table_name');
      return [{ kind: 'rename', what: 'table', from: table, to: nameOf(field(to, tagOf(to))) }];
    }
    case 'DropColumn':
      return list(field(body, 'column_names')).map((column) => drop('column', `${table}.${nameOf(column)}`));
    default:
      return [otherOperation(tag, body, table)];
  }
}

function otherOperation(tag: string, body: Node, table: string): Change {
  if (HARMLESS.has(tag)) return { kind: 'harmless' };
  const [, what] = /^Drop([A-Z]\w*)$/.exec(tag) ?? [];
  if (what === undefined) return { kind: 'unknown', words: `ALTER TABLE ${table} ${spaced(tag)}` };
  const name = nameOf(field(body, 'name'));
  return drop(spaced(what), name === '' ? table : `${table}.${name}`);
}

function drop(what: string, name: string): Change {
  return { kind: 'drop', what, name };
}

/** `ForeignKey` as people write it. */
export function spaced(tag: string): string {
  return tag.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

function addColumn(definition: Node, table: string): Change {
  const column = nameOf(field(definition, 'name'));
  const type = typeOf(field(definition, 'data_type'));
  // PostgreSQL's own way to write a default.
  const isSerial = /^(small|big)?serial\d?$/.test(type.name);
  const { hasDefault, ...options } = optionsOf(field(definition, 'options'));
  return { kind: 'add-column', table, column, type, hasDefault: hasDefault || isSerial, ...options };
}

const CONSTRAINTS = {
  Unique: 'unique',
  UniqueUsingIndex: 'unique',
  PrimaryKey: 'primary-key',
  PrimaryKeyUsingIndex: 'primary-key',
  ForeignKey: 'foreign-key',
  Check: 'check',
} as const;

function addConstraint(body: Node, table: string): readonly Change[] {
  const tag = tagOf(field(body, 'constraint'));
  if (tag === 'Index' || tag === 'FulltextOrSpatial') return [{ kind: 'harmless' }];
  const known = Object.entries(CONSTRAINTS).find(([name]) => name === tag);
  if (known === undefined) return [{ kind: 'unknown', words: `ALTER TABLE ${table} ADD ${spaced(tag)}` }];
  const isDeferred = isTrue(field(body, 'not_valid')) || tag.endsWith('UsingIndex');
  return [{ kind: 'add-constraint', constraint: known[1], table, isDeferred }];
}

function alterColumn(column: string, operation: Node, table: string): readonly Change[] {
  switch (tagOf(operation)) {
    case 'SetNotNull':
      return [{ kind: 'set-not-null', table, column }];
    case 'DropNotNull':
      return [{ kind: 'drop-not-null', table, column }];
    case 'DropDefault':
      return [{ kind: 'drop-default', table, column }];
    case 'SetDefault':
    case 'AddGenerated':
      return [{ kind: 'harmless' }];
    case 'SetDataType':
      return [
        { kind: 'change-type', table, column, to: typeOf(field(operation, 'SetDataType', 'data_type')) },
      ];
    default:
      return [{ kind: 'unknown', words: `ALTER COLUMN ${table}.${column} ${spaced(tagOf(operation))}` }];
  }
}

/** MySQL writes the whole column anew. */
function redefine(from: string, to: string, body: Node, table: string): readonly Change[] {
  const { isRequired } = optionsOf(field(body, 'options'));
  const renamed: Change = { kind: 'rename', what: 'column', from: `${table}.${from}`, to };
  const type: Change = { kind: 'change-type', table, column: from, to: typeOf(field(body, 'data_type')) };
  const required: Change = { kind: 'set-not-null', table, column: from };
  return [type, ...(isRequired ? [required] : []), ...(from === to ? [] : [renamed])];
}
