/** A column is a whole number or text; `?` allows null. Nothing else, so that two databases mean the same by it. */
export type ColumnType = 'int' | 'text' | 'int?' | 'text?'

/**
 * One table, declared once: from it each adapter makes its DDL, and `verify` and `rebuild` know what to compare.
 *
 * `keep` says where the truth of the table lies: `ledger` tables are append-only, `state` tables follow from the ledger and can
 * be dropped and replayed, `apart` tables stand beside the ledger (held tickets, personal data) and are never rebuilt.
 */
export interface Table {
  readonly keep: 'ledger' | 'state' | 'apart'
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly key: readonly string[]
  /** Of an `apart` table: what stands in columns that came later, in rows from before they came; null where nothing is said. */
  readonly since?: Readonly<Record<string, string | number>>
  /** Further uniqueness; `where` is a condition in plain SQL. */
  readonly unique?: readonly { readonly columns: readonly string[]; readonly where?: string }[]
  readonly index?: readonly (readonly string[])[]
}

export type Tables = Readonly<Record<string, Table>>

export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** A change of one row, as data: `apply` makes it from a fact, an adapter carries it out. */
export type Change =
  | { readonly do: 'insert'; readonly table: string; readonly row: Row }
  | { readonly do: 'put'; readonly table: string; readonly row: Row }
  | { readonly do: 'update'; readonly table: string; readonly key: Row; readonly set: Row }
  | { readonly do: 'remove'; readonly table: string; readonly key: Row }
  | { readonly do: 'add'; readonly table: string; readonly key: Row; readonly by: Row; readonly set: Row }

export const insert = (table: string, row: Row): Change => ({ do: 'insert', table, row })
/** Insert, or replace the row with the same key. */
export const put = (table: string, row: Row): Change => ({ do: 'put', table, row })
export const update = (table: string, key: Row, set: Row): Change => ({ do: 'update', table, key, set })
/** Adds whole numbers to the row with this key and sets other columns; the first time makes the row. For sums kept day by day. */
export const add = (table: string, key: Row, by: Row, set: Row): Change => ({ do: 'add', table, key, by, set })
export const remove = (table: string, key: Row): Change => ({ do: 'remove', table, key })
