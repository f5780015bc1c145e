import type { Change, ColumnType, ParsedFile, Statement } from './change.ts';
import { typeWords, widens } from './column-type.ts';

/** Names under which a statement can be refused, and waived. The list is closed. */
export const MIGRATION_RULES = [
  'drop',
  'truncate',
  'delete-all',
  'not-null',
  'drop-default',
  'type-change',
  'rename',
  'constraint',
  'program',
  'revoke',
  'edited',
  'cannot-be-judged',
] as const;
export type MigrationRule = (typeof MIGRATION_RULES)[number];

/** Something in a migration that the running version may not survive. */
export interface Objection {
  readonly rule: MigrationRule;
  readonly severity: 'block' | 'warn';
  readonly file: string;
  readonly line: number;
  /** The table, the column or the other thing that is meant; empty where there is none. */
  readonly object: string;
  readonly observed: string;
  readonly fix: string;
}

/** What is known of the tables while the statements are read in their order. */
interface Known {
  readonly types: Map<string, ColumnType>;
  readonly fresh: Set<string>;
  hasProgram: boolean;
}

type Plain = Omit<Objection, 'file' | 'line'>;

const TWO_RELEASES = 'first release a version that no longer needs it, and change it in a later release';

/**
 * Every objection to the files, in their order. `earlier` are files that ran before: they are not judged, but say
 * of which type a column is.
 */
export function judgeMigrations(
  files: readonly ParsedFile[],
  earlier: readonly ParsedFile[] = [],
): readonly Objection[] {
  const known: Known = { types: new Map(), fresh: new Set(), hasProgram: false };
  for (const { change } of earlier.flatMap(({ statements }) => statements)) learnTypes(change, known);
  const judged: Known = known;
  return files.flatMap(({ path, statements }) =>
    statements.flatMap((statement) => {
      const found = objectionsTo(statement.change, judged);
      learn(statement.change, judged);
      return found.map((one) => placed(one, path, statement));
    }),
  );
}

function placed(one: Plain, file: string, { line }: Statement): Objection {
  return { ...one, file, line };
}

function objectionsTo(change: Change, known: Known): readonly Plain[] {
  switch (change.kind) {
    case 'drop':
      return [block('drop', change.name, `DROP ${change.what.toUpperCase()} ${change.name}`, TWO_RELEASES)];
    case 'truncate':
      return [block('truncate', change.name, `TRUNCATE ${change.name}`, 'keep the rows, or waive it')];
    case 'rewrite':
      return rewriteObjections(change);
    case 'add-column':
      return columnObjections(change, known);
    case 'set-not-null':
      return [notNull(change, `SET NOT NULL on ${change.table}.${change.column}`)];
    case 'drop-not-null':
      return [dropNotNull(change)];
    case 'drop-default':
      return [dropDefault(change)];
    case 'change-type':
      return typeObjections(change, known);
    case 'rename':
      return [rename(change)];
    case 'add-constraint':
      return constraintObjections(change, known);
    case 'create-program':
      return [warn('program', change.name, `${change.name} is a program that is not judged`, 'review it')];
    case 'revoke':
      return [warn('revoke', '', 'REVOKE takes rights away', 'see that the running version needs them not')];
    case 'query':
      return known.hasProgram ? [unjudged('a query that may run a program of these files')] : [];
    case 'unknown':
      return [unjudged(`${change.words}, which no rule knows`)];
    case 'unreadable':
      return [unjudged(change.why)];
    case 'create-table':
    case 'harmless':
      return [];
  }
}

function block(rule: MigrationRule, object: string, observed: string, fix: string): Plain {
  return { rule, severity: 'block', object, observed, fix };
}

function warn(rule: MigrationRule, object: string, observed: string, fix: string): Plain {
  return { rule, severity: 'warn', object, observed, fix };
}

