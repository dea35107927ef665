import type { DatabaseSync } from 'node:sqlite'
import { Refused } from './create.ts'

/** `/api/sql`: one SELECT. A second statement is left out without a word, writes and a few tables are refused. */
export const answerSql = (db: DatabaseSync, sent: string): string => {
  const sql = sent.trim()
  if (sql === '') throw new Refused('Missing SQL statement')
  const first = firstOf(sql)
  if (
    /^\s*(UPDATE|DELETE|INSERT|REPLACE|DROP|CREATE|ALTER|PRAGMA|ATTACH|VACUUM)\b/i.test(first) ||
    /\bWITH\s+(?:RECURSIVE\s+)?(\w+)\b[^;]*?\(.*\bFROM\s+\1\b.*\)/is.test(first)
  )
    throw new Refused('Erreur dans la requête : not authorized')
  const [, table] = /\b(?:FROM|JOIN)\s+(api_credentials|config|logs)\b/i.exec(first) ?? []
  if (table) throw new Refused(`Erreur dans la requête : access to ${table}.${columnOf(first)} is prohibited`)
  const rows = run(db, first)
  const body = rows.map((row) => `        ${view(row)}`).join(',\n')
  return `{\n    "count": ${/--|;\s*\S/.test(sql) ? 0 : rows.length},\n    "results":\n    [\n${body}\n    ]\n}`
}

const run = (db: DatabaseSync, sql: string): Record<string, unknown>[] => {
  try {
    return db.prepare(sql).all()
  } catch (error) {
    throw new Refused(`Erreur dans la requête : ${(error as Error).message}`)
  }
}

const firstOf = (sql: string): string => sql.split(/;(?=(?:[^']*'[^']*')*[^']*$)/)[0] ?? ''

/** The first column that is read, of a star the first of the table. */
const columnOf = (sql: string): string =>
  /SELECT\s+(?:\w+\.)?(\w+)/i.exec(sql)?.[1] ?? (/\bconfig\b/.test(sql) ? 'key' : 'id')

/** A text in another encoding comes out as nothing at all: what stands around it is no JSON any more. */
const view = (row: Record<string, unknown>): string =>
  Object.values(row).some((value) => value instanceof Uint8Array)
    ? ''
    : JSON.stringify(row).replace(/[\u007f-\uffff]/g, escaped)

const escaped = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
