import type { DatabaseSync } from 'node:sqlite'
import type { Cell, Difference } from './inspection.ts'
import type { Table } from './table.ts'

/** Where the two copies of each table stand: schema names. */
export interface Copies {
  readonly kept: string
  readonly replayed: string
}

/**
 * Compares a table with its replayed copy, by key, in the database itself: nothing but the differing rows leaves it. Texts are
 * the same when their bytes are; a number and the same number in another form of storage are not.
 */
export const differencesOn =
  (db: DatabaseSync, { kept, replayed }: Copies) =>
  (name: string, table: Table, most: number): Difference[] => {
    const columns = Object.keys(table.columns)
    const rows = (sql: string): Cell[][] => {
      const statement = db.prepare(sql)
      statement.setReturnArrays(true)
      statement.setReadBigInts(true)
      return statement.all(most) as unknown as Cell[][]
    }
    const list = (side: string) => columns.map((column) => `${side}.${column}`).join(', ')
    const sameKey = table.key.map((column) => `a.${column} = b.${column}`).join(' AND ')
    const differs = columns.map((column) => `a.${column} IS NOT b.${column}`)
    // 1 and 1.0 are equal to SQL.
    const retyped = columns
      .filter((column) => table.columns[column]?.startsWith('int'))
      .map((column) => `typeof(a.${column}) IS NOT typeof(b.${column})`)
    const found = rows(
      `SELECT ${list('a')}, ${list('b')} FROM ${kept}.${name} AS a NOT INDEXED LEFT JOIN ${replayed}.${name} AS b ON ${sameKey}
       WHERE ${[...differs, ...retyped].join(' OR ')} LIMIT ?`,
    ).map((cells) => {
      const here = rowOf(columns, cells.slice(0, columns.length))
      const wanted = rowOf(columns, cells.slice(columns.length))
      // Key columns are never null in the replayed copy: null there is a row that it has not.
      const isMade = table.key.every((column) => wanted[column] !== null)
      return difference(table, here, isMade ? changedWords(columns, here, wanted) : 'no fact made this row')
    })
    const missing = rows(
      `SELECT ${list('b')} FROM ${replayed}.${name} AS b NOT INDEXED
       WHERE NOT EXISTS (SELECT 1 FROM ${kept}.${name} AS a WHERE ${sameKey}) LIMIT ?`,
    ).map((cells) => difference(table, rowOf(columns, cells), 'the facts made this row, and it is not here'))
    return [...found, ...missing].slice(0, most)
  }

type FoundRow = Readonly<Record<string, Cell>>

const rowOf = (columns: readonly string[], cells: readonly Cell[]): FoundRow =>
  Object.fromEntries(columns.map((column, at) => [column, narrowed(cells[at] ?? null)]))

const narrowed = (cell: Cell): Cell =>
  typeof cell === 'bigint' && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell

/** Columns that name a place in the ledger, the likeliest first. */
const PLACES = ['position', 'opened_position', 'first']

const difference = (table: Table, row: FoundRow, why: string): Difference => {
  const place = PLACES.map((column) => row[column]).find((cell) => typeof cell === 'number')
  return {
    key: Object.fromEntries(table.key.map((column) => [column, row[column] ?? null])),
    position: typeof place === 'number' ? place : undefined,
    why,
  }
}

const changedWords = (columns: readonly string[], here: FoundRow, wanted: FoundRow): string =>
  columns
    .filter((column) => !isSame(here[column] ?? null, wanted[column] ?? null))
    .map((column) => `${column} is ${shown(here[column])} here, ${shown(wanted[column])} by the facts`)
    .join('; ') || 'a value is stored as another type, or its bytes are not text'

const isSame = (a: Cell, b: Cell) =>
  a instanceof Uint8Array || b instanceof Uint8Array
    ? a instanceof Uint8Array && b instanceof Uint8Array && Buffer.from(a).equals(b)
    : a === b

const shown = (cell: Cell | undefined): string => {
  if (cell === null || cell === undefined) return 'nothing'
  if (cell instanceof Uint8Array) return `${cell.length} bytes`
  const text = typeof cell === 'string' ? JSON.stringify(cell) : String(cell)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
