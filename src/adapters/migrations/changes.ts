import type { Change } from '../../core/deploy/change.ts';
import { alterationsOf, spaced } from './alterations.ts';
import { typeOf } from './columns.ts';
import { field, isTrue, list, type Node, nameOf, tagOf, walk } from './node.ts';

/** Statements that take nothing away by themselves; what is inside of them is still looked at. */
const HARMLESS = new Set([
  'Analyze',
  'Comment',
  'Commit',
  'Copy',
  'CreateDatabase',
  'CreateDomain',
  'CreateExtension',
  'CreateIndex',
  'CreateOperator',
  'CreateOperatorClass',
  'CreateOperatorFamily',
  'CreatePolicy',
  'CreateRole',
  'CreateSchema',
  'CreateSequence',
  'CreateType',
  'CreateUser',
  'CreateView',
  'CreateVirtualTable',
  'Explain',
  'ExplainTable',
  'Grant',
  'Insert',
  'Lock',
  'LockTables',
  'OptimizeTable',
  'Prepare',
  'ReleaseSavepoint',
  'Rollback',
  'Savepoint',
  'Set',
  'ShowVariable',
  'StartTransaction',
  'UnlockTables',
  'Use',
  'Vacuum',
]);

/** Settings of SQLite that migrations make and that change no data. */
const PRAGMAS = new Set([
  'foreign_keys',
  'defer_foreign_keys',
  'legacy_alter_table',
  'foreign_key_check',
  'integrity_check',
  'journal_mode',
  'user_version',
]);

/** Everything that one statement does, what is nested in it included. */
export function changesOf(statement: Node): readonly Change[] {
  const tag = tagOf(statement);
  const body = field(statement, tag);
  const own = ownChanges(tag, body);
  return [...own, ...nestedChanges(body)];
}

function ownChanges(tag: string, body: Node): readonly Change[] {
  switch (tag) {
    case 'AlterTable':
      return alterationsOf(body);
    case 'Drop':
      return drops(body);
    case 'Truncate':
      return list(field(body, 'table_names')).map((one) => ({
        kind: 'truncate',
        name: nameOf(field(one, 'name')),
      }));
    case 'Delete':
    case 'Update':
    case 'Merge':
      return [rewriteOf(tag, body)];
    case 'Insert':
      return insertion(body);
    case 'Query':
      return [{ kind: 'query' }];
    case 'CreateTable':
      return creation(body);
    case 'CreateIndex':
      return index(body);
    case 'RenameTable':
      return list(body).map((one) => renaming('table', field(one, 'old_name'), field(one, 'new_name')));
    case 'AlterType':
      return alterType(body);
    case 'Pragma':
      return [pragma(nameOf(field(body, 'name')))];
    default:
      return [otherStatement(tag, body)];
  }
}

function otherStatement(tag: string, body: Node): Change {
  if (HARMLESS.has(tag)) return { kind: 'harmless' };
  if (tag === 'CreateFunction' || tag === 'CreateProcedure' || tag === 'CreateTrigger')
    return { kind: 'create-program', name: `${spaced(tag.slice(6))} ${nameOf(field(body, 'name'))}` };
  if (tag === 'Revoke') return { kind: 'revoke' };
  // An index is known to nobody by its name.
  if (tag === 'AlterIndex' && tagOf(field(body, 'operation')) === 'RenameIndex') return { kind: 'harmless' };
  const [, what] = /^Drop([A-Z]\w*)$/.exec(tag) ?? [];
  if (what !== undefined) return { kind: 'drop', what: spaced(what), name: anyName(body) };
  return { kind: 'unknown', words: spaced(tag).toUpperCase() };
}

/** Drops of all kinds keep their name in a field of their own. */
function anyName(body: Node): string {
  for (const key of ['name', 'names', 'trigger_name', 'func_desc', 'proc_desc', 'operators']) {
    const held = field(body, key);
    const [first] = list(held);
    const name = nameOf(field(first, 'name') ?? held);
    if (name !== '') return name;
  }
  return '';
}

