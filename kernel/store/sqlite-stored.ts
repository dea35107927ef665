import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Cell, Stored, Wanted } from './inspection.ts'
import type { Table } from './table.ts'

/**
 * Reads rows as they stand on disk and says what no column of ours can hold: another type, bytes that are not UTF-8, text
 * behind a NUL. A driver decodes such bytes into something else, so that a hash of what it gives would prove nothing.
 */
export const storedOn = (db: DatabaseSync, schema: string) => {
  const plans = new Map<string, Plan>()
  return <R>(name: string, table: Table, { from, limit, bytesOf }: Wanted): Stored<R>[] => {
    const known = plans.get(name)
    const plan = known ?? planOf(db, { schema, name, table, bytesOf })
    if (!known) plans.set(name, plan)
    return rowsOf(plan, from, limit).map((cells) => checked<R>(plan, cells))
  }
}

interface Plan {
  readonly names: readonly string[]
  readonly table: Table
  readonly bytesAt: number
  readonly quick: StatementSync
  readonly careful: StatementSync
  /** Type and true length of each cell of one row, and its bytes. */
  readonly close: StatementSync
}

const planOf = (
  db: DatabaseSync,
  { schema, name, table, bytesOf }: { schema: string; name: string; table: Table; bytesOf: string | undefined },
): Plan => {
  const names = Object.keys(table.columns)
  const texts = names.filter((column) => isText(table, column) && column !== bytesOf)
  const cells = names.map((column) => (column === bytesOf ? `CAST(${column} AS BLOB)` : column))
  const octets = texts.map((column) => `ifnull(octet_length(${column}), 0)`).join(' + ') || '0'
  const kind = bytesOf === undefined ? "'text'" : `typeof(${bytesOf})`
  const sql = `SELECT ${cells.join(', ')}, ${kind}, ${octets} FROM ${schema}.${name} WHERE ${table.key[0]} >= ? ORDER BY ${table.key[0]} LIMIT ?`
  const close = `SELECT ${names.map((column) => `typeof(${column}), CAST(${column} AS BLOB)`).join(', ')} FROM ${schema}.${name} WHERE ${table.key[0]} = ?`
  const prepared = (text: string) => {
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  const careful = prepared(sql)
  careful.setReadBigInts(true)
  return { names, table, bytesAt: names.indexOf(bytesOf ?? ''), quick: prepared(sql), careful, close: prepared(close) }
}

/** A whole number that a JS number cannot hold makes the driver throw: then once more, with room for it. */
const rowsOf = ({ quick, careful }: Plan, from: bigint, limit: number): Cell[][] => {
  try {
    return quick.all(from, limit) as unknown as Cell[][]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_OUT_OF_RANGE') throw error
    return (careful.all(from, limit) as unknown as Cell[][]).map((cells) =>
      cells.map((cell) => (typeof cell === 'bigint' && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell)),
    )
  }
}

const NO_BYTES = new Uint8Array()

const checked = <R>(plan: Plan, cells: Cell[]): Stored<R> => {
  const { names, table, bytesAt } = plan
  const row: Record<string, Cell> = {}
  let misfit: string | undefined
  let octets = 0
  let isPlain = true
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string
    const cell = cells[at] as Cell
    row[name] = cell
    if (at === bytesAt) continue
    const type = table.columns[name] as string
    if (typeof cell === 'string' && type.startsWith('text')) {
      octets += cell.length
      isPlain &&= !cell.includes('\ufffd')
    } else if (!(typeof cell === 'number' && type.startsWith('int')) && !(cell === null && type.endsWith('?')))
      misfit ??= `${name} is not ${type.startsWith('int') ? 'a whole number' : 'text'}`
  }
  const bytes = bytesAt < 0 ? NO_BYTES : cells[bytesAt]
  if (bytesAt >= 0 && cells[names.length] !== 'text') misfit ??= `${names[bytesAt]} is not text`
  // Only ASCII has as many bytes as letters, and what is no text is decoded to U+FFFD: such a row is looked at closely.
  if (misfit === undefined && (!isPlain || octets !== cells[names.length + 1])) misfit = looked(plan, row)
  return { row: row as R, bytes: bytes instanceof Uint8Array ? bytes : NO_BYTES, misfit }
}

/** What the bytes of one row say against what the driver made of them. */
const looked = ({ names, table, bytesAt, close }: Plan, row: Record<string, Cell>): string | undefined => {
  const cells = close.get(row[table.key[0] as string] as number) as unknown as Cell[] | undefined
  const wrong = names.find((name, at) => {
    if (at === bytesAt || !isText(table, name) || row[name] === null) return false
    const bytes = cells?.[2 * at + 1]
    return !(bytes instanceof Uint8Array) || !Buffer.from(row[name] as string).equals(bytes)
  })
  return wrong && `${wrong} holds bytes that are not text`
}

const isText = (table: Table, column: string) => table.columns[column]?.startsWith('text') ?? false
