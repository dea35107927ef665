import type { ColumnType, Table, Tables } from './table.ts'

/** The statements that make every table, index and trigger; each may run on a database that has them already. */
export const ddl = (tables: Tables): string[] =>
  Object.entries(tables).flatMap(([name, table]) => tableDdl(name, table))

export const tableDdl = (name: string, table: Table): string[] => [
  ...constrainedDdl(name, table),
  ...(table.index ?? []).map(
    (columns) => `CREATE INDEX IF NOT EXISTS by_${name}_${columns.join('_')} ON ${name} (${columns.join(', ')})`,
  ),
  ...(table.keep === 'ledger'
    ? [...['UPDATE', 'DELETE'].map((verb) => refusal(name, verb)), noReplacing(name, table)]
    : []),
]

/** The table and what it holds to (key, uniqueness), in the schema with this name: all that a replay needs. */
export const constrainedDdl = (name: string, table: Table, schema = 'main'): string[] => [
  `CREATE TABLE IF NOT EXISTS ${schema}.${name} (${columns(table)}, PRIMARY KEY (${table.key.join(', ')})) STRICT${withoutRowid(table)}`,
  ...(table.unique ?? []).map(
    ({ columns, where }) =>
      `CREATE UNIQUE INDEX IF NOT EXISTS ${schema}.one_${name}_${columns.join('_')} ON ${name} (${columns.join(', ')})${where ? ` WHERE ${where}` : ''}`,
  ),
]

/**
 * What a table lacks that was made by an older version of this program. Tables beside the ledger are never made anew, so they grow; the
 * others have one form for ever, or are replayed (`ledger rebuild`). Throws where old rows would have nothing to say in a column that needs a value.
 */
export const growth = (name: string, table: Table, there: readonly string[]): string[] =>
  table.keep !== 'apart' || there.length === 0
    ? []
    : Object.keys(table.columns)
        .filter((column) => !there.includes(column))
        .map((column) => `ALTER TABLE ${name} ADD COLUMN ${grown(name, table, column)}`)

const grown = (name: string, { columns, since = {} }: Table, column: string): string => {
  const type = columns[column] as ColumnType
  const before = since[column]
  if (before === undefined && !type.endsWith('?'))
    throw new TypeError(`table ${name} has no value of '${column}' for rows of before: give it one under 'since'`)
  return `${column} ${SQL_TYPE[type]}${defaultOf(before)}`
}

const defaultOf = (value: string | number | undefined) =>
  value === undefined ? '' : ` DEFAULT ${typeof value === 'string' ? `'${value}'` : value}`

const columns = (table: Table) =>
  Object.entries(table.columns)
    .map(([name, type]) => `${name} ${SQL_TYPE[type]}`)
    .join(', ')

const SQL_TYPE: Record<ColumnType, string> = {
  int: 'INTEGER NOT NULL',
  text: 'TEXT NOT NULL',
  'int?': 'INTEGER',
  'text?': 'TEXT',
}

/** A single whole-number key is SQLite's own row number; any other key is cheaper as the table's own order. */
const withoutRowid = ({ key, columns }: Table) =>
  key.length === 1 && columns[key[0] ?? ''] === 'int' ? '' : ', WITHOUT ROWID'

const refusal = (table: string, verb: string) =>
  `CREATE TRIGGER IF NOT EXISTS no_${verb.toLowerCase()}_${table} BEFORE ${verb} ON ${table}
   BEGIN SELECT ${raise(table)}; END`

/** INSERT OR REPLACE deletes the row in its way without asking the trigger above, so the way must be free. */
const noReplacing = (name: string, { key, unique = [] }: Table) => {
  const taken = [key, ...unique.map(({ columns }) => columns)].map(
    (columns) =>
      `EXISTS (SELECT 1 FROM ${name} WHERE ${columns.map((column) => `${column} = NEW.${column}`).join(' AND ')})`,
  )
  return `CREATE TRIGGER IF NOT EXISTS no_replace_${name} BEFORE INSERT ON ${name} WHEN ${taken.join(' OR ')}
   BEGIN SELECT ${raise(name)}; END`
}

const raise = (table: string) =>
  `RAISE(ABORT, '${table} is append-only: a mistake is followed by a counter-entry, never changed')`