function drops(body: Node): readonly Change[] {
  if (isTrue(field(body, 'temporary'))) return [{ kind: 'harmless' }];
  const what = spaced(tagOf(field(body, 'object_type')));
  return list(field(body, 'names')).map((name) => ({ kind: 'drop', what, name: nameOf(name) }));
}

const NESTED = ['Delete', 'Update', 'Merge', 'Insert'] as const;

/** PostgreSQL changes rows in a WITH, in EXPLAIN ANALYZE and in PREPARE, too. */
function nestedChanges(body: Node): readonly Change[] {
  return [...walk(body)].flatMap((node) =>
    NESTED.flatMap((verb): readonly Change[] => {
      const inner = field(node, verb);
      const statement = field(inner, verb) === undefined ? inner : undefined;
      // What MERGE does to a row is no statement of its own.
      if (field(statement, 'from') === undefined && field(statement, 'table') === undefined) return [];
      return verb === 'Insert' ? insertion(statement) : [rewriteOf(verb, statement)];
    }),
  );
}

function rewriteOf(tag: 'Delete' | 'Update' | 'Merge', body: Node): Change {
  const verb = ({ Delete: 'DELETE', Update: 'UPDATE', Merge: 'MERGE' } as const)[tag];
  const table = tablesIn(field(body, 'from') ?? field(body, 'table'))[0] ?? '';
  return {
    kind: 'rewrite',
    verb,
    name: table,
    isWhole: tag === 'Merge' || !limits(field(body, 'selection')),
  };
}

/** A condition that names no column is true for every row, or for none. */
function limits(condition: Node): boolean {
  return [...walk(condition)].some((node) => {
    const tag = tagOf(node);
    return tag === 'Identifier' || tag === 'CompoundIdentifier' || tag === 'Exists';
  });
}

function tablesIn(node: Node): readonly string[] {
  return [...walk(node)].flatMap((one) => {
    const name = nameOf(field(one, 'Table', 'name'));
    return name === '' ? [] : [name];
  });
}

/** A row that is replaced is deleted first. */
function insertion(body: Node): readonly Change[] {
  const replaces = isTrue(field(body, 'replace_into')) || isTrue(field(body, 'overwrite'));
  if (!replaces && field(body, 'or') !== 'Replace') return [{ kind: 'harmless' }];
  const table = field(body, 'table');
  const name = nameOf(field(table, tagOf(table)));
  return [{ kind: 'rewrite', verb: 'REPLACE', name, isWhole: isTrue(field(body, 'overwrite')) }];
}

function creation(body: Node): readonly Change[] {
  const table = nameOf(field(body, 'name'));
  const columns = Object.fromEntries(
    list(field(body, 'columns')).map((one) => [nameOf(field(one, 'name')), typeOf(field(one, 'data_type'))]),
  );
  const isTemporary = isTrue(field(body, 'temporary'));
  const isNew = !isTemporary && !isTrue(field(body, 'if_not_exists'));
  const created: Change = { kind: 'create-table', table, isNew, columns };
  const replaced: Change = { kind: 'drop', what: 'table', name: table };
  return isTrue(field(body, 'or_replace')) ? [replaced] : [created];
}

function index(body: Node): readonly Change[] {
  if (!isTrue(field(body, 'unique'))) return [{ kind: 'harmless' }];
  const table = nameOf(field(body, 'table_name'));
  return [{ kind: 'add-constraint', constraint: 'unique', table, isDeferred: false }];
}

function renaming(what: string, from: Node, to: Node): Change {
  return { kind: 'rename', what, from: nameOf(from), to: nameOf(to) };
}

function alterType(body: Node): readonly Change[] {
  const operation = field(body, 'operation');
  const tag = tagOf(operation);
  if (tag === 'AddValue') return [{ kind: 'harmless' }];
  if (tag === 'RenameValue')
    return [renaming('value', field(operation, tag, 'from'), field(operation, tag, 'to'))];
  if (tag === 'Rename') return [renaming('type', field(body, 'name'), field(operation, tag, 'new_name'))];
  return [{ kind: 'unknown', words: `ALTER TYPE ${spaced(tag)}` }];
}

function pragma(name: string): Change {
  return PRAGMAS.has(name) ? { kind: 'harmless' } : { kind: 'unknown', words: `PRAGMA ${name}` };
}