function unjudged(observed: string): Plain {
  const fix = 'write it as plain SQL, or let a person look at it and waive it with a reason';
  return block('cannot-be-judged', '', `cannot be judged: ${observed}`, fix);
}

function rewriteObjections({ verb, name, isWhole }: Extract<Change, { kind: 'rewrite' }>): readonly Plain[] {
  if (!isWhole) return [];
  const fix = 'limit it with WHERE, or see that all rows are meant';
  return [warn('delete-all', name, `${verb} of every row of ${name}`, fix)];
}

type Added = Extract<Change, { kind: 'add-column' }>;

function columnObjections(
  { table, column, isRequired, hasDefault, constraint }: Added,
  known: Known,
): readonly Plain[] {
  const isFresh = known.fresh.has(table);
  const missing = isRequired && !hasDefault && !isFresh;
  return [
    ...(missing
      ? [notNull({ table, column }, `new column ${table}.${column} NOT NULL without a default`)]
      : []),
    ...(constraint === null
      ? []
      : constraintObjections({ kind: 'add-constraint', constraint, table, isDeferred: false }, known)),
  ];
}

interface Column {
  readonly table: string;
  readonly column: string;
}

function notNull({ table, column }: Column, observed: string): Plain {
  const fix = 'the running version writes rows without it: give it a default, and make it NOT NULL later';
  return block('not-null', `${table}.${column}`, observed, fix);
}

function dropNotNull({ table, column }: Column): Plain {
  const fix = 'see that the running version can read NULL there';
  return warn('not-null', `${table}.${column}`, `${table}.${column} may be NULL from now on`, fix);
}

function dropDefault({ table, column }: Column): Plain {
  const observed = `${table}.${column} loses its default`;
  return block('drop-default', `${table}.${column}`, observed, TWO_RELEASES);
}

function typeObjections(
  { table, column, to }: Extract<Change, { kind: 'change-type' }>,
  { types }: Known,
): readonly Plain[] {
  const name = `${table}.${column}`;
  const from = types.get(name);
  if (from !== undefined && widens(from, to)) return [];
  const before = from === undefined ? 'a type that these files do not tell' : typeWords(from);
  const observed = `${name} changes from ${before} to ${typeWords(to)}`;
  const fix = 'add a column of the new type, write both, and drop the old one in a later release';
  return [block('type-change', name, observed, fix)];
}

function rename({ what, from, to }: Extract<Change, { kind: 'rename' }>): Plain {
  return block('rename', from, `${what} ${from} is renamed to ${to}`, TWO_RELEASES);
}

function constraintObjections(
  { constraint, table, isDeferred }: Extract<Change, { kind: 'add-constraint' }>,
  { fresh }: Known,
): readonly Plain[] {
  if (isDeferred || fresh.has(table)) return [];
  const how =
    constraint === 'foreign-key' || constraint === 'check'
      ? 'add it NOT VALID and validate it later'
      : 'build the index beforehand, and see that the running version cannot break it';
  return [warn('constraint', table, `new ${constraint.replace('-', ' ')} on the rows of ${table}`, how)];
}

function learn(change: Change, known: Known): void {
  learnTypes(change, known);
  if (change.kind === 'create-table' && change.isNew) known.fresh.add(change.table);
  // From here on the name may mean another table.
  if (change.kind === 'drop' || change.kind === 'rename' || change.kind === 'unknown') known.fresh.clear();
  if (change.kind === 'create-program') known.hasProgram = true;
}

function learnTypes(change: Change, { types }: Known): void {
  if (change.kind === 'create-table')
    for (const [column, type] of Object.entries(change.columns)) types.set(`${change.table}.${column}`, type);
  if (change.kind === 'add-column') types.set(`${change.table}.${change.column}`, change.type);
  if (change.kind === 'change-type') types.set(`${change.table}.${change.column}`, change.to);
  // What the names meant before is not followed.
  if (change.kind === 'rename') types.clear();
}
