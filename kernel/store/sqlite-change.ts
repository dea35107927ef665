import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Change, Tables, Value } from './table.ts'

/**
 * Carries changes out on one connection, in the schema with this name. Gives how many rows a change touched; throws when a
 * constraint says no. The kernel's writer and a replay use the same function, so that both mean the same by a change.
 */
export const changesOn = (db: DatabaseSync, tables: Tables, schema = 'main'): ((change: Change) => number) => {
  // Changes of one form are many, forms are few: the statement is found by the form, and its text is written once.
  const known = new Map<string, StatementSync>()
  return (change) => {
    const [columns, keys] = columnsOf(change)
    const summed = change.do === 'add' ? Object.keys(change.by).length : 0
    const form = `${change.do} ${change.table} ${columns} ${keys} ${summed}`
    let statement = known.get(form)
    if (!statement) {
      if (!tables[change.table]) throw new RangeError(`there is no table '${change.table}'`)
      statement = db.prepare(sqlOf(change, `${schema}.${change.table}`, columns, keys))
      known.set(form, statement)
    }
    return Number(statement.run(...valuesOf(change)).changes)
  }
}

type Columns = readonly string[]

const columnsOf = (change: Change): [columns: Columns, keys: Columns] => {
  switch (change.do) {
    case 'insert':
    case 'put':
      return [Object.keys(change.row), []]
    case 'update':
      return [Object.keys(change.set), Object.keys(change.key)]
    case 'remove':
      return [[], Object.keys(change.key)]
    case 'add':
      return [Object.keys({ ...change.by, ...change.set }), Object.keys(change.key)]
  }
}

const valuesOf = (change: Change): Value[] => {
  switch (change.do) {
    case 'insert':
    case 'put':
      return Object.values(change.row)
    case 'update':
      return [...Object.values(change.set), ...Object.values(change.key)]
    case 'remove':
      return Object.values(change.key)
    case 'add':
      return Object.values({ ...change.key, ...change.by, ...change.set })
  }
}

const sqlOf = (change: Change, table: string, columns: Columns, keys: Columns): string => {
  switch (change.do) {
    case 'insert':
      return insertion('INSERT', table, columns)
    case 'put':
      return insertion('INSERT OR REPLACE', table, columns)
    case 'update':
      return `UPDATE ${table} SET ${columns.map(equals).join(', ')} WHERE ${keys.map(equals).join(' AND ')}`
    case 'add': {
      const [place = ''] = table.split('.').slice(-1)
      const sums = Object.keys(change.by).map((column) => `${column} = ${place}.${column} + excluded.${column}`)
      const sets = Object.keys(change.set).map((column) => `${column} = excluded.${column}`)
      return `${insertion('INSERT', table, [...keys, ...columns])} ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${[...sums, ...sets].join(', ')}`
    }
    case 'remove':
      return `DELETE FROM ${table} WHERE ${keys.map(equals).join(' AND ')}`
  }
}

const insertion = (verb: string, table: string, columns: Columns) =>
  `${verb} INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

const equals = (column: string) => `${column} = ?`
