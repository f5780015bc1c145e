/** What a statement of a migration does, as far as a running version of the service can feel it. */
export type Change =
  | { readonly kind: 'drop'; readonly what: string; readonly name: string }
  | { readonly kind: 'truncate'; readonly name: string }
  /** `isWhole` when nothing limits it to some rows. */
  | {
      readonly kind: 'rewrite';
      readonly verb: 'DELETE' | 'UPDATE' | 'MERGE' | 'REPLACE';
      readonly name: string;
      readonly isWhole: boolean;
    }
  | {
      readonly kind: 'add-column';
      readonly table: string;
      readonly column: string;
      readonly type: ColumnType;
      readonly isRequired: boolean;
      readonly hasDefault: boolean;
      readonly constraint: 'unique' | 'foreign-key' | null;
    }
  | { readonly kind: 'set-not-null'; readonly table: string; readonly column: string }
  | { readonly kind: 'drop-not-null'; readonly table: string; readonly column: string }
  | { readonly kind: 'drop-default'; readonly table: string; readonly column: string }
  | {
      readonly kind: 'change-type';
      readonly table: string;
      readonly column: string;
      readonly to: ColumnType;
    }
  | { readonly kind: 'rename'; readonly what: string; readonly from: string; readonly to: string }
  | {
      readonly kind: 'add-constraint';
      readonly constraint: 'unique' | 'foreign-key' | 'check' | 'primary-key';
      readonly table: string;
      /** Existing rows are not looked at, or were looked at before. */
      readonly isDeferred: boolean;
    }
  /** A new table; `isNew` when the statement fails where there is one of that name. */
  | {
      readonly kind: 'create-table';
      readonly table: string;
      readonly isNew: boolean;
      readonly columns: Readonly<Record<string, ColumnType>>;
    }
  /** A function, a procedure or a trigger: what is in it runs later, or never. */
  | { readonly kind: 'create-program'; readonly name: string }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'query' }
  /** Takes nothing away from anybody. */
  | { readonly kind: 'harmless' }
  /** Was read, but no rule knows it. */
  | { readonly kind: 'unknown'; readonly words: string }
  /** Could not be read. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** `varchar(20)` is `{ name: 'varchar', sizes: [20] }`. */
export interface ColumnType {
  /** In lower case, without sizes. */
  readonly name: string;
  readonly sizes: readonly number[];
}

export interface Statement {
  /** Counted from 1. */
  readonly line: number;
  readonly change: Change;
}

/** A migration file with its statements in their order. */
export interface ParsedFile {
  readonly path: string;
  readonly statements: readonly Statement[];
}
